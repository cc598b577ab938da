"""Samples of a stored dataset chosen by rules, figures of the QA report and quality score; kept as a new dataset."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast, get_args

from src.config.qa_settings import MetricName
from src.dataset.curation.editing import Objection
from src.dataset.curation.measures import OF_THE_SAMPLE, Measure, Metrics
from src.dataset.curation.selecting import Selection, select
from src.dataset.duplicates.merging import merge
from src.dataset.quality.report import QAReport
from src.dataset.rules import NAMES
from src.errors import UsageError
from src.persistence.models import StoredDataset
from src.persistence.stores.store import Store
from src.pipeline.stages.curation import curate_stored, select_stored
from src.records import RunReport, Sample

# The report is made when it is first asked for: most rules need none.
Quality = Callable[[], QAReport]


@dataclass(frozen=True, slots=True)
class Filters:
    """What is to stay. `flagged` are figures of the QA report: what one of them flags goes (`wanted`: stays alone)."""

    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    flagged: Sequence[str] = ()
    wanted: bool = False
    min_score: float | None = None

    def __bool__(self) -> bool:
        return bool(self.include or self.exclude or self.flagged or self.min_score is not None)

    def __str__(self) -> str:
        parts = [f"only {rule}" for rule in self.include] + [f"not {rule}" for rule in self.exclude]
        parts += [f"{'' if self.wanted else 'not '}flagged by {name}" for name in self.flagged]
        return "; ".join([*parts, *([f"score of {self.min_score} or more"] if self.min_score is not None else [])])


def filter_stored(store: Store, ref: str, filters: Filters, quality: Quality) -> Selection:
    """What the filters keep and leave out, each with its reason; nothing is changed.

    Rules may speak of `score` and of the figures of the QA report (`toxicity`, `refusals`, ...): whether a sample is
    flagged. Raises UsageError for a rule that is none, and for a figure that there is not or that was not computed.
    """
    names = [metric_name(name) for name in filters.flagged]
    objections = [_flagged(quality(), names, filters.wanted)] if names else []
    if filters.min_score is not None:
        curated = curate_stored(store, ref, filters.min_score, quality().scores)
        low = {rejected.sample_id: rejected.reason for rejected in curated.rejected}
        objections.append(lambda sample: low.get(sample.id, ""))
    return select_stored(store, ref, filters.include, filters.exclude, _metrics(quality), _first_of(objections))


def check_rule(text: str) -> None:
    """Raises UsageError for what is no rule of a filter; "" is accepted."""
    select((), [text] if text else [], (), _metrics(_never))


def _never() -> QAReport:
    raise AssertionError("no sample is looked at")


def metric_name(name: str) -> MetricName:
    """Raises UsageError for a figure that there is not."""
    if name not in get_args(MetricName):
        raise UsageError(f"there is no figure '{name}'; it is one of {', '.join(get_args(MetricName))}.")
    return cast(MetricName, name)


def flagged_by(report: QAReport, name: MetricName) -> frozenset[str]:
    """The samples a figure flags. Raises UsageError, with the reason, when it was not computed."""
    found = next((metric for metric in report.metrics if metric.name == name), None)
    if found is None or found.state == "not computed":
        why = found.note if found is not None else "qa.skip of config.yaml names it."
        raise UsageError(f"the figure '{name}' was not computed, so it flags nothing: {why}")
    return frozenset(report.flagged_ids(name))


def store_kept(store: Store, stored: StoredDataset, selection: Selection, name: str, why: str) -> str:
    """Store what a selection keeps as a dataset of its own, with ids, origins and splits as they are; its id.

    Its report says what was left out and why. Raises UsageError when nothing is kept.
    """
    if not len(selection.kept):
        raise UsageError(f"nothing of '{stored.name}' would stay; nothing was stored.")
    whole = stored.holding(store.stored_samples(stored.id))
    kept = merge([whole]).samples.without(set(selection.left_out_ids))
    report = RunReport()
    report.count(f"samples of {stored.name}", selection.samples)
    report.count("samples", len(kept))
    report.dropped.update(selection.counts)
    report.note("curation", f"the samples of {stored.name} ({stored.id}) that fit: {why}.")
    dataset = stored.holding(kept)
    named = type(dataset)(name, dataset.provider, dataset.model, dataset.mode, kept)
    return store.save_dataset(named, derived_config([stored], name), report)


def derived_config(sources: Sequence[StoredDataset], name: str) -> dict[str, Any]:
    """The settings of the first, without what says that its run gives these very samples."""
    kept = {key: value for key, value in sources[0].config.items() if key not in ("lock", "leakage")}
    made_from = [{"name": one.name, "id": one.id, "samples": one.total_samples} for one in sources]
    return {**kept, "output_name": name, "made_from": made_from}


def _metrics(quality: Quality) -> Metrics:
    """`score`, and each figure by its name; None, which no rule takes for a no, where it was not computed."""

    @cache
    def flagged(name: MetricName) -> frozenset[str] | None:
        try:
            return flagged_by(quality(), name)
        except UsageError:
            return None

    def is_flagged(name: MetricName) -> Measure:
        def of(sample: Sample) -> bool | None:
            ids = flagged(name)
            return None if ids is None else sample.id in ids

        return Measure(of, "yes or no")

    def score(sample: Sample) -> float | None:
        found = quality().scores.of(sample.id)
        return None if found is None else found.score

    taken = {*NAMES, *OF_THE_SAMPLE}
    return {"score": Measure(score), **{n: is_flagged(n) for n in get_args(MetricName) if n not in taken}}


def _flagged(report: QAReport, names: Sequence[MetricName], wanted: bool) -> Objection:
    ids = {name: flagged_by(report, name) for name in names}

    def objection(sample: Sample) -> str:
        by = [name for name in names if sample.id in ids[name]]
        if wanted:
            return "" if by else f"not flagged by {' or '.join(names)}"
        return f"flagged by {by[0]}" if by else ""

    return objection


def _first_of(objections: Sequence[Objection]) -> Objection:
    return lambda sample: next((why for one in objections if (why := one(sample))), "")
