"""The tables of the answer journal, and opening a file that has them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from src.errors import PersistenceError
from src.persistence.connection import RESTORE_HINT, connect, explained, transaction, use_wal

VERSION = 1
_FRESH_START = "move the file away to start a new journal; the answers in it would then be paid for again"

# Requests and answers stand apart from the calls: those rows stay small (counting them is quick), a reply does
# not write the request again, and pruning removes the texts while the figures stay for estimates.
_TABLES = (
    """
    CREATE TABLE runs (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      state TEXT NOT NULL,  -- running, stopped, finished, abandoned
      note TEXT NOT NULL DEFAULT '',
      plan TEXT NOT NULL,  -- JSON
      dataset_id TEXT NOT NULL DEFAULT '',
      started_at TEXT NOT NULL,
      updated_at TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE calls (
      id INTEGER PRIMARY KEY,
      key TEXT NOT NULL UNIQUE,  -- hash of all that determines the answer
      run_id TEXT NOT NULL,  -- the run that sent it last
      stage TEXT NOT NULL,
      provider TEXT NOT NULL,
      model TEXT NOT NULL,
      state TEXT NOT NULL DEFAULT 'sent',  -- sent, answered, failed, pruned (answered, but the text is gone)
      finish_reason TEXT NOT NULL DEFAULT '',
      answer_model TEXT NOT NULL DEFAULT '',
      input_tokens INTEGER,
      output_tokens INTEGER,
      seconds REAL,
      usd REAL,
      error_kind TEXT NOT NULL DEFAULT '',
      error_message TEXT NOT NULL DEFAULT '',
      verdict TEXT NOT NULL DEFAULT '',
      sent_at TEXT NOT NULL,
      answered_at TEXT NOT NULL DEFAULT '',
      times_sent INTEGER NOT NULL DEFAULT 1,
      unanswered INTEGER NOT NULL DEFAULT 1
    )
    """,
    "CREATE INDEX calls_of_run ON calls(run_id)",
    "CREATE INDEX calls_of_stage ON calls(provider, model, stage)",
    "CREATE TABLE requests (call INTEGER PRIMARY KEY, text NOT NULL)",
    "CREATE TABLE answers (call INTEGER PRIMARY KEY, text NOT NULL)",
    """
    CREATE TABLE batches (
      job_id TEXT PRIMARY KEY,
      run_id TEXT NOT NULL,
      provider TEXT NOT NULL,
      model TEXT NOT NULL,
      keys TEXT NOT NULL,  -- JSON
      state TEXT NOT NULL DEFAULT 'open',
      submitted_at TEXT NOT NULL
    )
    """,
)


def prepare_journal(path: Path, timeout: float) -> None:
    """Make the folder, the file and its tables where they are missing. Raises PersistenceError, also when newer."""
    with journal_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(connect(path, timeout)) as connection:
            _refuse_newer(connection, path)
            use_wal(connection, timeout)
            # Another process may be making them: look again once the lock is held.
            with transaction(connection):
                if _version_of(connection) == 0:
                    for statement in (*_TABLES, f"PRAGMA user_version = {VERSION}"):
                        connection.execute(statement)


@contextmanager
def journal_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors inside the block into a PersistenceError that says what to do with a journal."""
    try:
        with explained(path):
            yield
    except PersistenceError as error:
        # There are backups of the datasets, none of the journal.
        if RESTORE_HINT in str(error):
            raise PersistenceError(str(error).replace(RESTORE_HINT, _FRESH_START)) from error
        raise


def _refuse_newer(connection: sqlite3.Connection, path: Path) -> None:
    version = _version_of(connection)
    if version > VERSION:
        raise PersistenceError(
            f"{path}: the journal has version {version}, this program knows up to {VERSION}. "
            f"Use the newer program, or {_FRESH_START}."
        )


def _version_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
