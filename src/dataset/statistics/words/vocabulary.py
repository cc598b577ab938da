"""The words of a dataset: how many, how varied, and which most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from src.analysis.hashing import stirred
from src.analysis.stopwords import STOPWORDS
from src.analysis.words import UNSPACED
from src.dataset.statistics.results import NotComputed, Vocabulary
from src.dataset.statistics.words.numbered import number_words
from src.dataset.statistics.words.sketches import DistinctCount, FrequentWords

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WINDOW = 1_000
_TOP = 30
_AT_ONCE = 1 << 19  # characters: a few megabytes while they are counted
# So many of a language's own function words, and this share of all words, stand in texts that are written in it.
_OWN_WORDS, _SPOKEN = 5, 0.05


class VocabularyTally:
    """Counts the words of texts that come one after the other. Pairs and triples do not reach from text to text."""

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._characters = 0
        self._sets_of = [0, 0, 0]  # words, pairs, triples
        self._distinct = [DistinctCount() for _ in range(3)]
        self._frequent = FrequentWords()
        self._rest: NDArray[np.uint64] | None = None
        self._windows = 0
        self._different = 0

    def add(self, text: str) -> None:
        if text and not text.isspace():
            self._waiting.append(text)
            self._characters += len(text)
            if self._characters > _AT_ONCE:
                self._count()

    def vocabulary(self) -> Vocabulary | NotComputed:
        self._count()
        if not self._sets_of[0]:
            return NotComputed("the samples have no words")
        counts = [min(distinct.count(), size) for distinct, size in zip(self._distinct, self._sets_of, strict=True)]
        shares = [round(n / max(1, size), 6) for n, size in zip(counts, self._sets_of, strict=True)]
        return Vocabulary(
            words=self._sets_of[0],
            distinct_words=counts[0],
            distinct_1=shares[0],
            distinct_2=shares[1],
            distinct_3=shares[2],
            error=max(distinct.error for distinct in self._distinct),
            window=WINDOW,
            type_token_ratio=round(self._different / (self._windows * WINDOW), 4) if self._windows else None,
            top_words=tuple(_top_words(self._frequent.by_word())),
            top_words_short_by=self._frequent.short_by,
        )

    def _count(self) -> None:
        import numpy as np

        if not self._waiting:
            return
        words = number_words(self._waiting)
        self._waiting, self._characters = [], 0
        places, counts = words.different()
        different = words.hashes[places]
        self._distinct[0].add(different)
        self._frequent.add(different.tolist(), counts.tolist(), lambda number: words.word(places[number]))
        self._sets_of[0] += len(words.hashes)
        self._count_sequences(words.hashes, np.repeat(np.arange(len(words.in_text), dtype=np.int32), words.in_text))
        self._count_windows(words.hashes)

    def _count_sequences(self, words: NDArray[np.uint64], text_of: NDArray[np.int32]) -> None:
        """Pairs and triples of neighbours in one text."""
        import numpy as np

        longer = words
        for size in (2, 3):
            # Multiplied before the next word is added, so that the order counts.
            longer = stirred(longer[:-1] * np.uint64(0x9E3779B97F4A7C15) + words[size - 1 :])
            inside = longer[text_of[: 1 - size] == text_of[size - 1 :]]
            self._sets_of[size - 1] += len(inside)
            self._distinct[size - 1].add(inside)

    def _count_windows(self, words: NDArray[np.uint64]) -> None:
        """Different words in each WINDOW words of the texts as they follow each other."""
        import numpy as np

        row = words if self._rest is None else np.concatenate([self._rest, words])
        whole = len(row) // WINDOW
        self._rest = row[whole * WINDOW :].copy()
        windows = np.sort(row[: whole * WINDOW].reshape(whole, WINDOW), axis=1)
        self._windows += whole
        self._different += whole + int((windows[:, 1:] != windows[:, :-1]).sum())


def _top_words(counts: Counter[str]) -> Iterable[tuple[str, int]]:
    """The most frequent words that could be a topic, among equals in the order of the alphabet."""
    common = _common_words(counts)
    ordered = sorted(((-count, word) for word, count in counts.items() if _is_topic(word) and word not in common))
    return [(word, -less) for less, word in ordered[:_TOP]]


def _common_words(counts: Counter[str]) -> frozenset[str]:
    """The stopwords of English and of each language that the texts are written in."""
    english, total = STOPWORDS["en"], counts.total()
    spoken = []
    for words in STOPWORDS.values():
        own = [counts[word] for word in words - english if word in counts]
        if len(own) >= _OWN_WORDS and sum(own) > _SPOKEN * total:
            spoken.append(words)
    return english.union(*spoken)


def _is_topic(word: str) -> bool:
    shortest = 2 if UNSPACED.match(word) else 3
    return shortest <= len(word) <= 40 and word.isprintable() and not word[0].isdigit()
