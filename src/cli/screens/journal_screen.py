"""What the answer journal holds; pruning it, and forgetting unfinished runs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from src.cli.app import App
from src.persistence.run_journal import RunJournal
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
        f"{workspace.journal}: {totals.answers:,} answers of {totals.runs:,} runs, {totals.bytes / 1e6:,.1f} MB"
    )
    if totals.possibly_billed:
        app.screen.warning(f"{totals.possibly_billed:,} calls were sent and never answered; they may have been billed.")
    runs = unfinished_runs(workspace)
    if runs:
        app.screen.say("\nUnfinished runs, the newest first (`run --resume ID`):")
        rows = [(run.id, run.name, run.updated_at[:16], run.answered, run.possibly_billed, run.note) for run in runs]
        app.screen.table(("id", "name", "last active (UTC)", "answers", "possibly billed", "why it stopped"), rows)
    return {**asdict(totals), "unfinished": [{"id": r.id, "name": r.name, "answered": r.answered} for r in runs]}


def prune(app: App, days: float) -> dict[str, Any]:
    """Delete the texts of calls that old, those of unfinished runs aside."""
    workspace = app.workspace()
    if not workspace.journal.is_file():
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
