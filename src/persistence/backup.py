"""Copies of the database in memory/backups/, made while it is in use, and put back when it is lost."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timezone
from pathlib import Path

from src.errors import PersistenceError, UsageError
from src.persistence.connection import RESTORE_HINT, connect, explained, is_lock
from src.persistence.durable_files import incomplete_path, sweep_incomplete, sync_file, sync_folder
from src.persistence.migrations import refuse_newer

KEPT_BACKUPS = 5


def create_backup(database: Path, keep: int = KEPT_BACKUPS) -> Path:
    """A checked copy of the database as it is now; the newest `keep` copies stay, older ones go.

    Raises UsageError when there is no database, PersistenceError when it is damaged or locked.
    """
    if not database.is_file():
        raise UsageError(f"{database}: there is no database to back up.")
    with explained(database), closing(connect(database, timeout=10)) as connection:
        return backup_connection(connection, database, keep)


def backup_connection(
    connection: sqlite3.Connection, database: Path, keep: int = KEPT_BACKUPS, spare: Path | None = None
) -> Path:
    """The same through an open connection. `spare` is never rotated away. Raises sqlite3.Error, too."""
    target = _backup_path(database)
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep_incomplete(target.parent)
    building = incomplete_path(target)
    try:
        with closing(sqlite3.connect(building, isolation_level=None)) as copy:
            connection.backup(copy)
            # One file that needs no -wal beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
        _require_sound(building, database)
        sync_file(building)
        building.rename(target)
    finally:
        building.unlink(missing_ok=True)
    sync_folder(target.parent)
    for old in list_backups(database)[keep:]:
        if spare is None or not old.samefile(spare):
            old.unlink(missing_ok=True)
    return target


def list_backups(database: Path) -> list[Path]:
    """The backups of this database, newest first."""
    stamped = re.compile(re.escape(database.stem) + r"-\d{8}T\d{12}Z\.db")
    folder = _backup_folder(database)
    found = [path for path in folder.glob("*.db") if stamped.fullmatch(path.name)] if folder.is_dir() else []
    return sorted(found, key=lambda path: path.name, reverse=True)


def restore_backup(database: Path, backup: Path) -> Path | None:
    """Put the backup in the database's place; the path of the copy made of what was there, None if nothing was.

    A database too damaged to be copied is set aside as "<name>-<time>-damaged.db". A process killed halfway
    leaves the old content or the new. Raises UsageError when the file is missing, PersistenceError when it is
    damaged, made by a newer program, or another process has the database open.
    """
    if not backup.is_file():
        raise UsageError(f"{backup}: there is no such backup.")
    with explained(backup):
        _require_sound(backup, backup)
    database.parent.mkdir(parents=True, exist_ok=True)
    with explained(database):
        kept = _keep_present(database, backup)
        with closing(_open_read_only(backup)) as source, _sole_user(database) as connection:
            source.backup(connection)
    return kept


def _keep_present(database: Path, backup: Path) -> Path | None:
    if not database.exists():
        return None
    try:
        with _sole_user(database) as connection:
            return backup_connection(connection, database, spare=backup)
    except sqlite3.DatabaseError as error:
        if is_lock(error):
            raise
    except PersistenceError:
        pass  # the copy is unsound because the database is
    return _set_aside(database)


@contextmanager
def _sole_user(database: Path) -> Iterator[sqlite3.Connection]:
    """A connection that nobody else's can work beside. Raises sqlite3.OperationalError ("locked")."""
    with closing(connect(database, timeout=0.5)) as connection:
        # Leaving WAL mode succeeds only when no other process has the file open, even idly; in WAL mode a
        # backup with another page size could not be put back, either.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")  # in this locking mode the lock stays
        yield connection


def _set_aside(database: Path) -> Path:
    aside = _backup_path(database, "-damaged")
    aside.parent.mkdir(parents=True, exist_ok=True)
    for suffix in ("-wal", "-shm", "-journal"):
        part = database.with_name(database.name + suffix)
        if part.exists():
            shutil.move(part, aside.with_name(aside.name + suffix))
    shutil.move(database, aside)
    sync_folder(aside.parent)
    return aside


def _require_sound(copy: Path, named: Path) -> None:
    with closing(_open_read_only(copy)) as connection:
        refuse_newer(connection, named)
        found = connection.execute("PRAGMA integrity_check").fetchall()
        tables = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        }
    if found != [("ok",)]:
        raise PersistenceError(f"{named}: the database is damaged ({found[0][0]}); {RESTORE_HINT}.")
    if not {"datasets", "samples"} <= tables:
        raise PersistenceError(f"{named}: this is no database of this program; choose another file.")


def _open_read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)


def _backup_folder(database: Path) -> Path:
    return database.parent / "backups"


def _backup_path(database: Path, mark: str = "") -> Path:
    now = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S%fZ")
    return _backup_folder(database) / f"{database.stem}-{now}{mark}.db"
