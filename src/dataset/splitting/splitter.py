"""Divide a Dataset into train, validation and test."""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from src.config.settings import STRATIFY_BY, SplitField, Strategy, WeightBy
from src.dataset.fields import SPLIT_FIELDS, first_keyword
from src.dataset.splitting.near_groups import near_groups
from src.dataset.splitting.split_ids import FREE, OrderKeys, label_code, order_key, split_ids
from src.dataset.splitting.split_in_order import split_in_order
from src.dataset.splitting.together import find_units
from src.dataset.spools.sample_spool import with_splits
from src.errors import UsageError
from src.records import SPLITS, Dataset, RunReport, Sample, Split

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# The user is told when a split is further off its share than this, in samples and as a share of all.
FEW_SAMPLES, FAR_OFF = 10, 0.05


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """How to split. `shares` are those of train, validation and test and add up to 1; train's is above 0.

    "random" draws from the whole dataset; "weighted" divides each source file (or first topic keyword) by the
    shares; "stratified" each combination of `stratify_by`; "time" gives the oldest sources to train and the newest to
    test; "grouped" is random with groups. What `group_by` names never falls into two splits, whatever the strategy
    (with "grouped" it is the source file unless named), nor do near-duplicates if they are to be kept together.
    `weight_by` matters to "weighted" alone. Raises UsageError for shares that do not fit.
    """

    shares: tuple[float, float, float]
    strategy: Strategy = "random"
    weight_by: WeightBy = "source"
    seed: int = 42
    stratify_by: tuple[SplitField, ...] = STRATIFY_BY
    group_by: SplitField | None = None
    keep_near_duplicates_together: bool = True

    def __post_init__(self) -> None:
        fits = abs(sum(self.shares) - 1) < 1e-6 and min(self.shares) >= 0 and self.shares[0] > 0
        if not fits:
            given = ", ".join(f"{share:g}" for share in self.shares)
            raise UsageError(
                f"the shares of train, validation and test ({given}) must add up to 1, with train above 0."
            )

    @property
    def strata_fields(self) -> tuple[SplitField, ...]:
        """What each combination of is divided by the shares; () is the whole."""
        weighted: SplitField = "source" if self.weight_by == "source" else "topic"
        return {"weighted": (weighted,), "stratified": self.stratify_by}.get(self.strategy, ())

    @property
    def group_field(self) -> SplitField | None:
        return self.group_by or ("source" if self.strategy == "grouped" else None)


def split_dataset(
    dataset: Dataset,
    plan: SplitPlan,
    frozen: Mapping[str, Split] | None = None,
    times: Mapping[str, float] | None = None,
    report: RunReport | None = None,
) -> Dataset:
    """The same samples in the same order, each with its `split` set; nothing else changes.

    Totals follow the shares by the largest-remainder method. The same samples and seed give the same split
    whatever order the samples come in. Samples of one chunk, one group, or nearly the same (see SplitPlan), and chains
    of such, form a unit that is never torn apart, so with such units a split may differ from its exact size: no split
    exceeds it by as much as the largest unit has samples. Without them the totals are exact and a group is off its own
    exact parts by less than 2. Train is empty only when the dataset is; a validation share gives at least one sample
    from 2 units on, validation and test shares from 3.

    `frozen` holds the splits of an earlier version by sample id: these samples never move. New ones of a unit that
    holds frozen ones go with them (with most of them, where they are in two splits); the rest is divided so that the
    whole tends to the shares. `times` are seconds by source file for the strategy "time"; samples without one count as
    the oldest. What of this a user should know is counted and said in the report.
    """

    if not len(dataset):
        return dataset
    facts = _Facts(plan, frozen or {}, times or {})
    texts = facts.texts(dataset.samples)
    if plan.keep_near_duplicates_together:
        alike = near_groups(texts)
    else:
        alike = None
        for _ in texts:
            pass
    count = len(facts.keys)
    units = find_units(count, facts.labels(), alike)
    keys, held = OrderKeys(facts.keys), facts.held()
    if plan.strategy == "time":
        known = facts.times()
        placed = split_in_order(keys, plan.shares, known, units.unit_of, plan.seed, held)
    else:
        known = None
        placed = split_ids(keys, plan.shares, facts.strata(), units.unit_of, plan.seed, held)
    if report is not None:
        report.count("samples with a near-duplicate, kept in one split", units.near)
        _tell(report, plan, units.unit_of, held, placed, known)
    return dataset.with_samples(with_splits(dataset.samples, placed))


class _Facts:
    """What a split goes by, as numbers: 50 bytes a sample, and each combination of strata once."""

    def __init__(self, plan: SplitPlan, frozen: Mapping[str, Split], times: Mapping[str, float]) -> None:
        self.keys = array("Q")
        self._plan, self._frozen, self._known_times = plan, frozen, times
        self._chunks, self._groups = array("Q"), array("Q")
        self._strata, self._strata_numbers = array("q"), dict[tuple[str, ...], int]()
        self._held, self._times = array("b"), array("d")

    def texts(self, samples: Iterable[Sample]) -> Iterator[str]:
        """The text of each sample, which is noted on the way."""
        group = SPLIT_FIELDS[self._plan.group_field] if self._plan.group_field else None
        strata: list[Callable[[Sample], str]] = [SPLIT_FIELDS[field] for field in self._plan.strata_fields]
        number: dict[Split | None, int] = {split: at for at, split in enumerate(SPLITS)}
        by_time = self._plan.strategy == "time"
        for sample in samples:
            self.keys.append(order_key(sample.id, self._plan.seed))
            self._chunks.append(label_code(sample.origin.chunk_id))
            if group is not None:
                self._groups.append(label_code(group(sample)))
            if strata:
                values = tuple([value(sample) for value in strata])
                self._strata.append(self._strata_numbers.setdefault(values, len(self._strata_numbers)))
            if self._frozen:
                self._held.append(number.get(self._frozen.get(sample.id), FREE))
            if by_time:
                self._times.append(self._known_times.get(sample.origin.source_file, math.nan))
            yield "\n".join(turn.content for turn in sample.turns)

    def labels(self) -> list[NDArray[np.uint64]]:
        """The codes of what keeps samples together."""
        import numpy as np

        return [np.frombuffer(codes, np.uint64) for codes in (self._chunks, self._groups) if codes]

    def strata(self) -> NDArray[np.int64] | None:
        import numpy as np

        return np.frombuffer(self._strata, np.int64) if self._strata else None

    def held(self) -> NDArray[np.int8] | None:
        """The splits of an earlier version, FREE where there is none; None without such a version."""
        import numpy as np

        return np.frombuffer(self._held, np.int8) if self._held else None

    def times(self) -> NDArray[np.float64]:
        import numpy as np

        return np.frombuffer(self._times, np.float64)


def _tell(
    report: RunReport,
    plan: SplitPlan,
    unit_of: NDArray[np.int64],
    held: NDArray[np.int8] | None,
    placed: NDArray[np.int8],
    times: NDArray[np.float64] | None,
) -> None:
    """Say what is not as the user may expect it."""
    import numpy as np

    if held is not None:
        report.count("samples that keep the split of the earlier version", int((held >= 0).sum()))
        there = held >= 0
        seen = np.bincount(unit_of[there] * 3 + held[there], minlength=3 * (int(unit_of.max()) + 1)).reshape(-1, 3)
        if torn := int(((seen > 0).sum(axis=1) > 1).sum()):
            report.count("units whose samples were frozen in different splits", torn)
            report.warn(
                "split",
                f"{torn} group(s) of related samples lie in different splits since the earlier version and stay there; "
                "new samples went where most of their group are. A new dataset name splits everything afresh.",
            )
    if times is not None and (undated := int(np.isnan(times).sum())):
        report.count("samples without a time, split as the oldest", undated)
        report.warn("split", f"{undated} of {len(times)} samples have no time, so they count as the oldest.")
    sizes = np.bincount(placed, minlength=3)
    off = np.abs(sizes / len(placed) - plan.shares).max()
    if len(placed) >= FEW_SAMPLES and off > FAR_OFF:
        got, wanted = ("-".join(f"{100 * share:.0f}" for share in part) for part in (sizes / len(placed), plan.shares))
        report.warn(
            "split",
            f"The split is {got} instead of {wanted}: up to {np.bincount(unit_of).max()} of {len(placed)} samples stay "
            "together (of one passage or group, or nearly the same)"
            + (", and those of the earlier version stay where they are" if held is not None else "")
            + ". See split.group_by and split.keep_near_duplicates_together.",
        )


@dataclass(frozen=True, slots=True)
class Distribution:
    """Samples per source file and per first topic keyword, most frequent first."""

    by_source: dict[str, int]
    by_keyword: dict[str, int]


def describe_distribution(dataset: Dataset) -> Distribution:
    """What a weighted split would weigh."""
    sources = Counter(sample.origin.source_file for sample in dataset.samples)
    topics = Counter(first_keyword(sample.topic_keywords) for sample in dataset.samples)
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
    sizes, tokens, sources = (
        Counter[Split | None](),
        Counter[Split | None](),
        defaultdict[Split | None, Counter[str]](Counter),
    )
    for sample in dataset.samples:
        sizes[sample.split] += 1
        tokens[sample.split] += sample.token_length
        sources[sample.split][sample.origin.source_file] += 1
    return [
        SplitSummary(split, sizes[split], tokens[split], _most_frequent_first(sources[split]))
        for split in (*SPLITS, None)
        if split in sizes
    ]


def _most_frequent_first(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
