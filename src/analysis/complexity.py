"""How hard a text or conversation is to read: low, medium or high.

The measure is LIX (C. H. Bjoernsson, "Laesbarhet", 1968; J. Anderson, Journal of Reading 26, 1983): words a sentence
plus the percentage of words of more than six letters. It needs no word lists and was found to hold for many languages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from src.analysis.words import UNSPACED

Level = Literal["low", "medium", "high"]
LEVELS: tuple[Level, ...] = ("low", "medium", "high")
# Bjoernsson: below 30 children's books, 40 fiction, 50 factual prose, 60 technical prose, above that bureaucratic.
MEDIUM_FROM, HIGH_FROM = 35.0, 50.0
# From so many turns on a conversation is a level harder than its sentences.
MANY_TURNS = 7
# Texts are compared by their first words, so that length alone makes no one diverse (type-token ratio falls with it).
_DIVERSITY_WORDS = 100
_LONG_WORD = 6
_ENOUGH_WORDS = 30
# Chinese, Japanese and Thai do not divide words: a word has about two characters there, and none is long.
_CHARACTERS_A_WORD = 2
_MOST_CHARACTERS = 50_000

# Vowel signs and marks of Indic, Arabic and other scripts stand inside words.
_WORD = re.compile(r"[^\W\d_](?:[\w\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0dff'’]|-(?=\w))*")
_SENTENCE_END = re.compile(r"[.!?…:;](?=\s|$)|[。！？．؟۔।॥]|\n+")


@dataclass(frozen=True, slots=True)
class Complexity:
    """`lix` is the sum named above, `diversity` the share of different words among the first hundred.

    `level` is medium from a LIX of 35 on and high from 50; a conversation of seven and more turns is a level higher.
    """

    lix: float
    diversity: float
    turns: int
    level: Level


def complexity_of(turns: Sequence[str]) -> Complexity:
    """The complexity of a conversation's turns, or of one text alone. Texts without words are low."""
    text = "\n".join(turns)[:_MOST_CHARACTERS]
    words, long_words, first = _count_words(text)
    sentences = sum(1 for part in _SENTENCE_END.split(text) if _WORD.search(part))
    lix = round(words / sentences + 100 * long_words / words, 1) if words and sentences else 0.0
    # A percentage of a handful of words says little: for the level long words count as if there were thirty.
    weighed = lix - 100 * long_words / max(words, 1) + 100 * long_words / max(words, _ENOUGH_WORDS)
    level = (weighed >= MEDIUM_FROM) + (weighed >= HIGH_FROM) + (len(turns) >= MANY_TURNS)
    diversity = round(len(set(first)) / len(first), 3) if first else 0.0
    return Complexity(lix, diversity, len(turns), LEVELS[min(level, 2)])


def _count_words(text: str) -> tuple[float, int, list[str]]:
    """The words, those of more than six letters, and the first hundred."""
    unspaced = "".join(UNSPACED.findall(text))
    words = [word.casefold() for word in _WORD.findall(UNSPACED.sub(" ", text) if unspaced else text)]
    pairs = [unspaced[at : at + 2] for at in range(0, len(unspaced), _CHARACTERS_A_WORD)]
    long_words = sum(len(word) > _LONG_WORD for word in words)
    return len(words) + len(pairs), long_words, [*words, *pairs][:_DIVERSITY_WORDS]
