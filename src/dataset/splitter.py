"""Divide a Dataset into train, validation and test."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from src.config.settings import Strategy, WeightBy
from src.dataset.apportionment import Quota, apportion, apportion_groups, most_to_spare, wanted_splits
from src.errors import UsageError
from src.records import SPLITS, Dataset, Sample, Split

NO_KEYWORD = "(no keyword)"

GroupKey = tuple[str, ...]
Unit = list[int]


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """How to split. `shares` are those of train, validation and test and add up to 1; train's is above 0.

    "random" draws from the whole dataset; "weighted" divides each source file (or first topic keyword) by the
    shares; "stratified" each pair of source file and method. `weight_by` matters to "weighted" alone.
    Raises UsageError for shares that do not fit.
    """

    shares: tuple[float, float, float]
    strategy: Strategy = "random"
    weight_by: WeightBy = "source"
    seed: int = 42

    def __post_init__(self) -> None:
        fits = abs(sum(self.shares) - 1) < 1e-6 and min(self.shares) >= 0 and self.shares[0] > 0
        if not fits:
            given = ", ".join(f"{share:g}" for share in self.shares)
            raise UsageError(
                f"the shares of train, validation and test ({given}) must add up to 1, with train above 0."
            )


def split_dataset(dataset: Dataset, plan: SplitPlan) -> Dataset:
    """The same samples in the same order, each with its `split` set; nothing else changes.

    Totals follow the shares by the largest-remainder method. The same samples and seed give the same split
    whatever order the samples come in. Samples with the same chunk_id form a unit that is never torn apart, so
    with such units a split may differ from its exact size: no split exceeds it by as much as the largest
    unit has samples. Without them the totals are exact and a group is off its own exact parts by less than 2.
    Train is empty only when the dataset is; a validation share gives at least one sample from 2 units on,
    validation and test shares from 3.
    """
    units = _find_units(dataset.samples)
    groups = _group_units(dataset.samples, units, plan)
    totals = apportion(len(dataset), plan.shares, len(units))
    placed = _place_units(groups, totals)
    _fill_empty_splits(placed, wanted_splits(plan.shares, len(units)))
    split_of: list[Split] = ["train"] * len(dataset)
    for name, members in zip(SPLITS, placed, strict=True):
        for unit in members:
            for index in unit:
                split_of[index] = name
    return dataset.with_samples(
        tuple(replace(sample, split=split) for sample, split in zip(dataset.samples, split_of, strict=True))
    )


def _find_units(samples: Sequence[Sample]) -> list[Unit]:
    """Indices of the samples that stay together, in an order that does not depend on the samples' own."""
    units: dict[str, Unit] = defaultdict(list)
    singles: list[Unit] = []
    for index in sorted(range(len(samples)), key=lambda index: samples[index].id):
        chunk_id = samples[index].origin.chunk_id
        if chunk_id:
            units[chunk_id].append(index)
        else:
            singles.append([index])
    return [*units.values(), *singles]


def _group_units(samples: Sequence[Sample], units: list[Unit], plan: SplitPlan) -> list[list[Unit]]:
    """The units by the group of their first sample; groups and units shuffled with the plan's seed."""
    groups: dict[GroupKey, list[Unit]] = defaultdict(list)
    for unit in units:
        groups[_group_of(samples[unit[0]], plan)].append(unit)
    chance = random.Random(plan.seed)  # noqa: S311 - a repeatable draw, not a secret
    ordered = [groups[key] for key in sorted(groups)]
    for group in ordered:
        chance.shuffle(group)
    chance.shuffle(ordered)
    return ordered


def _group_of(sample: Sample, plan: SplitPlan) -> GroupKey:
    if plan.strategy == "random":
        return ()
    if plan.strategy == "stratified":
        return sample.origin.source_file, sample.origin.method
    return (sample.origin.source_file if plan.weight_by == "source" else topic_of(sample),)


def topic_of(sample: Sample) -> str:
    """The keyword a sample is grouped by: its first."""
    return sample.topic_keywords[0] if sample.topic_keywords else NO_KEYWORD


def _place_units(groups: list[list[Unit]], totals: Quota) -> list[list[Unit]]:
    """The units of each of the three splits."""
    sizes = [sum(len(unit) for unit in group) for group in groups]
    placed: list[list[Unit]] = [[], [], []]
    # What a group's units overshot is made good in the next group, so the errors do not add up.
    room = [0, 0, 0]
    for group, quota in zip(groups, apportion_groups(sizes, totals), strict=True):
        quota_and_carry = [left + part for left, part in zip(room, quota, strict=True)]
        room = list(quota_and_carry)
        # Large units first: the small ones then even out what is left. The sort keeps the shuffle among equals.
        for unit in sorted(group, key=len, reverse=True):
            split = _choose_split(len(unit), room, quota_and_carry)
            placed[split].append(unit)
            room[split] -= len(unit)
    return placed


def _choose_split(size: int, room: list[int], quota: list[int]) -> int:
    """The emptiest split, in proportion, that has room for the unit; else the one with the most room."""
    fitting = [split for split in range(3) if room[split] >= size]
    if not fitting:
        return room.index(max(room))
    return max(fitting, key=lambda split: room[split] / quota[split])


def _fill_empty_splits(placed: list[list[Unit]], wanted: list[int]) -> None:
    for split in wanted:
        if not placed[split]:
            giver = placed[most_to_spare([len(units) for units in placed], wanted)]
            smallest = min(range(len(giver)), key=lambda position: len(giver[position]))
            placed[split].append(giver.pop(smallest))


@dataclass(frozen=True, slots=True)
class Distribution:
    """Samples per source file and per first topic keyword, most frequent first."""

    by_source: dict[str, int]
    by_keyword: dict[str, int]


def describe_distribution(dataset: Dataset) -> Distribution:
    """What a weighted split would weigh."""
    sources = Counter(sample.origin.source_file for sample in dataset.samples)
    topics = Counter(topic_of(sample) for sample in dataset.samples)
    return Distribution(_most_frequent_first(sources), _most_frequent_first(topics))


@dataclass(frozen=True, slots=True)
class SplitSummary:
    """One split's size; `split` is None for samples that have none. `sources` counts samples per source file."""

    split: Split | None
    samples: int
    tokens: int
    sources: dict[str, int]


def summarize_split(dataset: Dataset) -> list[SplitSummary]:
    """A summary of each split that has samples, in the order train, validation, test, none."""
    members: dict[Split | None, list[Sample]] = defaultdict(list)
    for sample in dataset.samples:
        members[sample.split].append(sample)
    return [_summarize(split, members[split]) for split in (*SPLITS, None) if split in members]


def _summarize(split: Split | None, samples: list[Sample]) -> SplitSummary:
    sources = Counter(sample.origin.source_file for sample in samples)
    tokens = sum(sample.token_length for sample in samples)
    return SplitSummary(split, len(samples), tokens, _most_frequent_first(sources))


def _most_frequent_first(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
