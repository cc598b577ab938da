"""Abuse, crises and orders to language models in the samples; injected orders in the passages, too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from src.analysis.safety.injection import find_injection
from src.config.qa_settings import PiiSettings, ThresholdSettings
from src.dataset.quality.facts import Facts
from src.dataset.quality.measuring.check import Check
from src.dataset.quality.measuring.flag_book import FlagBook
from src.dataset.quality.measuring.view import View, place_of
from src.dataset.quality.report import Metric
from src.records import Role

_SEVERITY = {1: "profanity", 2: "abuse", 3: "slurs, hatred, threats"}


class Safety(Check):
    """`canaries` are strings that were planted in documents and must never come out."""

    names = ("toxicity", "crisis", "injection")

    def __init__(
        self, book: FlagBook, thresholds: ThresholdSettings, canaries: Iterable[str], facts: Facts | None = None
    ) -> None:
        super().__init__(book, thresholds)
        self._facts = facts or Facts(PiiSettings())
        self._canaries = [canary for canary in canaries if canary]
        self._samples = self._echoes = 0
        self._severities: Counter[str] = Counter()
        self._crises: Counter[str] = Counter()
        self._signs: Counter[str] = Counter()
        # Many samples share a passage; it is looked at once.
        self._passage: tuple[str, str] = ("", "")

    def look(self, view: View) -> None:
        self._samples += 1
        worst = 0
        for (where, text), message in zip(view.texts(), view.sample.messages, strict=True):
            worst = max(worst, self._look_for_abuse(view.position, where, text))
            for crisis in self._facts.find_crisis(text):
                self._crises[crisis.kind] += 1
                self.book.flag(view.position, "crisis", place_of(where, crisis.start, crisis.end), crisis.kind, 0.6)
            self._look_for_orders(view.position, where, text, message.role)
        if worst:
            self._severities[_SEVERITY[worst]] += 1
        if view.passage:
            self._look_at_passage(view.position, view.passage)

    def _look_for_abuse(self, position: int, where: str, text: str) -> int:
        matches = self._facts.find_toxicity(text)
        for match in matches:
            note = f"{match.kind}, severity {match.severity}: {_blurred(text[match.start : match.end])}"
            self.book.flag(
                position, "toxicity", place_of(where, match.start, match.end), note, 0.5 + 0.1 * match.severity
            )
        return max((match.severity for match in matches), default=0)

    def _look_for_orders(self, position: int, where: str, text: str, role: Role) -> None:
        for sign in self._facts.find_injection(text):
            # A system message gives orders by right; an answer's marks of templates are leftovers (checks/answers.py).
            if role == "system" or (role == "assistant" and sign.kind == "faked turn"):
                continue
            self._signs[sign.kind] += 1
            note = f"{sign.kind}: {ascii(text[sign.start : sign.end][:80])[1:-1]}"
            self.book.flag(position, "injection", place_of(where, sign.start, sign.end), note, sign.confidence)
        for canary in self._canaries:
            at = text.find(canary)
            if at >= 0:
                self._echoes += 1
                self.book.flag(
                    position, "injection", place_of(where, at, at + len(canary)), "a planted canary came out", 1.0
                )

    def _look_at_passage(self, position: int, passage: str) -> None:
        if self._passage[0] != passage:
            signs = find_injection(passage)
            told = "; ".join(f"{sign.kind}: {ascii(passage[sign.start : sign.end][:60])[1:-1]}" for sign in signs)
            self._passage = (passage, told)
        if self._passage[1]:
            self._signs["in the passage"] += 1
            self.book.flag(position, "injection", "the passage it was made from", self._passage[1], 0.6)

    def finish(self) -> Sequence[Metric]:
        injection = self.share("injection", self._samples, details=dict(self._signs))
        if self._echoes:
            injection = replace(injection, state="fail", note=f"a planted canary came out {self._echoes:,} times.")
        if self._canaries:
            injection = replace(injection, fail_when="a planted canary comes out")
        return [
            self.share("toxicity", self._samples, details=dict(self._severities)),
            self.share("crisis", self._samples, details=dict(self._crises)),
            injection,
        ]


def _blurred(text: str) -> str:
    """The words with their middle letters left out: enough to know them by."""
    return " ".join(word if len(word) < 4 else f"{word[0]}{'*' * (len(word) - 2)}{word[-1]}" for word in text.split())
