"""Topic keywords of texts: the words frequent in a text and rare in the others (TF-IDF)."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import chain, islice

from src.analysis.stopwords import STOPWORDS
from src.analysis.topics.word_counts import WordCounts

_ADDRESS = re.compile(r"https?://\S+|\S+@\S+")
# Vowel signs of Indic and Thai script are no \w to `re`, yet they stand inside words.
_LETTER = r"[\w\u0300-\u036f\u0900-\u0963\u0971-\u0dff\u0e31-\u0e4e]"
_WORD = re.compile(rf"{_LETTER}+(?:-{_LETTER}+)*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_AT_ONCE = 256  # texts
_MIN_LENGTH = 3
# Longer runs of letters are keys, hashes and encoded data.
_MAX_LENGTH = 40


def keywords_for(texts: Collection[str], per_text: int = 3) -> Iterator[tuple[str, ...]]:
    """Up to `per_text` lower-case keywords for each text, best first; () for a text without words.

    The texts are weighed against each other, so pass those of one dataset together; one text alone gives its
    most frequent words. Numbers, addresses and the stopwords of the text's language are left out. Among equal
    scores the word that comes first in the text wins, so the same texts give the same keywords. The texts are gone
    through twice and not held; how many of them each word stands in is.
    """
    texts_with = WordCounts()
    for text in texts:
        texts_with.add(set(topic_words(text)))
    counted = (Counter(topic_words(text)) for text in texts)
    while batch := list(islice(counted, _AT_ONCE)):
        found = iter(texts_with.of(list(chain.from_iterable(batch))))
        for words in batch:
            yield _best(words, found, len(texts), per_text)


def _best(words: Counter[str], texts_with: Iterator[int], texts: int, limit: int) -> tuple[str, ...]:
    """The best of the words; the next of `texts_with` are theirs."""
    # A Counter keeps the order of first occurrence and sorted() keeps it among equals.
    known = zip(words.items(), texts_with, strict=False)
    scores = {word: -number * (math.log((1 + texts) / (1 + found)) + 1) for (word, number), found in known}
    return tuple(sorted(scores, key=scores.__getitem__)[:limit])


def topic_words(text: str) -> list[str]:
    """The words of a text that can be a topic, in order, in small letters."""
    words = list(_words(text))
    english, own = STOPWORDS["en"], STOPWORDS[_language_of(words)]
    return [word for word in words if word not in english and word not in own and _is_topic(word)]


def _words(text: str) -> Iterator[str]:
    plain = unicodedata.normalize("NFC", _ADDRESS.sub(" ", text)).lower()
    if plain.isascii():
        yield from [word.strip("_") for word in _WORD.findall(plain)]
        return
    for match in _WORD.finditer(plain):
        word = match.group().strip("_")
        if _UNSPACED.match(word):
            # Chinese and Japanese put no spaces between words; pairs of characters stand in for them.
            yield from (word[start : start + 2] for start in range(max(1, len(word) - 1)))
        else:
            yield word


def _language_of(words: list[str]) -> str:
    """The language whose stopwords are most frequent; English among equals."""
    found = Counter(words)

    def frequency(language: str) -> int:
        common = STOPWORDS[language]
        return sum([number for word, number in found.items() if word in common])

    return max(STOPWORDS, key=frequency)


def _is_topic(word: str) -> bool:
    shortest = _MIN_LENGTH if word.isascii() or not _UNSPACED.match(word) else 2
    return shortest <= len(word) <= _MAX_LENGTH and not word[0].isdigit()
