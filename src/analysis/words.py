"""What counts as a word when texts are compared, and texts as arrays of numbered words."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORD = re.compile(r"\w+")
# Scripts that put no spaces between words: pairs of characters stand in for them.
UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)


def words_of(text: str) -> list[str]:
    """The words in order, without case, punctuation and ways of writing; the text itself when it has no word."""
    if text.isascii():
        return _WORD.findall(text.lower()) or [text.strip()]
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = _WORD.findall(plain)
    if UNSPACED.search(plain):
        words = [part for word in words for part in _parts(word)]
    return words or [plain.strip()]


def _parts(word: str) -> Iterable[str]:
    at = 0
    for run in UNSPACED.finditer(word):
        if run.start() > at:
            yield word[at : run.start()]
        text, at = run.group(), run.end()
        yield from (text[start : start + 2] for start in range(max(1, len(text) - 1)))
    if at < len(word):
        yield word[at:]


@dataclass(frozen=True, slots=True)
class NumberedWords:
    """The words of texts one after the other, as numbers: text i has words[starts[i] : starts[i + 1]].

    `vocabulary[number]` is the word.
    """

    words: NDArray[np.int64]
    starts: NDArray[np.int64]
    vocabulary: list[str]

    def distinct(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The number of the text and the word of each different word of each text, sorted by both."""
        import numpy as np

        texts = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        # Not np.unique: from numpy 2.3 on it hashes whole numbers, which takes twenty times as long here.
        both = np.sort(texts << 32 | self.words)
        return np.divmod(both[np.append(True, both[1:] != both[:-1])[: len(both)]], 1 << 32)


def number_words(texts: Iterable[str]) -> NumberedWords:
    """The words of each text; equal words have equal numbers, counted from 0 in order of appearance."""
    import numpy as np

    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    words: list[int] = []
    starts = [0]
    for text in texts:
        words += map(numbers.__getitem__, words_of(text))
        starts.append(len(words))
    return NumberedWords(np.array(words, np.int64), np.array(starts, np.int64), list(numbers))
