"""How far an answer stands in the passage it was made from: by words, with numbers, dates and names on their own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from src.analysis.words import words_of
from src.dataset.quality.measuring.words import content_words, parts_of_numbers, written_numbers

# Words of a stretch of the passage; a whole book has the words of any answer.
_WINDOW = 400
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH = re.compile(
    r"\b(" + "|".join(_MONTHS) + r")\b(?= \d|,? \d{4})|(?<=\d )(" + "|".join(_MONTHS) + r")\b", re.IGNORECASE
)
# Two words with a capital in a row, or one that does not begin a sentence.
_NAME = re.compile(r"(?<![.!?:;\"“(\n\-•*] )(?<!^)(?<![\n\"“(])\b[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]{2,}\b")
_MOST_CAPITALS = 0.25
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EVERYDAY = frozenset((*_MONTHS, *_DAYS, "english", "internet", "yes"))


@dataclass(frozen=True, slots=True)
class Support:
    """`score` from 0 to 1: half the answer's pairs of words, half its content words that stand in the passage.

    `figures` and `names` of the answer stand neither in the passage nor in the question.
    """

    score: float
    pairs: float
    content: float
    figures: tuple[str, ...]
    names: tuple[str, ...]


def support_of(answer: str, passage: str, question: str = "") -> Support:
    """What of an answer stands in its passage; the best stretch of 400 words counts. Without words the score is 1."""
    words = words_of(answer)
    pairs, content = set(pairwise(words)), content_words(answer)
    shares = [(_share(pairs, have), _share(content, stems)) for have, stems in _stretches(passage)]
    best = max(shares, key=sum, default=(0.0, 0.0))
    known = _numbers_of(passage) | parts_of_numbers(question)
    return Support(
        round(sum(best) / 2, 4),
        round(best[0], 4),
        round(best[1], 4),
        _new_figures(answer, passage, known),
        _new_names(answer, passage, question),
    )


@lru_cache(maxsize=64)
def _stretches(passage: str) -> Sequence[tuple[frozenset[tuple[str, str]], frozenset[str]]]:
    """The pairs of words and content words of each stretch; neighbours overlap by half. Many samples share a "
    "passage."""
    words = words_of(passage)
    starts = range(0, max(1, len(words) - _WINDOW // 2), _WINDOW // 2) if len(words) > _WINDOW else (0,)
    found = []
    for start in starts:
        part = words[start : start + _WINDOW]
        found.append((frozenset(pairwise(part)), frozenset(content_words(" ".join(part)))))
    return found


@lru_cache(maxsize=64)
def _numbers_of(passage: str) -> frozenset[str]:
    return frozenset(parts_of_numbers(passage))


def _share(parts: set[tuple[str, str]] | set[str], have: Iterable[object]) -> float:
    return len(parts & have) / len(parts) if parts else 1.0  # type: ignore[operator]


def _new_figures(answer: str, passage: str, known: frozenset[str] | set[str]) -> tuple[str, ...]:
    numbers = written_numbers(answer).items()
    new = [written for number, written in numbers if number not in known and number.lstrip("0") not in known]
    text, lower = passage.casefold(), answer.casefold()
    for match in _MONTH.finditer(answer) if any(map(lower.__contains__, _MONTHS)) else ():
        month = match.group().casefold()
        number = str(_MONTHS.index(month) + 1)
        if month not in text and month[:3] not in text and number not in known:
            new.append(match.group())
    return tuple(dict.fromkeys(new))


def _new_names(answer: str, passage: str, question: str) -> tuple[str, ...]:
    found = [match.group() for match in _NAME.finditer(answer)]
    if not found or len(found) > max(2.0, _MOST_CAPITALS * len(answer.split())):
        return ()
    text = f"{passage} {question}".casefold()
    new = [name for name in found if name.casefold() not in text and name.casefold() not in _EVERYDAY]
    # "Romans" where the passage says "Roman".
    return tuple(dict.fromkeys(name for name in new if name.casefold()[: max(4, len(name) - 2)] not in text))
