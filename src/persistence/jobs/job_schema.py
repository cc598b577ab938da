"""The tables of the job queue, and opening a file that has them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from src.errors import PersistenceError
from src.persistence.connection import connect, explained, transaction, use_wal

VERSION = 1
_TABLES = (
    """
    CREATE TABLE jobs (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      verb TEXT NOT NULL,
      arguments TEXT NOT NULL,  -- JSON
      title TEXT NOT NULL,
      folder TEXT NOT NULL,  -- where it was added, and runs
      config TEXT NOT NULL,  -- its own copy of config.yaml
      priority INTEGER NOT NULL,
      most_attempts INTEGER NOT NULL,
      state TEXT NOT NULL DEFAULT 'waiting',  -- waiting, running, paused, done, failed, cancelled
      wish TEXT NOT NULL DEFAULT '',  -- pause, cancel: asked of a running one
      attempts INTEGER NOT NULL DEFAULT 0,
      delay REAL NOT NULL DEFAULT 0,  -- seconds that due_at lay ahead when it was written
      due_at REAL NOT NULL DEFAULT 0,
      host TEXT NOT NULL DEFAULT '',
      pid INTEGER NOT NULL DEFAULT 0,
      lease TEXT NOT NULL DEFAULT '',  -- who may write of it; another one for each start
      beat INTEGER NOT NULL DEFAULT 0,  -- goes up while its process lives
      stage TEXT NOT NULL DEFAULT '',
      done INTEGER NOT NULL DEFAULT 0,
      total INTEGER NOT NULL DEFAULT 0,
      detail TEXT NOT NULL DEFAULT '',
      rate REAL,
      worked REAL NOT NULL DEFAULT 0,
      note TEXT NOT NULL DEFAULT '',
      result TEXT NOT NULL DEFAULT '{}',  -- JSON: what the verb answered
      memo TEXT NOT NULL DEFAULT '{}',  -- JSON: what an attempt wants the next one to know
      added_at TEXT NOT NULL,
      started_at TEXT NOT NULL DEFAULT '',
      ended_at TEXT NOT NULL DEFAULT ''
    )
    """,
    "CREATE INDEX jobs_by_state ON jobs(state, priority)",
)


def prepare_jobs(path: Path, timeout: float) -> None:
    """Make the folder, the file and its table where they are missing. Raises PersistenceError, also when newer."""
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(connect(path, timeout)) as connection:
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if version == VERSION:
                return
            if version > VERSION:
                raise PersistenceError(
                    f"{path}: the job queue has version {version}, this program knows up to {VERSION}. "
                    "Use the newer program, or move the file away to start a new queue."
                )
            use_wal(connection, timeout)
            # Another process may be making them: look again once the lock is held.
            with transaction(connection):
                if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
                    for statement in (*_TABLES, f"PRAGMA user_version = {VERSION}"):
                        connection.execute(statement)
