"""In how many texts each word stands (TF-IDF's document frequency), and keywords by it, in bounded memory."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator

from src.analysis.topics.keywords import topic_words

# Above so many different words the rarest are forgotten. A forgotten word counts anew, so its count may be too low by
# as much as was the limit at that time: rare words stay rare (lossy counting, Manku and Motwani 2002).
MOST_WORDS = 400_000


class TermWeights:
    """Learn the texts of a dataset one after the other, then ask for the keywords of each."""

    def __init__(self, most_words: int = MOST_WORDS) -> None:
        self.texts = 0
        self.texts_with: Counter[str] = Counter()
        self._most = most_words
        self._least = 1

    def learn(self, text: str) -> Counter[str]:
        """Take up a text; its words that can be a topic, counted."""
        words = Counter(topic_words(text))
        self.texts += 1
        self.texts_with.update(words.keys())
        while len(self.texts_with) > self._most:
            self._least += 1
            self.texts_with = Counter({word: n for word, n in self.texts_with.items() if n >= self._least})
        return words

    def weight(self, word: str) -> float:
        """The inverse document frequency of a word, smoothed."""
        return math.log((1 + self.texts) / (1 + self.texts_with[word])) + 1

    def keywords(self, text: str, most: int = 3) -> tuple[str, ...]:
        """The words frequent in this text and rare in the others, best first; the first in the text among equals."""
        words = Counter(topic_words(text))
        return tuple(sorted(words, key=lambda word: -words[word] * self.weight(word))[:most])


def dataset_keywords(texts: Iterable[str], again: Iterable[str], most: int = 3) -> Iterator[tuple[str, ...]]:
    """The keywords of each text, weighed over all. The texts are gone through twice: once to learn, then as `again`."""
    weights = TermWeights()
    for text in texts:
        weights.learn(text)
    return (weights.keywords(text, most) for text in again)
