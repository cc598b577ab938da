"""Texts as sets of words in arrays: what is needed to compare very many of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from src.analysis.hashing import stirred
from src.analysis.similarity import decides
from src.analysis.words import number_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Codes = NDArray[np.uint64]

# Sketches of 256 bits tell texts of up to a few hundred words apart, longer ones need more.
_SHORT_TEXT, _SHORT_SKETCH, _LONG_SKETCH = 120, 4, 16
_TEXTS_AT_A_TIME = 1 << 15


@dataclass(frozen=True, slots=True)
class WordSets:
    """Different sets of words, rarest word first: set i has words[starts[i] : starts[i + 1]].

    `decisive` is a code of a set's numbers and negations. `sketch` has a row of bits for each set; two sets differ in
    at least as many words as their rows differ in bits.
    """

    words: Numbers
    starts: Numbers
    decisive: Codes
    sketch: Codes

    @property
    def sizes(self) -> Numbers:
        return self.starts[1:] - self.starts[:-1]

    def words_of(self, number: int) -> frozenset[int]:
        return frozenset(self.words[self.starts[number] : self.starts[number + 1]].tolist())


def make_word_sets(texts: Iterable[str]) -> tuple[WordSets, Numbers]:
    """The different sets of words among the texts, and for each text the number of its set."""
    import numpy as np

    numbered = number_words(texts)
    count = len(numbered.starts) - 1
    code = stirred(np.arange(len(numbered.vocabulary), dtype=np.uint64))
    decisive = np.fromiter(map(decides, numbered.vocabulary), bool, len(code))
    text, word = numbered.distinct()
    sums = _sums(code[word], np.searchsorted(text, np.arange(count + 1)))
    _, first, same = np.unique(sums, return_index=True, return_inverse=True)
    number = np.full(count, -1, np.int64)
    number[first] = np.arange(len(first))
    kept = number[text] >= 0
    text, word = number[text[kept]], word[kept]
    rank = _from_rare_to_common(np.bincount(word, minlength=len(code)), decisive)
    text, ranked = np.divmod(np.sort(text << 32 | rank[word]), 1 << 32)
    starts = np.searchsorted(text, np.arange(len(first) + 1))
    decides_by_rank = np.zeros(len(code), np.uint64)
    decides_by_rank[rank] = np.where(decisive, code, np.uint64(0))
    return WordSets(ranked, starts, _sums(decides_by_rank[ranked], starts), _sketch(ranked, starts)), same.ravel()


def _from_rare_to_common(frequency: Numbers, decisive: NDArray[np.bool_]) -> Numbers:
    """The place of each word. Numbers and negations must be equal anyway, so they come last: they find nothing."""
    import numpy as np

    rank = np.empty(len(frequency), np.int64)
    rank[np.lexsort((frequency, decisive))] = np.arange(len(frequency))
    return rank


def _sums(codes: Codes, starts: Numbers) -> Codes:
    """The sum of the codes of each set, stirred: equal sets have equal sums."""
    import numpy as np

    running = np.concatenate([np.zeros(1, np.uint64), np.cumsum(codes)])
    return stirred(running[starts[1:]] - running[starts[:-1]])


def _sketch(words: Numbers, starts: Numbers) -> Codes:
    """Bits of each set: bit number n says whether an odd number of its words have the number n."""
    import numpy as np

    count = len(starts) - 1
    columns = _SHORT_SKETCH if len(words) <= _SHORT_TEXT * count else _LONG_SKETCH
    sketch = np.zeros((count, columns), np.uint64)
    for first in range(0, count, _TEXTS_AT_A_TIME):
        bounds = starts[first : first + _TEXTS_AT_A_TIME + 1]
        code = stirred(words[bounds[0] : bounds[-1]].astype(np.uint64))
        column, bit = code % np.uint64(columns), np.uint64(1) << (code >> np.uint64(58))
        for number in range(columns):
            running = np.zeros(len(code) + 1, np.uint64)
            np.bitwise_xor.accumulate(np.where(column == number, bit, np.uint64(0)), out=running[1:])
            at_bounds = running[bounds - bounds[0]]
            sketch[first : first + len(bounds) - 1, number] = at_bounds[1:] ^ at_bounds[:-1]
    return sketch
