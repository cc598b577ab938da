"""The shingle sets of very many texts, and the exact similarity of pairs of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from src.dataset.duplicates.near.shingles import SHINGLE_BITS, TEXTS_AT_A_TIME, Shingles, shingle_texts
from src.dataset.spools.spool import IN_MEMORY, Spool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Codes = NDArray[np.uint64]

# So many shingles are looked at together.
BLOCK = 1 << 19


class ShingleSets:
    """Set i belongs to the i-th text that was added. Use it with close() at the end.

    Held in memory are 20 bytes a text and at most `in_memory` shingles; more of them lie in a temporary file.
    """

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self._values = Spool(in_memory)
        self._sizes: list[NDArray[np.int32]] = []
        self._numbers: list[Codes] = []
        self._starts: Numbers | None = None

    def add(self, texts: Sequence[str]) -> None:
        """At most TEXTS_AT_A_TIME texts."""
        self.take(shingle_texts(texts))

    def take(self, made: Shingles) -> None:
        """Add the sets of texts whose shingles were made elsewhere."""
        import numpy as np

        self._values.add(made.values)
        self._sizes.append(made.counts.astype(np.int32))
        self._numbers.append(made.numbers)
        self._starts = None

    def close(self) -> None:
        self._values.close()

    @property
    def total(self) -> int:
        """How many shingles all sets have together."""
        return len(self._values)

    @property
    def sizes(self) -> NDArray[np.int32]:
        import numpy as np

        if len(self._sizes) != 1:
            self._sizes = [np.concatenate([np.empty(0, np.int32), *self._sizes])]
        return self._sizes[0]

    @property
    def numbers(self) -> Codes:
        """A code of each text's numbers and negations."""
        import numpy as np

        if len(self._numbers) != 1:
            self._numbers = [np.concatenate([np.empty(0, np.uint64), *self._numbers])]
        return self._numbers[0]

    @property
    def starts(self) -> Numbers:
        """Where each set starts among all shingles; one more for the end."""
        import numpy as np

        if self._starts is None:
            self._starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(self.sizes, dtype=np.int64)])
        return self._starts

    def blocks(self) -> Iterator[tuple[int, int, Codes]]:
        """All sets in order, at most TEXTS_AT_A_TIME together: the first, the one after the last, their shingles."""
        first = 0
        while first < len(self.sizes):
            fit = int(self.starts.searchsorted(self.starts[first] + BLOCK, "right")) - 1
            end = min(max(first + 1, fit), first + TEXTS_AT_A_TIME, len(self.sizes))
            yield first, end, self._values.read(int(self.starts[first]), int(self.starts[end]))
            first = end

    def shingles_of(self, sets: Numbers) -> Codes:
        """The shingles of these sets, one set after the other."""
        import numpy as np

        return self._values.gather(self.starts[sets], self.sizes[sets].astype(np.int64))

    def common(self, one: Numbers, other: Numbers) -> Numbers:
        """How many shingles the sets of each pair share."""
        import numpy as np

        sizes = self.sizes
        both = np.cumsum(sizes[one] + sizes[other], dtype=np.int64)
        counts = np.zeros(len(one), np.int64)
        first = 0
        while first < len(one):
            reach = int(both.searchsorted((both[first - 1] if first else 0) + BLOCK, "right"))
            end = min(max(first + 1, reach), first + TEXTS_AT_A_TIME, len(one))
            counts[first:end] = self._common(one[first:end], other[first:end])
            first = end
        return counts

    def _common(self, one: Numbers, other: Numbers) -> Numbers:
        import numpy as np

        pair = np.arange(len(one))
        owner = np.concatenate([np.repeat(pair, self.sizes[one]), np.repeat(pair, self.sizes[other])])
        both = owner.astype(np.uint64) << np.uint64(SHINGLE_BITS)
        both |= np.concatenate([self.shingles_of(one), self.shingles_of(other)])
        both.sort()
        twice = both[1:][both[1:] == both[:-1]] >> np.uint64(SHINGLE_BITS)
        return np.bincount(twice.astype(np.int64), minlength=len(one))


def needed_in_common(threshold: Fraction, one: Numbers, other: Numbers) -> Numbers:
    """How many shingles sets of these sizes must share to be as similar as the threshold."""
    both = one + other
    return -(-both * threshold.numerator // (threshold.numerator + threshold.denominator))
