"""How long samples and answers are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from src.analysis.words import UNSPACED
from src.config.qa_settings import ThresholdSettings
from src.dataset.quality.measuring.check import Check, make_metric, not_computed
from src.dataset.quality.measuring.flag_book import FlagBook
from src.dataset.quality.measuring.view import View
from src.dataset.quality.report import Metric, State

_LEAST_WORDS = 5
# Chinese, Japanese and Thai do not divide words; two characters stand for one.
_CHARACTERS_A_WORD = 2


class TokenLength(Check):
    """Tokens against what the model takes."""

    names = ("token_length",)

    def __init__(self, book: FlagBook, thresholds: ThresholdSettings, token_limit: int | None) -> None:
        super().__init__(book, thresholds)
        self._limit = token_limit
        self._lengths: Counter[int] = Counter()

    def look(self, view: View) -> None:
        tokens = view.sample.token_length
        self._lengths[tokens] += 1
        if self._limit is not None and tokens > self._limit:
            self.book.flag(
                view.position, "token_length", "whole sample", f"{tokens:,} of at most {self._limit:,} tokens", 1.0
            )

    def finish(self) -> Sequence[Metric]:
        total = self._lengths.total()
        if not total or max(self._lengths) == 0:
            return [not_computed("token_length", "the samples' tokens were not counted.")]
        if self._limit is None:
            return [not_computed("token_length", "it is not known how many tokens the model takes.")]
        p50, p95 = (_at_rank(self._lengths, -(-total * share // 100)) for share in (50, 95))
        longest = max(self._lengths)
        limits = self.limits("token_length")
        state: State | None = "fail" if limits.fail is not None and 100 * longest / self._limit > limits.fail else None
        made = make_metric(
            "token_length",
            100 * p95 / self._limit,
            limits.model_copy(update={"fail": None}),
            self.book.counts["token_length"],
            total,
            details={"median": p50, "95th percentile": p95, "longest": longest, "limit": self._limit},
            state=state,
        )
        told = "" if limits.fail is None else f"any sample above {limits.fail:g} %"
        return [replace(made, fail_when=told)]


class AnswerLength(Check):
    """Answers of a few words."""

    names = ("short_answers",)
    _answers = _short = 0

    def look(self, view: View) -> None:
        for number, answer in view.answers:
            words = count_words(answer)
            self._answers += 1
            if words < _LEAST_WORDS:
                self._short += 1
                self.book.flag(view.position, "short_answers", f"message {number}", f"{words} words")

    def finish(self) -> Sequence[Metric]:
        return [self.share("short_answers", self._answers, flagged=self._short)]


def count_words(text: str) -> int:
    """Words divided by white space; pairs of characters in scripts that do not divide them."""
    if text.isascii():
        return len(text.split())
    unspaced = sum(map(len, UNSPACED.findall(text)))
    return len(UNSPACED.sub(" ", text).split()) + -(-unspaced // _CHARACTERS_A_WORD)


def _at_rank(lengths: Counter[int], rank: int) -> int:
    seen, length = 0, 0
    for length in sorted(lengths):
        seen += lengths[length]
        if seen >= rank:
            break
    return length
