"""The one thread that writes the answer journal: everything queued goes into one transaction."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue

from src.errors import PersistenceError
from src.persistence.connection import connect, is_lock, transaction
from src.persistence.journal.journal_records import Row
from src.persistence.journal.journal_schema import journal_errors
from src.persistence.journal.journal_statements import Write

# How long a waiter sleeps before it looks whether the writer still lives, in seconds.
_LOOK_UP = 1.0


class Commit:
    """One change on its way into the file."""

    __slots__ = ("_latch", "_writer", "durable", "error", "values", "write")

    def __init__(self, writer: JournalWriter, write: Write, values: Row, durable: bool) -> None:
        self._writer = writer
        self.write = write
        self.values = values
        self.durable = durable
        self.error: Exception | None = None
        # A lock that is held until the change is written: a tenth of the work of a threading.Event.
        self._latch = threading.Lock()
        self._latch.acquire()

    def wait(self) -> None:
        """Return once the change is in the file. Raises PersistenceError when it could not be written."""
        if not self._is_done():
            raise PersistenceError(f"{self._writer.path}: {self._writer.epitaph}") from self._writer.died_of
        self._latch.release()  # for others who wait
        if isinstance(self.error, sqlite3.Error):
            with journal_errors(self._writer.path):
                raise self.error
        if self.error is not None:
            raise PersistenceError(f"{self._writer.path}: the journal refused a row: {self.error}.") from self.error

    def finish(self, error: Exception | None = None) -> None:
        """Wake who waits. For the writer."""
        self.error = error
        self._latch.release()

    def _is_done(self) -> bool:
        while self._writer.is_alive():
            if self._latch.acquire(timeout=_LOOK_UP):
                return True
        return self._latch.acquire(blocking=False)


class JournalWriter:
    """Writes what is submitted, in that order, from a thread of its own. A prepared journal is taken for granted."""

    def __init__(self, path: Path, timeout: float) -> None:
        self.path = path
        self.died_of: Exception | None = None
        self._timeout = timeout
        self._queue: SimpleQueue[Commit | None] = SimpleQueue()
        self._level = ""
        self._along: deque[Commit] = deque()
        # A daemon: a program that forgets to close the journal still ends.
        self._thread = threading.Thread(target=self._run, daemon=True, name="journal-writer")
        self.is_alive = self._thread.is_alive
        self._thread.start()

    @property
    def epitaph(self) -> str:
        reason = f" ({self.died_of})" if self.died_of else ""
        return f"the journal was closed before this was written{reason}; resume the run."

    def submit(self, write: Write, values: Row, durable: bool) -> Commit:
        """Queue one change. A durable one survives a power cut once it is written, any a kill of this process."""
        commit = Commit(self, write, values, durable)
        self._queue.put(commit)
        return commit

    def submit_along(self, write: Write, values: Row) -> None:
        """Queue a change that nobody waits for: it is written with the next one, or at the end."""
        self._along.append(Commit(self, write, values, False))

    def close(self) -> None:
        """Write what is queued and end the thread. Safe to call twice."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            with closing(connect(self.path, self._timeout)) as connection:
                while group := self._take_queued():
                    self._write(connection, group)
        except Exception as error:  # noqa: BLE001 - a thread has nobody above it; the waiters are told
            self.died_of = error

    def _take_queued(self) -> list[Commit]:
        """All that waits, at least one; empty at the end."""
        group = [self._queue.get()]
        group[:0] = [self._along.popleft() for _ in range(len(self._along))]
        group += [self._queue.get_nowait() for _ in range(self._queue.qsize())]
        if None in group:
            self._queue.put(None)  # seen again, and alone, once the rest is written
        return [commit for commit in group if commit is not None]

    def _write(self, connection: sqlite3.Connection, group: list[Commit]) -> None:
        try:
            self._commit(connection, group)
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to who waits; the writer must live
            self._settle_failure(connection, group, error)
        else:
            for commit in group:
                commit.finish()

    def _settle_failure(self, connection: sqlite3.Connection, group: list[Commit], error: Exception) -> None:
        if connection.in_transaction:  # a COMMIT that failed leaves it open
            connection.rollback()
        # One bad row fails alone. Waiting for somebody's lock again and again would help nobody.
        if len(group) > 1 and not (isinstance(error, sqlite3.Error) and is_lock(error)):
            for commit in group:
                self._write(connection, [commit])
        else:
            for commit in group:
                commit.finish(error)

    def _commit(self, connection: sqlite3.Connection, group: list[Commit]) -> None:
        self._use_level(connection, "FULL" if any(commit.durable for commit in group) else "NORMAL")
        with transaction(connection):
            for commit in group:
                commit.write(connection, commit.values)

    def _use_level(self, connection: sqlite3.Connection, level: str) -> None:
        # In WAL mode NORMAL writes without an fsync: what is written survives a kill, but not a power cut.
        if level != self._level:
            # A script is never taken from the statement cache: SQLite may carry out a PRAGMA while it compiles it.
            connection.executescript(f"PRAGMA synchronous = {level}")
            self._level = level
