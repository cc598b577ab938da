"""Broken characters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from src.analysis.language.encoding_faults import find_encoding_faults
from src.config.qa_settings import ThresholdSettings
from src.dataset.quality.measuring.check import Check
from src.dataset.quality.measuring.flag_book import FlagBook
from src.dataset.quality.measuring.view import View, place_of
from src.dataset.quality.report import Metric


class Encoding(Check):
    names = ("encoding",)

    def __init__(self, book: FlagBook, thresholds: ThresholdSettings) -> None:
        super().__init__(book, thresholds)
        self._kinds: Counter[str] = Counter()
        self._samples = 0

    def look(self, view: View) -> None:
        self._samples += 1
        for where, text in view.texts():
            for fault in find_encoding_faults(text):
                self._kinds[fault.kind] += 1
                piece = text[fault.start : fault.end][:12]
                note = f"{fault.kind} {piece!a}"
                self.book.flag(view.position, "encoding", place_of(where, fault.start, fault.end), note, 0.95)

    def finish(self) -> Sequence[Metric]:
        return [self.share("encoding", self._samples, details=dict(self._kinds.most_common()))]
