"""Whether a few sources or topics make up most of a dataset."""

from __future__ import annotations

import math
from collections.abc import Sequence

from src.config.qa_settings import MetricName, ThresholdSettings
from src.dataset.quality.measuring.check import Check, make_metric, not_computed
from src.dataset.quality.measuring.flag_book import FlagBook
from src.dataset.quality.measuring.view import View
from src.dataset.quality.report import Metric
from src.dataset.quality.variety.frequent import Frequent

# Of two sources one always has half.
_LEAST_KINDS = 3


class Balance(Check):
    names = ("source_share", "topic_share")

    def __init__(self, book: FlagBook, thresholds: ThresholdSettings) -> None:
        super().__init__(book, thresholds)
        self._sources, self._topics = Frequent(), Frequent()

    def look(self, view: View) -> None:
        self._sources.add(view.sample.origin.source_file)
        if view.sample.topic_keywords:
            self._topics.add(view.sample.topic_keywords[0])

    def finish(self) -> Sequence[Metric]:
        return [
            self._balance("source_share", self._sources, "sources"),
            self._balance("topic_share", self._topics, "first keywords"),
        ]

    def _balance(self, name: MetricName, found: Frequent, what: str) -> Metric:
        common, counts = found.most_common(5), sorted(found.counts())
        if not found.total:
            return not_computed(name, f"the samples have no {what}.")
        details = {
            "different ones": len(counts), "Gini": _gini(counts), "entropy in bits": _entropy(counts),
            **dict(common),
        }  # fmt: skip
        few = len(counts) < _LEAST_KINDS
        note = f"only {len(counts)}: one of them has half of the samples anyway." if few else ""
        share = 100 * common[0][1] / found.total
        return make_metric(
            name, share, self.limits(name), common[0][1], found.total, note, details, "info" if few else None
        )


def _gini(counts: Sequence[int]) -> float:
    """0 where all are equal, near 1 where one has all; `counts` from small to large."""
    total, number = sum(counts), len(counts)
    return round(sum((2 * rank - number - 1) * count for rank, count in enumerate(counts, 1)) / (number * total), 4)


def _entropy(counts: Sequence[int]) -> float:
    total = sum(counts)
    return round(-sum(count / total * math.log2(count / total) for count in counts), 4) + 0.0
