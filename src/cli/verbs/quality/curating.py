"""Verbs that choose among samples: curate, merge."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from src.cli.app import App
from src.cli.verbs.quality.choosing import agree, checked_name, quality_of, user_name, workspace_for
from src.cli.verbs.result import DONE, Result
from src.config.settings import SplitSettings
from src.dataset.curation.selecting import Selection
from src.dataset.duplicates.merging import OnDuplicates, OnIdClash
from src.errors import UsageError
from src.persistence.models import StoredDataset
from src.persistence.stores.store import Store
from src.pipeline.stages.filtering import Filters, filter_stored, store_kept

_SHOWN, _REASONS = 8, 20


def curate(app: App, arguments: argparse.Namespace) -> Result:
    filters = Filters(arguments.include, arguments.exclude, arguments.flagged, False, arguments.min_score)
    if not filters:
        raise UsageError("what is to stay? Give --include, --exclude, --min-score or --flagged.")
    name = checked_name(app, arguments.name) if arguments.name else ""
    with app.store() as store:
        stored = store.find_dataset(arguments.dataset)
        workspace = workspace_for(app, store, stored, arguments.input)
        selection = filter_stored(store, stored.id, filters, quality_of(app, store, stored, workspace))
        draw_selection(app, store, stored, selection)
        answer = _as_json(stored, selection)
        if name:
            return DONE, {**answer, "stored": keep_as(app, store, stored, selection, name, str(filters))}
        if arguments.drop and selection.left_out_ids:
            agree(app, f"\nDelete {_samples(len(selection.left_out_ids))}? `undo` takes it back.", arguments.yes)
            return DONE, {**answer, "change": drop_left_out(app, store, stored, selection, str(filters))}
    if not arguments.drop and selection.left_out_ids:
        app.screen.say(
            "\nNothing was changed. --drop deletes what is left out; --as NAME stores the rest as a new one."
        )
    return DONE, answer


def keep_as(app: App, store: Store, stored: StoredDataset, selection: Selection, name: str, why: str) -> str:
    """Store what stays as a dataset of its own; its id."""
    made = store_kept(store, stored, selection, name, why)
    app.screen.success(f"\nStored {_samples(len(selection.kept))} as {name} ({made}); {stored.name} is as it was.")
    return made


def drop_left_out(app: App, store: Store, stored: StoredDataset, selection: Selection, why: str) -> int:
    """Delete what is left out as one change; its number."""
    from src.pipeline.stages.curation import delete_stored

    if not len(selection.kept):
        raise UsageError(f"nothing of '{stored.name}' would stay; nothing was deleted.")
    change = delete_stored(store, stored.id, selection.left_out_ids, user_name(), why, "curate")
    app.screen.success(
        f"\nDeleted {_samples(change.samples)} (change {change.number}); `undo {stored.name}` takes it back."
    )
    return change.number


def draw_selection(app: App, store: Store, stored: StoredDataset, selection: Selection) -> None:
    """What would stay and go, with the reasons and the first few that go."""
    from src.cli.tables.sample_table import head_of
    from src.persistence.edits.changing import samples_by_id

    screen, gone = app.screen, len(selection.left_out_ids)
    screen.say()
    screen.title(f"{stored.name}: {len(selection.kept):,} of {_samples(selection.samples)} stay, {gone:,} are left out")
    if gone:
        counted = selection.counts.most_common()
        screen.table(("samples", "why they are left out"), [(count, why) for why, count in counted[:_REASONS]])
        if len(counted) > _REASONS:
            screen.say(f"  ... and {len(counted) - _REASONS:,} more reasons; --json lists all.")
        few = [one for one, _ in zip(selection.left_out(), range(_SHOWN), strict=False)]
        found = samples_by_id(store, stored.id, [one.sample_id for one in few])
        rows = [(one.sample_id, one.reason, head_of(found[one.sample_id])) for one in few]
        screen.say("\nLeft out:" if gone <= _SHOWN else f"\nLeft out (the first {_SHOWN}; --json lists all):")
        screen.table(("sample", "why", "user says"), rows)
    for rule, count in selection.not_judged.items():
        screen.warning(f"  {_samples(count)} stayed although it could not be told: {rule}")


def _as_json(stored: StoredDataset, selection: Selection) -> dict[str, Any]:
    return {
        "dataset": stored.name,
        "dataset_id": stored.id,
        "samples": selection.samples,
        "kept": len(selection.kept),
        "left_out": len(selection.left_out_ids),
        "reasons": dict(selection.counts),
        "not_judged": dict(selection.not_judged),
        "left_out_samples": [{"sample_id": one.sample_id, "reason": one.reason} for one in selection.left_out()],
        "change": None,
        "stored": None,
    }


def merge(app: App, arguments: argparse.Namespace) -> Result:
    split = app.settings().split if arguments.split else None
    return DONE, merge_into(app, arguments.name, arguments.datasets, arguments.on_id_clash, arguments.duplicates, split)


def merge_into(
    app: App,
    name: str,
    refs: Sequence[str],
    on_id_clash: OnIdClash = "keep_first",
    duplicates: OnDuplicates = "keep",
    split: SplitSettings | None = None,
) -> dict[str, Any]:
    """Store the datasets as a new one and say what was lost on the way; what --json prints."""
    from src.cli.generation import show_findings
    from src.pipeline.stages.merging import merge_stored

    name = checked_name(app, name)
    with app.store() as store:
        made, report = merge_stored(store, refs, name, on_id_clash=on_id_clash, duplicates=duplicates, split=split)
        stored = store.find_dataset(made)
    app.screen.success(f"\nStored {_samples(stored.total_samples)} as {stored.name} ({made}).")
    app.screen.table(("what", "count"), list(report.counts.items()))
    show_findings(app, report)
    return {
        "dataset_id": made,
        "name": stored.name,
        "samples": stored.total_samples,
        "counts": dict(report.counts),
        "left_out": dict(report.dropped),
        "issues": [{"severity": i.severity, "where": i.where, "message": i.message} for i in report.issues],
    }


def _samples(count: int) -> str:
    return "1 sample" if count == 1 else f"{count:,} samples"
