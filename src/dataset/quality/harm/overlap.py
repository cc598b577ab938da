"""Duplicates in the dataset, and what of held-out samples or a benchmark stands in it: searches of their own."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from src.config.qa_settings import Limits, ThresholdSettings
from src.dataset.duplicates.contamination.finding import find_contamination
from src.dataset.duplicates.finding import find_duplicates
from src.dataset.duplicates.report import DuplicateReport, GroupedSamples
from src.dataset.duplicates.sides import Samples
from src.dataset.quality.measuring.check import make_metric, not_computed
from src.dataset.quality.measuring.flag_book import FlagBook
from src.dataset.quality.report import Metric

# A text is a near copy when so many of its runs of words are known, a copy when
# all are.
_MOSTLY, _EXACT = 0.7, 0.9999
_TOO_SMALL = "it takes two samples."


def duplicate_metrics(
    samples: Samples,
    count: int,
    book: FlagBook,
    thresholds: ThresholdSettings,
    find: Callable[[Samples], DuplicateReport] = find_duplicates,
) -> list[Metric]:
    """Exact and near duplicates; of each group the first sample is not flagged."""
    if count < 2:
        return [not_computed("exact_duplicates", _TOO_SMALL), not_computed("near_duplicates", _TOO_SMALL)]
    report = find(samples)
    _flag_members(report.groups.numbers, book)
    details = {
        "groups": len(report.groups),
        "largest group": report.largest,
        "identical byte by byte": report.identical,
    }
    return [
        make_metric("exact_duplicates",
            100 * report.exact / count, thresholds.exact_duplicates, report.exact, count, details=details),
        make_metric(
            "near_duplicates", 100 * report.near / count, thresholds.near_duplicates, report.near, count,
            details={"near pairs whose numbers or negations differ": report.differing_numbers},
        ),
    ]  # fmt: skip


def _flag_members(numbers: GroupedSamples, book: FlagBook) -> None:
    """All but the first of each group, from the arrays: there may be very many."""
    positions, texts, bounds = numbers.positions.tolist(), numbers.texts.tolist(), numbers.bounds.tolist()
    for start, end in pairwise(bounds):
        first, known = numbers.ids[start], {texts[start]}
        for at in range(start + 1, end):
            if texts[at] in known:
                book.flag(positions[at], "exact_duplicates", "whole sample", f"the same as {first} or its like", 1.0)
            else:
                known.add(texts[at])
                book.flag(
                    positions[at], "near_duplicates", "whole sample", f"nearly the same as {first} or its like", 1.0
                )


def split_metric(samples: Samples, held_out: int, trained: int, book: FlagBook, limits: Limits) -> Metric:
    """Held-out samples that stand in train: nearly (70 % of their runs of 13 words) or exactly."""
    if not held_out or not trained:
        return not_computed("split_overlap", "the samples are not divided into train and validation or test.")
    found = find_contamination(samples, "splits")
    exact = sum(one.share >= _EXACT for one in found.overlaps)
    for one in found.overlaps:
        if one.share >= _MOSTLY:
            note = f"{one.share:.0%} of it stand in {one.sample_id}, {one.sample_place}"
            book.flag_id(one.text, "split_overlap", one.text_place, note, round(one.share, 2))
    value = 100 * found.contaminated / found.texts if found.texts else 0.0
    failing = limits.fail is not None and found.texts > 0 and 100 * exact / found.texts > limits.fail
    details = {
        "exact": exact,
        "nearly": found.contaminated - exact,
        "13 words in common": found.touched,
        "held out": found.texts,
    }
    return make_metric(
        "split_overlap", value, limits if failing else Limits(warn=limits.warn), found.contaminated, found.texts,
        details=details, state="fail" if failing else None,
    )  # fmt: skip


def benchmark_metric(
    samples: Samples, count: int, against: Path | Samples | None, book: FlagBook, limits: Limits
) -> Metric:
    """Items of a benchmark file that stand in the samples."""
    if against is None:
        return not_computed("benchmark_overlap", "no file was given to compare with (--against FILE).")
    found = find_contamination(samples, against)
    for one in found.overlaps:
        note = f"{one.share:.0%} of {one.text}, {one.text_place}"
        book.flag_id(one.sample_id, "benchmark_overlap", one.sample_place, note, round(one.share, 2))
    value = 100 * found.touched / found.texts if found.texts else 0.0
    details = {"items": found.texts, "touched": found.touched, "mostly in the dataset": found.contaminated}
    note = f"compared with {found.against} by runs of {found.n} words."
    return make_metric("benchmark_overlap", value, limits, found.touched, found.texts, note, details)
