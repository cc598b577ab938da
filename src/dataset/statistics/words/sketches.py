"""How many different things, and which most often, in memory that does not grow with how many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_KEPT_HASHES = 1 << 16
_KEPT_WORDS = 1 << 16


class DistinctCount:
    """Counts different hashes of 64 bits: exactly up to 65,536, above that with a standard error of 0.4 %.

    It keeps the smallest ones; how closely they lie tells how many there are (K. Beyer and others, "On synopses for
    distinct-value estimation under multiset operations", SIGMOD 2007: error 1/sqrt(k - 2)).
    """

    def __init__(self, kept: int = _KEPT_HASHES) -> None:
        self._kept = kept
        self._hashes: NDArray[np.uint64] | None = None
        self._limit = (1 << 64) - 1
        self._new: list[NDArray[np.uint64]] = []
        self._waiting = 0

    def add(self, hashes: NDArray[np.uint64]) -> None:
        """Count these, which must look drawn by chance."""
        import numpy as np

        few = hashes[hashes < np.uint64(self._limit)]
        self._new.append(few)
        self._waiting += len(few)
        if self._waiting > 2 * self._kept:
            self._merge()

    def count(self) -> int:
        self._merge()
        found = 0 if self._hashes is None else len(self._hashes)
        return found if self.is_exact else round((self._kept - 1) / (self._limit / 2**64))

    @property
    def is_exact(self) -> bool:
        """Whether all were kept so far."""
        return self._limit == (1 << 64) - 1

    @property
    def error(self) -> float:
        """The relative standard error of count()."""
        return 0.0 if self.is_exact else round((self._kept - 2) ** -0.5, 4)

    def _merge(self) -> None:
        import numpy as np

        parts = self._new if self._hashes is None else [self._hashes, *self._new]
        self._new, self._waiting = [], 0
        if not parts:
            return
        ordered = np.sort(np.concatenate(parts))
        # Not np.unique: from numpy 2.3 on it hashes whole numbers, which takes longer here.
        different = ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]
        if len(different) > self._kept:
            different = different[: self._kept].copy()
            self._limit = int(different[-1])
        self._hashes = different


class FrequentWords:
    """Counts words, and forgets rare ones when there are too many different ones.

    A count is never too high, and too low by at most `short_by` (J. Misra and D. Gries, "Finding repeated elements",
    1982; batches as in P. Agarwal and others, "Mergeable summaries", PODS 2012).
    """

    def __init__(self, kept: int = _KEPT_WORDS) -> None:
        self._kept = kept
        self._counts: dict[int, int] = {}
        self._words: dict[int, str] = {}
        self.short_by = 0

    def add(self, hashes: Sequence[int], counts: Sequence[int], word: Callable[[int], str]) -> None:
        """Count words by their hashes; `word` gives the word of the n-th."""
        known = self._counts
        for place, (key, count) in enumerate(zip(hashes, counts, strict=True)):
            if key in known:
                known[key] += count
            else:
                known[key] = count
                self._words[key] = word(place)
        if len(known) > 2 * self._kept:
            self._forget()

    def by_word(self) -> Counter[str]:
        return Counter({self._words[key]: count for key, count in self._counts.items()})

    def _forget(self) -> None:
        """Take from every count as much as the largest one has that does not fit."""
        less = sorted(self._counts.values(), reverse=True)[self._kept]
        self._counts = {key: count - less for key, count in self._counts.items() if count > less}
        self._words = {key: self._words[key] for key in self._counts}
        self.short_by += less
