"""The words of a text that carry its content, so that texts can be asked what they have in common."""

from __future__ import annotations

import re
from functools import lru_cache

from src.analysis.stopwords import STOPWORDS
from src.analysis.words import words_of

_STEM, _ROOT = 5, 4
_LEAST = 3
# Short words of other languages are common English ones ("die", "son"), so only English stopwords count below this.
_FOREIGN = frozenset(word for words in STOPWORDS.values() for word in words if len(word) > _LEAST)
_NUMBER = re.compile(r"\d+(?:[.,:/'\u00a0]\d+)*")
_SEPARATORS = str.maketrans("", "", ",.'\u00a0")
_SPELLED = {
    word: str(number)
    for number, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
            "thirteen",
         "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty")
    )
} | {
    "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90",
    "hundred": "100", "thousand": "1000", "million": "1000000", "billion": "1000000000", "dozen": "12", "half": "2",
    "once": "1", "twice": "2", "third": "3", "quarter": "4", "double": "2", "triple": "3", "fortnight": "14",
}  # fmt: skip


def content_words(text: str) -> set[str]:
    """The first letters of the words that are no stopwords: "return" and "returning" are one."""
    stems = set(map(_stem, words_of(text)))
    stems.discard("")
    return stems


def roots(text: str) -> set[str]:
    """The same with still fewer letters: "fold" and "folding" are one, but so are "computer" and "compost"."""
    return {word[:_ROOT] for word in content_words(text)}


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    short = word.isascii() and len(word) < _LEAST
    if short or word in STOPWORDS["en"] or word in _FOREIGN or word.isdigit():
        return ""
    return word[:_STEM]


def numbers_in(text: str) -> set[str]:
    """The numbers of a text without separators, those of lists left out: "1,200.50" is 120050; words count, too."""
    found = {number.translate(_SEPARATORS) for number in _NUMBER.findall(_without_list_numbers(text))}
    return found | {_SPELLED[word] for word in re.findall(r"[a-z]+", text.lower()) if word in _SPELLED}


def written_numbers(text: str) -> dict[str, str]:
    """The numbers without those that are written as words: how they stand there, by themselves without separators."""
    return {number.translate(_SEPARATORS): number for number in _NUMBER.findall(_without_list_numbers(text))}


def parts_of_numbers(text: str) -> set[str]:
    """The numbers of a text, and each run of digits in them: of "2024-03-05" and "3.5" the parts, too."""
    return numbers_in(text) | {part.lstrip("0") or "0" for part in re.findall(r"\d+", text)}


def _without_list_numbers(text: str) -> str:
    return re.sub(r"(?m)^\s{0,8}\d{1,3}[.)](?=\s)", " ", text) if "\n" in text or text[:1].isdigit() else text
