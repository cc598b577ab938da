"""Keep the best of each group of duplicates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import isnan
from typing import Literal

from src.dataset.duplicates.finding import exact_fraction
from src.dataset.duplicates.near.shingle_sets import ShingleSets, needed_in_common
from src.dataset.duplicates.report import DuplicateReport, Group, Member
from src.records import Sample

Spared = Literal["numbers", "other side"]


def keep_best(
    report: DuplicateReport,
    score: Mapping[str, float] | None = None,
    *,
    kinds: Literal["exact", "all"] = "all",
    spare: Collection[Spared] = (),
) -> list[str]:
    """The ids of the samples to drop, in the dataset's order.

    The best stays: the one with the highest score (samples without one come last), else with the longest answer, else
    the first. A sample goes only if one that stays is its duplicate itself, not merely by a chain of others; so of
    each group one stays at least. With `kinds` "exact" near-duplicates stay. Spared are pairs whose numbers or
    negations differ ("numbers"), and those that differ in the side that was not compared ("other side").
    """
    dropped: list[tuple[int, str]] = []
    for group in report.groups:
        choice = _Choice(group, report, kinds, spare)
        dropped += [(member.position, member.sample_id) for member in choice.dropped(_preference(score or {}))]
    return [sample_id for _, sample_id in sorted(dropped)]


def drop(samples: Iterable[Sample], ids: Iterable[str]) -> Iterator[Sample]:
    """The samples without those ids."""
    unwanted = frozenset(ids)
    return (sample for sample in samples if sample.id not in unwanted)


def _preference(score: Mapping[str, float]) -> Callable[[Member], tuple[float, int, int]]:
    def key(member: Member) -> tuple[float, int, int]:
        value = score.get(member.sample_id, float("nan"))
        return float("inf") if isnan(value) else -value, -member.answer_length, member.position

    return key


class _Choice:
    """Which members of a group are duplicates of each other."""

    def __init__(
        self, group: Group, report: DuplicateReport, kinds: Literal["exact", "all"], spare: Collection[Spared]
    ) -> None:
        self._members = group.members
        self._spare = spare
        self._near = kinds == "all"
        # Near-duplicates of a group whose pairs are not all listed are compared anew.
        self._sets = None if group.all_pairs else report.sets
        self._least = exact_fraction(report.threshold)
        self._compared: set[int] = set()
        self._near_texts: defaultdict[int, set[int]] = defaultdict(set)
        text_of = {member.sample_id: member.text for member in group.members}
        for pair in group.pairs:
            if pair.kind == "near":
                one, other = text_of[pair.one], text_of[pair.other]
                self._near_texts[one].add(other)
                self._near_texts[other].add(one)

    def dropped(self, preference: Callable[[Member], tuple[float, int, int]]) -> Iterator[Member]:
        known: set[tuple[int, ...]] = set()
        kept: set[str] = set()
        for member in sorted(self._members, key=preference):
            key = self._differing(member)
            if (member.text, *key) not in known:
                known.update((text, *key) for text in self._texts_near(member.text))
                kept.add(member.sample_id)
            elif member.sample_id not in kept:
                yield member

    def _differing(self, member: Member) -> tuple[int, ...]:
        """What must be equal for one of two duplicates to go."""
        numbers = (member.numbers_key,) if "numbers" in self._spare else ()
        return (*numbers, member.other_key) if "other side" in self._spare else numbers

    def _texts_near(self, text: int) -> set[int]:
        if not self._near:
            return {text}
        if self._sets is not None and text not in self._compared:
            self._compared.add(text)
            self._near_texts[text] = _compared(self._sets, text, self._members, self._least)
        return {text, *self._near_texts[text]}


def _compared(sets: ShingleSets, text: int, members: Sequence[Member], threshold: Fraction) -> set[int]:
    """The texts of members that are as similar to this one as the threshold."""
    import numpy as np

    many = np.array(sorted({member.text for member in members}), np.int64)
    same = np.full(len(many), text)
    sizes = sets.sizes.astype(np.int64)
    near = sets.common(same, many) >= needed_in_common(threshold, sizes[same], sizes[many])
    return set(many[near].tolist())
