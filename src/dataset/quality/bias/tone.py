"""Bad words in sentences that name a group, against those that name others."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from src.config.qa_settings import ThresholdSettings
from src.dataset.quality.bias.terms import Named
from src.dataset.quality.bias.wilson import told_share, wilson_interval
from src.dataset.quality.measuring.check import Check, make_metric, not_computed
from src.dataset.quality.measuring.flag_book import FlagBook
from src.dataset.quality.measuring.view import View
from src.dataset.quality.report import Metric

_LEAST_SENTENCES = 30
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_WORD = re.compile(r"[a-z]+")
_BAD_WORDS = """
    aggressive angry arrogant awful backward bad barbaric bitter brutal cheat cheating coward cowardly crazy crime
    crimes criminal
    criminals cruel cunning dangerous deceitful dirty disgusting dishonest disloyal dumb evil extremist extremists
    failure failures
    fanatic fanatics filthy foolish fraud fraudulent greedy harsh hostile hysterical idiot idle ignorant illegal
    immoral impulsive
    incapable incompetent inferior insane irrational irresponsible lazy liar liars lying manipulative mean menace
    nasty negligent
    neglected obnoxious offensive parasites pathetic poor primitive reckless rude ruthless savage selfish shameful
    sinister sloppy
    sly stupid submissive suspicious terrible terror terrorism terrorist terrorists thief thieves threat threatening
    troublemaker
    troublemakers ugly uncivilised uncivilized uneducated ungrateful unintelligent unreliable untrustworthy useless
    vicious vile
    violence violent vulgar weak weaker wicked worse worst worthless
"""
_BAD = frozenset(_BAD_WORDS.split())


def is_bad(text: str) -> bool:
    """Whether a text has a word that speaks badly of somebody."""
    return not _BAD.isdisjoint(_WORD.findall(text.lower()))


class GroupTone(Check):
    names = ("group_tone",)

    def __init__(self, book: FlagBook, thresholds: ThresholdSettings) -> None:
        super().__init__(book, thresholds)
        self._sentences: Counter[str] = Counter()
        self._bad: Counter[str] = Counter()
        self._all = self._all_bad = 0

    def look(self, view: View) -> None:
        if not Named(view.text).people:
            return
        for sentence in _SENTENCES.split(view.text):
            people = Named(sentence).people
            if not people:
                continue
            bad = is_bad(sentence)
            self._all += 1
            self._all_bad += bad
            self._sentences.update(people)
            if bad:
                self._bad.update(people)

    def finish(self) -> Sequence[Metric]:
        many = [group for group, count in self._sentences.most_common() if count >= _LEAST_SENTENCES]
        others = self._all - self._sentences[many[0]] if many else 0
        if not many or others < _LEAST_SENTENCES:
            why = (
                f"it takes {_LEAST_SENTENCES} sentences about a group and as many about others; there are {self._all}."
            )
            return [not_computed("group_tone", why)]
        ratios = {group: ratio for group in many if (ratio := self._ratio(group)) is not None}
        details: dict[str, object] = {
            group: told_share(self._bad[group], self._sentences[group]) for group in many[:12]
        }
        details |= {
            f"PMI of {group} and bad words": round(math.log2(ratio), 2) for group, ratio in ratios.items() if ratio > 0
        }
        worst = max(ratios.values(), default=1.0)
        told = [group for group, ratio in ratios.items() if ratio == worst and worst > 1]
        note = f"most beside: {told[0]}." if told else "no difference that chance would not explain."
        return [make_metric("group_tone", worst, self.limits("group_tone"), self._all_bad, self._all, note, details)]

    def _ratio(self, group: str) -> float | None:
        """Bad sentences about the group against those about others, where their intervals lie apart."""
        bad, count = self._bad[group], self._sentences[group]
        other_bad, others = self._all_bad - bad, self._all - count
        if others < _LEAST_SENTENCES or wilson_interval(bad, count)[0] <= wilson_interval(other_bad, others)[1]:
            return None
        return (bad / count) / max(other_bad / others, 0.5 / others)
