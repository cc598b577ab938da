"""Whether generated answers stand in their passage, and identified ones are their document's very text."""

from __future__ import annotations

from collections.abc import Sequence

from src.config.qa_settings import MetricName, ThresholdSettings
from src.dataset.quality.checks.support import support_of
from src.dataset.quality.measuring.check import Check, make_metric, not_computed
from src.dataset.quality.measuring.flag_book import FlagBook
from src.dataset.quality.measuring.view import View, place_of
from src.dataset.quality.report import Metric

# What a sample may be flagged for on its own; the mean is what warns and fails.
_LEAST_SUPPORT = 0.35
_NO_PASSAGE = "the documents' text is not at hand (read them again, or keep memory/extracted_text)."


class Grounding(Check):
    """Samples with method "created" against the passage they were made from."""

    names = ("groundedness", "new_figures", "new_names")

    def __init__(self, book: FlagBook, thresholds: ThresholdSettings) -> None:
        super().__init__(book, thresholds)
        self._created = self._looked_at = self._low = self._figures = self._names = 0
        self._sum = 0.0

    def look(self, view: View) -> None:
        if view.sample.origin.method != "created":
            return
        self._created += 1
        if view.passage is None:
            return
        for question, answer, number in view.exchanges:
            if answer.strip():
                self._judge(view, question, answer, f"message {number}")

    def _judge(self, view: View, question: str, answer: str, where: str) -> None:
        support = support_of(answer, view.passage or "", question)
        self._looked_at += 1
        self._sum += support.score
        if support.score < _LEAST_SUPPORT:
            self._low += 1
            shares = f"{support.pairs:.0%} of its pairs of words, {support.content:.0%} of its content words"
            note = f"support {support.score:.2f}: {shares}"
            self.book.flag(view.position, "groundedness", where, note, round(1 - support.score, 2))
        if support.figures:
            self._figures += 1
            self._flag(view, "new_figures", where, answer, support.figures)
        if support.names:
            self._names += 1
            # Names of people are personal data: the place says which one it is.
            self._flag(view, "new_names", where, answer, support.names, shown=2)

    def _flag(
        self, view: View, metric: MetricName, where: str, answer: str, new: Sequence[str], shown: int = 20
    ) -> None:
        told = ", ".join(part if len(part) <= shown else f"{part[:shown]}***" for part in new[:8])
        at = answer.find(new[0])
        place = place_of(where, at, at + len(new[0])) if at >= 0 else where
        self.book.flag(view.position, metric, place, f"not in the source: {told}", 0.8 if shown > 2 else 0.5)

    def finish(self) -> Sequence[Metric]:
        if not self._created:
            return [not_computed(name, "no sample was generated from a passage.") for name in self.names]
        if not self._looked_at:
            return [not_computed(name, _NO_PASSAGE) for name in self.names]
        missing = self._created - self._looked_at
        note = (
            f"{missing:,} of {self._created:,} generated samples could not be compared: {_NO_PASSAGE}"
            if missing > 0
            else ""
        )
        return [
            make_metric(
                "groundedness",
                self._sum / self._looked_at,
                self.limits("groundedness"),
                self._low,
                self._looked_at,
                note,
            ),
            self.share("new_figures", self._looked_at, flagged=self._figures, note=note),
            self.share("new_names", self._looked_at, flagged=self._names, note=note),
        ]


class Verbatim(Check):
    """Identified samples against the text at the places their origin records."""

    names = ("verbatim",)

    def __init__(self, book: FlagBook, thresholds: ThresholdSettings) -> None:
        super().__init__(book, thresholds)
        self._identified = self._looked_at = self._edited = 0

    def look(self, view: View) -> None:
        if view.sample.origin.method != "identified":
            return
        if view.sample.origin.edited_from:
            self._edited += 1
            return
        self._identified += 1
        if view.passage is None:
            return
        self._looked_at += 1
        number = _first_difference(view, view.passage)
        if number is not None:
            self.book.flag(
                view.position, "verbatim", f"message {number}", "it is not the text of the document there", 1.0
            )

    def finish(self) -> Sequence[Metric]:
        if not self._identified:
            return [not_computed("verbatim", "no sample was identified in a document.")]
        if not self._looked_at:
            return [not_computed("verbatim", _NO_PASSAGE)]
        missing = self._identified - self._looked_at
        note = f"{missing:,} of {self._identified:,} could not be compared: {_NO_PASSAGE}" if missing else ""
        if self._edited:
            note = f"{self._edited:,} were edited afterwards and are not looked at. {note}".rstrip()
        return [self.share("verbatim", self._looked_at, note=note)]


def _first_difference(view: View, passage: str) -> int | None:
    """The number of the first message that is not its pieces of the passage, which begins where the origin's span "
    "does."""
    origin = view.sample.origin
    if origin.span is None or len(origin.turn_spans) != len(view.turns):
        return next((number for number, message in view.turns if message.content not in passage), None)
    start = origin.span.start
    for (number, message), spans in zip(view.turns, origin.turn_spans, strict=True):
        if "\n".join(passage[max(0, s.start - start) : s.end - start] for s in spans) != message.content:
            return number
    return None
