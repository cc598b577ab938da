"""What the answer journal holds; pruning it, and forgetting unfinished runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from src.cli.app import App
from src.errors import UsageError
from src.persistence.journal.journal_records import JournaledRun
from src.persistence.journal.run_journal import RunJournal
from src.pipeline.resume import abandon, find_unfinished, unfinished_runs


def show_journal(app: App) -> dict[str, Any]:
    """Totals and the runs that can be resumed."""
    workspace = app.workspace()
    if not workspace.journal.is_file():
        app.screen.say("There is no journal yet: it is made by the first run that asks an LLM.")
        return {"unfinished": []}
    with RunJournal(workspace.journal) as journal:
        totals = journal.totals()
    app.screen.say(
        f"{workspace.journal}: {totals.answers:,} answers of {totals.runs:,} run{'s' if totals.runs != 1 else ''}, "
        f"{totals.bytes / 1e6:,.1f} MB"
    )
    if totals.possibly_billed:
        app.screen.warning(f"{totals.possibly_billed:,} calls were sent and never answered; they may have been billed.")
    runs = unfinished_runs(workspace)
    if runs:
        app.screen.say("\nUnfinished runs, the newest first (`run --resume ID`):")
        app.screen.table(
            ("id", "name", "wanted", "last active (UTC)", "answers", "maybe billed", "why it stopped"),
            [(r.id, r.name, wanted(r), r.updated_at[:16], r.answered, r.possibly_billed, why_stopped(r)) for r in runs],
        )
    return {**asdict(totals), "unfinished": [_as_json(run) for run in runs]}


def wanted(run: JournaledRun) -> str:
    """What the run was to make, as "120 samples, create mode"; "" when another version of the program stored it."""
    settings = run.plan.get("settings")
    if not isinstance(settings, Mapping) or not {"dataset_size", "mode"} <= settings.keys():
        return ""
    return f"{settings['dataset_size']:,} samples, {settings['mode']} mode"


def why_stopped(run: JournaledRun) -> str:
    """The note it left; a run that could leave none was killed."""
    return run.note or "killed, or the machine went down"


def _as_json(run: JournaledRun) -> dict[str, Any]:
    names = ("id", "name", "answered", "possibly_billed", "started_at", "updated_at", "dataset_id")
    return {name: getattr(run, name) for name in names} | {"wanted": wanted(run), "why_stopped": why_stopped(run)}


def prune(app: App, days: float) -> dict[str, Any]:
    """Delete the texts of calls that old, those of unfinished runs aside. Raises UsageError for negative days."""
    if days < 0:
        raise UsageError("--older-than: days cannot be negative; 0 deletes the texts of all calls.")
    workspace = app.workspace()
    if not workspace.journal.is_file():
        app.screen.say("There is no journal yet, so there is nothing to delete.")
        return {"calls": 0, "bytes_freed": 0}
    with RunJournal(workspace.journal) as journal:
        pruned = journal.prune(older_than_days=days or None)
    app.screen.success(
        f"Deleted the texts of {pruned.calls:,} calls; {pruned.bytes_freed / 1e6:,.1f} MB are free again."
    )
    return asdict(pruned)


def forget(app: App, ref: str) -> dict[str, Any]:
    """Offer an unfinished run no more."""
    run = find_unfinished(app.workspace(), ref)
    abandon(app.workspace(), run)
    app.screen.say(f"{run.name} ({run.id}) is not offered any more; its answers stay until `journal prune`.")
    return {"forgotten": run.id}
