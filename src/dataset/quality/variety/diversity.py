"""How different the answers are: words and pairs of words, likeness, compression, beginnings."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace

from src.analysis.words import words_of
from src.config.qa_settings import ThresholdSettings
from src.dataset.quality.measuring.check import Check, make_metric, not_computed, state_of, worst
from src.dataset.quality.measuring.flag_book import FlagBook
from src.dataset.quality.measuring.view import View
from src.dataset.quality.report import Metric
from src.dataset.quality.variety.fixed_sample import FixedSample
from src.dataset.quality.variety.frequent import Frequent
from src.dataset.quality.variety.self_bleu import self_bleu

# Distinct-n falls with the length of what is measured, so it is always as much.
_ANSWERS, _CHARACTERS, _COMPARED = 1000, 2000, 100
_LEAST_ANSWERS = 30
_OPENING_WORDS, _LEAST_OPENINGS = 3, 20


class Diversity(Check):
    names = ("diversity", "openings")

    def __init__(self, book: FlagBook, thresholds: ThresholdSettings) -> None:
        super().__init__(book, thresholds)
        self._answers: FixedSample[str] = FixedSample(_ANSWERS)
        self._openings = Frequent()

    def look(self, view: View) -> None:
        for number, answer in view.answers:
            rank = self._answers.wants(f"{view.sample.id} {number}")
            if rank is not None:
                self._answers.add(rank, answer[:_CHARACTERS])
            opening = answer[:80].split()[:_OPENING_WORDS]
            if len(opening) == _OPENING_WORDS:
                self._openings.add(" ".join(opening).casefold())

    def finish(self) -> Sequence[Metric]:
        return [self._diversity(), self._most_frequent_opening()]

    def _diversity(self) -> Metric:
        texts = self._answers.items()
        if len(texts) < _LEAST_ANSWERS:
            return not_computed("diversity", f"{len(texts)} answers are too few; it takes {_LEAST_ANSWERS}.")
        words = [words_of(text) for text in texts]
        distinct = [_distinct(words, order) for order in (1, 2, 3)]
        likeness = self_bleu(words[:_COMPARED])
        joined = "\n".join(texts).encode("utf-8", "replace")
        ratio = round(len(joined) / max(1, len(zlib.compress(joined, 6))), 2)
        state = worst(
            state_of(distinct[1], self.limits("distinct_2"), low_is_bad=True),
            state_of(likeness or 0.0, self.limits("self_bleu")),
            state_of(ratio, self.limits("compression")),
        )
        details = {
            "distinct-1": distinct[0], "distinct-2": distinct[1], "distinct-3": distinct[2],
            f"self-BLEU of {min(_COMPARED, len(texts))} answers": likeness, "compression": ratio,
            "answers looked at": len(texts),
        }  # fmt: skip
        metric = make_metric("diversity", distinct[1], self.limits("distinct_2"), 0, 0, "", details, state)
        bleu, packed = self.limits("self_bleu"), self.limits("compression")
        return replace(
            metric,
            warn_when=_joined(metric.warn_when, ("self-BLEU", bleu.warn), ("compression", packed.warn)),
            fail_when=_joined(metric.fail_when, ("self-BLEU", bleu.fail), ("compression", packed.fail)),
        )

    def _most_frequent_opening(self) -> Metric:
        total = self._openings.total
        if total < _LEAST_OPENINGS:
            return not_computed(
                "openings", f"{total} answers of three words and more are too few; it takes {_LEAST_OPENINGS}."
            )
        common = self._openings.most_common(5)
        share = 100 * common[0][1] / total
        details = {f"{self.book.clean(opening)} ...": count for opening, count in common if count > 1}
        return make_metric("openings", share, self.limits("openings"), common[0][1], total, details=details)


def _distinct(texts: Sequence[Sequence[str]], order: int) -> float:
    grams = [gram for words in texts for gram in zip(*(words[n:] for n in range(order)), strict=False)]
    return round(len(set(grams)) / len(grams), 4) if grams else 0.0


def _joined(first: str, *others: tuple[str, float | None]) -> str:
    told = [f"distinct-2 {first}"] if first else []
    return ", or ".join(told + [f"{name} above {limit:g}" for name, limit in others if limit is not None])
