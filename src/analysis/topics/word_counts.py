"""In how many texts each word stands, for vocabularies of any size: 12 bytes a word."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.uint64]

_AT_A_TIME = 1 << 20


class WordCounts:
    """Counts of words, known by 64-bit hashes: two words share one with a probability of 2^-64."""

    def __init__(self, at_a_time: int = _AT_A_TIME) -> None:
        import numpy as np

        self._at_a_time = at_a_time
        self._waiting = array("Q")
        self._codes: Codes = np.empty(0, np.uint64)
        self._counts: NDArray[np.uint32] = np.empty(0, np.uint32)

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
        if not len(self._codes):
            return [0] * len(words)
        codes = np.fromiter(map(xxh3_64_intdigest, _encoded(words)), np.uint64, len(words))
        places = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        found: list[int] = np.where(self._codes[places] == codes, self._counts[places], 0).tolist()
        return found

    def _merge(self) -> None:
        import numpy as np

        fresh, counts = np.unique(np.frombuffer(self._waiting, np.uint64), return_counts=True)
        self._waiting = array("Q")
        codes = np.concatenate([self._codes, fresh])
        # Two sorted runs: a stable sort merges them.
        order = np.argsort(codes, kind="stable")
        codes = codes[order]
        starts = np.flatnonzero(np.append(True, codes[1:] != codes[:-1]))
        both = np.concatenate([self._counts, counts.astype(np.uint32)])[order]
        self._codes, self._counts = codes[starts], np.add.reduceat(both, starts)


def _encoded(words: Iterable[str]) -> Iterator[bytes]:
    return (word.encode("utf-8", "surrogatepass") for word in words)
