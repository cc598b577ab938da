"""Which genders, groups and parts of the world are spoken of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from src.config.qa_settings import ThresholdSettings
from src.dataset.quality.bias.terms import GENDERS, Named
from src.dataset.quality.bias.wilson import told_share
from src.dataset.quality.measuring.check import Check, make_metric, not_computed
from src.dataset.quality.measuring.flag_book import FlagBook
from src.dataset.quality.measuring.view import View
from src.dataset.quality.report import Metric

_LEAST_SAMPLES = 50


class Representation(Check):
    names = ("representation", "gender_balance")

    def __init__(self, book: FlagBook, thresholds: ThresholdSettings) -> None:
        super().__init__(book, thresholds)
        self._samples = self._naming = self._with_gender = 0
        self._counts: dict[str, Counter[str]] = {"gender": Counter(), "group": Counter(), "region": Counter()}

    def look(self, view: View) -> None:
        self._samples += 1
        named = Named(view.text)
        if not named:
            return
        self._naming += 1
        self._with_gender += bool(named.genders)
        for kind, names in (("gender", named.genders), ("group", named.groups), ("region", named.regions)):
            self._counts[kind].update(names)

    def finish(self) -> Sequence[Metric]:
        if not self._samples:
            return [not_computed(name, "there is nothing to look at.") for name in self.names]
        details = {
            f"{kind}: {name}": told_share(count, self._samples)
            for kind, counts in self._counts.items()
            for name, count in counts.most_common(12)
        }
        share = 100 * self._naming / self._samples
        return [
            make_metric(
                "representation", share, self.limits("representation"), self._naming, self._samples, details=details
            ),
            self._balance(),
        ]

    def _balance(self) -> Metric:
        counts = [self._counts["gender"][gender] for gender in GENDERS]
        if self._with_gender < _LEAST_SAMPLES:
            why = f"{self._with_gender} samples speak of a gender; it takes {_LEAST_SAMPLES}."
            return not_computed("gender_balance", why)
        details = {gender: told_share(count, self._with_gender) for gender, count in zip(GENDERS, counts, strict=True)}
        ratio = max(counts) / max(1, min(counts))
        return make_metric(
            "gender_balance", ratio, self.limits("gender_balance"), 0, self._with_gender, details=details
        )
