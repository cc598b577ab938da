"""Verbs on storages: push, pull, remote, store-schema."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from src.cli.app import App
from src.cli.verbs.result import DONE, Result
from src.errors import UsageError

if TYPE_CHECKING:
    from src.persistence.storage.transfers.moved import OnMoved


def push(app: App, arguments: argparse.Namespace) -> Result:
    from src.pipeline.stages.transfers import push as push_export

    done = push_export(arguments.folder, arguments.url or "", app.settings().storage, _bar())
    if done.already:
        app.screen.say(f"{done.url} is there already, with the same files.")
    else:
        again = f", {done.resumed:,} of them from an earlier try" if done.resumed else ""
        app.screen.success(
            f"Published {done.url}: {done.files:,} files, {done.bytes:,} bytes{again}; each was read back."
        )
    return DONE, asdict(done)


def pull(app: App, arguments: argparse.Namespace) -> Result:
    from src.pipeline.stages.transfers import pull as pull_export

    done = pull_export(arguments.source, arguments.folder, app.settings().storage, app.output_dir, _bar())
    app.screen.success(f"{done.folder}: {done.files:,} files, {done.bytes:,} bytes, whole and verified.")
    return DONE, {**asdict(done), "folder": str(done.folder)}


def remote(app: App, arguments: argparse.Namespace) -> Result:
    from src.pipeline.stages.transfers import clean_remote, remote_listing

    settings, url = app.settings().storage, arguments.url or ""
    if arguments.clean:
        removed = clean_remote(url, settings, arguments.older_than * 3600)
        app.screen.success(
            f"Removed {len(removed.versions):,} unfinished version(s), {removed.objects:,} object(s) and "
            f"{removed.halves:,} half-sent one(s) that nothing was added to for {arguments.older_than:g} hours."
        )
        return DONE, asdict(removed)
    found = remote_listing(url, settings)
    rows = [
        (one.name, one.version, one.files, one.bytes, _day(one.modified), "" if one.complete else "unfinished")
        for one in found
    ]
    app.screen.table(("dataset", "version", "files", "bytes", "changed (UTC)", ""), rows)
    if not found:
        app.screen.say("There are no exports yet.")
    return DONE, {"versions": [asdict(one) for one in found]}


def checkpoint(app: App, arguments: argparse.Namespace) -> Result:
    """Keep a copy of the database and the journal in a storage, list the copies, or fetch one."""
    from src.pipeline.stages.transfers import pull_file, stored_files

    settings, url = app.settings().storage, arguments.url or ""
    if arguments.fetch:
        pull_file(arguments.fetch, "checkpoint", arguments.to, url, settings)
        app.screen.success(f"{arguments.to} is the copy {arguments.fetch}, verified.")
        return DONE, {"fetched": arguments.fetch, "path": str(arguments.to)}
    kept = [] if arguments.list else _keep(app, url)
    found = stored_files("checkpoint", url, settings)
    app.screen.table(("copy", "bytes", "stored (UTC)"), [(one.key, one.bytes, _day(one.modified)) for one in found])
    return DONE, {"kept": kept, "copies": [one.key for one in found]}


def _keep(app: App, url: str) -> list[str]:
    """Store a backup of each database, which are whole whatever runs meanwhile; their names."""
    from src.persistence.backup import create_backup
    from src.pipeline.stages.transfers import push_file

    kept = []
    for path in (app.database, app.workspace().journal):
        if path.exists():
            copy = create_backup(path)
            push_file(copy, "checkpoint", url, app.settings().storage)
            kept.append(copy.name)
    if not kept:
        raise UsageError(f"{app.database} does not exist; there is nothing to keep.")
    app.screen.success(f"Kept {' and '.join(kept)}.")
    return kept


def store_schema(app: App, arguments: argparse.Namespace) -> Result:
    from src.persistence.stores.supabase.supabase_store import schema_sql

    text = schema_sql()
    app.screen.say(text)
    return DONE, {"sql": text}


def _bar() -> OnMoved:
    from src.cli.display import ByteBar

    bars: dict[str, ByteBar] = {}

    def show(moved: object) -> None:
        stage, done, total = (getattr(moved, name) for name in ("stage", "done", "total"))
        bars.setdefault(stage, ByteBar(str(stage).capitalize()))(done, total)

    return show


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M")
