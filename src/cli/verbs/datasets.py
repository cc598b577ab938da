"""Verbs on what is stored: list, journal, restore."""

from __future__ import annotations

import argparse

from src.cli.app import App
from src.cli.verbs.result import DONE, Result
from src.errors import UsageError

_LISTED = ("id", "name", "mode", "provider", "model", "total_samples", "total_tokens", "created_at")


def list_stored(app: App, arguments: argparse.Namespace) -> Result:
    with app.store() as store:
        stored = store.list_datasets()
    app.screen.table(
        ("id", "name", "mode", "provider", "model", "samples", "tokens", "created (UTC)"),
        [(i.id, i.name, i.mode, i.provider, i.model, i.total_samples, i.total_tokens, i.created_at) for i in stored],
    )
    return DONE, {"datasets": [{name: getattr(item, name) for name in _LISTED} for item in stored]}


def journal(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.screens.journal_screen import forget, prune, show_journal

    if arguments.action == "prune":
        return DONE, prune(app, arguments.older_than)
    if arguments.action == "forget":
        return DONE, forget(app, arguments.run)
    return DONE, show_journal(app)


def restore(app: App, arguments: argparse.Namespace) -> Result:
    from src.persistence.backup import list_backups, restore_backup

    backups = {path.name: path for path in list_backups(app.database)}
    if arguments.backup is None:
        app.screen.say("Backups, the newest first:" if backups else f"{app.database} has no backups.")
        for name in backups:
            app.screen.say(f"  {name}")
        return DONE, {"backups": list(backups)}
    chosen = next(iter(backups), "") if arguments.backup == "latest" else arguments.backup
    if chosen not in backups:
        raise UsageError(f"There is no backup '{arguments.backup}'; `restore` without a name lists them.")
    kept = restore_backup(app.database, backups[chosen])
    app.screen.success(f"{app.database} is now as it was in {chosen}.")
    if kept:
        app.screen.say(f"The state before is kept as {kept}.")
    return DONE, {"restored": chosen, "kept": str(kept) if kept else None}
