"""Open SQLite the way this program wants it, and say in our words what SQLite complains about."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from src.errors import PersistenceError

Lock = Literal["IMMEDIATE", "EXCLUSIVE"]
RESTORE_HINT = "put back a backup with `python -m src.main restore`"


def connect(path: Path, timeout: float) -> sqlite3.Connection:
    """A connection in autocommit mode with foreign keys on, waiting `timeout` seconds for a lock."""
    # Without an isolation level sqlite3 opens no transaction of its own: BEGIN stands where we write it.
    connection = sqlite3.connect(path, timeout=timeout, isolation_level=None)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        # FULL: what was reported as saved survives a power cut, too.
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def use_wal(connection: sqlite3.Connection, timeout: float) -> None:
    """Switch the file to WAL mode, in which readers and the one writer do not block each other.

    SQLite does not wait for a lock here, so several processes that start at once would fail: try for `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not is_lock(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@contextmanager
def transaction(
    connection: sqlite3.Connection, lock: Literal["IMMEDIATE", "EXCLUSIVE"] = "IMMEDIATE"
) -> Iterator[None]:
    """All of the block or nothing of it, even if the process is killed."""
    # Both take the write lock at once; a later upgrade would fail without waiting when another one writes.
    connection.execute(f"BEGIN {lock}")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors inside the block into a PersistenceError that says what to do."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # our mistake (a closed connection, a wrong number of values), not the file's state
    except sqlite3.Error as error:
        raise PersistenceError(f"{path}: {_explain(error)}") from error
    except OSError as error:
        raise PersistenceError(f"{error.filename or path}: {error.strerror or error}.") from error


def is_lock(error: sqlite3.Error) -> bool:
    return "locked" in str(error)


def _explain(error: sqlite3.Error) -> str:
    text = str(error)
    if is_lock(error):
        return "another process is using the database; let it finish or close it, then try again."
    if "disk is full" in text:
        return "the disk is full; nothing was changed. Free some space, then try again."
    if "disk I/O error" in text:  # also what a full disk gives where a WAL's index cannot grow
        return (
            "the disk is full, or cannot be read or written; nothing was changed. "
            "Free some space or check it, then try again."
        )
    if "readonly" in text:
        return "the database may not be written to; change its permissions, then try again."
    if "unable to open" in text:
        return "the database cannot be opened; check that the folder exists and may be written to."
    if isinstance(error, sqlite3.IntegrityError):
        return f"the database refused the rows ({text}); nothing was changed."
    if isinstance(error, sqlite3.OperationalError) and "malformed" not in text and "decode to UTF-8" not in text:
        return f"the database could not do it ({text}); nothing was changed."
    return f"the database is damaged ({text}); {RESTORE_HINT}."
