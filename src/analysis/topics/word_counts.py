"""In how many texts each word stands, for vocabularies of any size: 12 bytes a word."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.uint64]
    Counts = NDArray[np.uint32]

_AT_A_TIME = 1 << 19
# Merging copies what is merged: one part of the codes after the other, lest the copies be larger than all counts.
_PARTS = 16


class WordCounts:
    """Counts of words, known by 64-bit hashes: two words share one with a probability of 2^-64."""

    def __init__(self, at_a_time: int = _AT_A_TIME) -> None:
        import numpy as np

        self._at_a_time = at_a_time
        self._waiting = array("Q")
        self._bounds = np.arange(1, _PARTS, dtype=np.uint64) * np.uint64((1 << 64) // _PARTS)
        self._parts = [(np.empty(0, np.uint64), np.empty(0, np.uint32)) for _ in range(_PARTS)]

    def add(self, words: Iterable[str]) -> None:
        """Count each of the words once more."""
        from xxhash import xxh3_64_intdigest

        self._waiting.extend(map(xxh3_64_intdigest, _encoded(words)))
        if len(self._waiting) >= self._at_a_time:
            self._merge()

    def of(self, words: Sequence[str]) -> list[int]:
        """How often each of the words was added."""
        import numpy as np
        from xxhash import xxh3_64_intdigest

        if self._waiting:
            self._merge()
        wanted = np.fromiter(map(xxh3_64_intdigest, _encoded(words)), np.uint64, len(words))
        found = np.zeros(len(words), np.uint32)
        which = np.searchsorted(self._bounds, wanted, "right")
        for part in np.unique(which).tolist():
            codes, counts = self._parts[part]
            if len(codes):
                own = np.flatnonzero(which == part)
                places = np.minimum(np.searchsorted(codes, wanted[own]), len(codes) - 1)
                found[own] = np.where(codes[places] == wanted[own], counts[places], 0)
        counted: list[int] = found.tolist()
        return counted

    def _merge(self) -> None:
        import numpy as np

        waiting = np.frombuffer(self._waiting, np.uint64).copy()
        self._waiting = array("Q")
        waiting.sort()
        ends = [0, *np.searchsorted(waiting, self._bounds).tolist(), len(waiting)]
        for part, (start, end) in enumerate(pairwise(ends)):
            if start < end:
                self._parts[part] = _merged(*self._parts[part], waiting[start:end])


def _merged(codes: Codes, counts: Counts, fresh: Codes) -> tuple[Codes, Counts]:
    """The counts with one more for each of the fresh codes, which are sorted as the others are."""
    import numpy as np

    both = np.concatenate([codes, fresh])
    # Two sorted runs: a stable sort merges them.
    order = np.argsort(both, kind="stable")
    both = both[order]
    starts = np.flatnonzero(np.append(True, both[1:] != both[:-1]))
    numbers = np.concatenate([counts, np.ones(len(fresh), np.uint32)])[order]
    return both[starts], np.add.reduceat(numbers, starts)


def _encoded(words: Iterable[str]) -> Iterator[bytes]:
    return (word.encode("utf-8", "surrogatepass") for word in words)
