"""The split stage: what earlier versions decided, how old each source is, and what leaks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress

from src.config.config_lock import Lock
from src.config.settings import Settings, SplitSettings
from src.dataset.splitting.leakage import Leakage, measure_leakage
from src.dataset.splitting.splitter import SplitPlan, split_dataset
from src.errors import UsageError
from src.pipeline.run_plan import Workspace
from src.records import Dataset, RunReport, Split


def settings_split(settings: SplitSettings) -> SplitPlan | None:
    """The split that config.yaml asks for, None when it is switched off."""
    if not settings.enabled:
        return None
    return SplitPlan(
        settings.shares,
        settings.strategy,
        settings.weight_by,
        settings.seed,
        tuple(settings.stratify_by),
        settings.group_by,
        settings.keep_near_duplicates_together,
    )


def with_split(settings: Settings, plan: SplitPlan | None) -> Settings:
    """The settings that ask for the split that was chosen."""
    if plan == settings_split(settings.split):
        return settings
    if plan is None:
        changes: dict[str, object] = {"enabled": False}
    else:
        train, validation, test = plan.shares
        shares = {"ratio": train, "validation": validation if test else None, "test": test, "three_way": False}
        changes = {"enabled": True, "strategy": plan.strategy, "weight_by": plan.weight_by, "seed": plan.seed, **shares}
    return settings.model_copy(update={"split": settings.split.model_copy(update=changes)})


def split_stage(
    dataset: Dataset,
    plan: SplitPlan,
    report: RunReport,
    frozen: Mapping[str, Split],
    times: Mapping[str, float],
) -> tuple[Dataset, Leakage]:
    """The dataset with its splits, and what leaks between them, measured afterwards."""
    divided = split_dataset(dataset, plan, frozen, times, report)
    leakage = measure_leakage(divided.samples)
    if not leakage.is_free:
        report.warn(
            "split",
            f"{leakage.near_duplicates:,} validation and test samples are nearly the same as one in another split; "
            "the figures on them will be too good. Set split.keep_near_duplicates_together: true.",
        )
    return divided, leakage


def earlier_splits(
    workspace: Workspace, settings: Settings, lock: Lock | None = None, draft: str = ""
) -> Mapping[str, Split]:
    """The split of each sample that the newest dataset of this name holds: such samples do not move.

    What stands under the id `draft` is not counted: a first try of the same run that nobody has seen.

    For a locked run those its lock names, none if it names none. Raises UsageError when they are not there any more.
    """
    if not settings.split.keep_earlier:
        return {}
    if lock is None:
        with workspace.open_store() as store:
            return store.splits_of(settings.output_name, draft)
    if not lock.get("earlier_splits"):
        return {}
    with workspace.open_store() as store:
        names = [stored.id for stored in store.list_datasets() if stored.name == settings.output_name]
        for dataset_id in names:
            splits = {sample.id: sample.split for sample in store.find_samples(dataset_id) if sample.split}
            if digest_of(splits) == lock["earlier_splits"]:
                return splits
    raise UsageError(
        "The lock's run kept the splits of an earlier version of this dataset, which is not in the database; "
        "run where it is."
    )


def digest_of(splits: Mapping[str, Split]) -> str:
    """What tells one assignment of splits from another; "" for none."""
    if not splits:
        return ""
    return hashlib.sha256(json.dumps(sorted(splits.items())).encode()).hexdigest()


def source_times(workspace: Workspace, dataset: Dataset, lock: Lock | None = None) -> Mapping[str, float]:
    """When each source file was changed last, in seconds; for a locked run, when it was then."""
    if lock is not None:
        return lock.get("source_times") or {}
    times: dict[str, float] = {}
    for name in {sample.origin.source_file for sample in dataset.samples}:
        with suppress(OSError, ValueError):
            times[name] = (workspace.input_dir / name).stat().st_mtime
    return dict(sorted(times.items()))
