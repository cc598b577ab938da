"""Rows of bits that tell most dissimilar sets apart at a glance, and never a similar pair.

Bit n of a set says whether an odd number of its shingles have the number n, so two sets differ in at least as many
shingles as their rows differ in bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.dataset.duplicates.near.shingle_sets import ShingleSets

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Codes = NDArray[np.uint64]

_BITS = 64
# Rows of 256 to 1,024 bits: about twice as many as a set has shingles.
_FEWEST, _MOST = 4, 16
# 8 MB of the longest rows at most, so that they stay in the caches.
_ROWS_AT_A_TIME = 1 << 15


class Sketches:
    """A row for each set: 32 to 128 bytes a set."""

    def __init__(self, sets: ShingleSets) -> None:
        import numpy as np

        wanted = 2 * sets.total // (_BITS * max(1, len(sets.sizes)))
        columns = min(max(_FEWEST, 1 << wanted.bit_length()), _MOST)
        self._sizes = sets.sizes
        self._rows = np.zeros((len(sets.sizes), columns), np.uint64)
        for first, end, values in sets.blocks():
            owner = np.repeat(np.arange(end - first), sets.sizes[first:end])
            column = values & np.uint64(columns - 1)
            bit = np.uint64(1) << (values >> np.uint64(8) & np.uint64(_BITS - 1))
            for number in range(columns):
                here = np.flatnonzero(column == number)
                self._rows[first:end, number] = _parities(bit[here], owner[here], end - first)

    def may_share(self, one: Numbers, other: Numbers, needed: Numbers) -> NDArray[np.bool_]:
        """Whether the pairs may have so many shingles in common; those for which it is False have not."""
        import numpy as np

        differing = self._sizes[one].astype(np.int64) + self._sizes[other] - 2 * needed
        bits = np.empty(len(one), np.int64)
        for start in range(0, len(one), _ROWS_AT_A_TIME):
            part = slice(start, start + _ROWS_AT_A_TIME)
            rows = self._rows[one[part]]
            rows ^= self._rows[other[part]]
            bits[part] = np.bitwise_count(rows).sum(axis=1, dtype=np.int64)
        close: NDArray[np.bool_] = bits <= differing
        return close


def _parities(bits: Codes, owner: Numbers, count: int) -> Codes:
    """The bits of each owner, combined by exclusive or; the owners are sorted."""
    import numpy as np

    running = np.zeros(len(bits) + 1, np.uint64)
    np.bitwise_xor.accumulate(bits, out=running[1:])
    at_bounds = running[np.searchsorted(owner, np.arange(count + 1))]
    return at_bounds[1:] ^ at_bounds[:-1]
