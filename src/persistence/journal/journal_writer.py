"""The one thread that writes the answer journal, and the one that waits for the disk.

Everything queued goes into one transaction, which is written without waiting for the disk: from then on it survives a
kill of this process. What has to survive a power cut, too, is told so once the second thread has brought the file to
the disk. So what comes while a slow disk works is not only in memory.
"""

from __future__ import annotations

import os
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
        if isinstance(self.error, OSError):
            why = self.error.strerror or self.error
            raise PersistenceError(
                f"{self._writer.path}: the disk did not take what was written ({why})."
            ) from self.error
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
        self._along: deque[Commit] = deque()
        self._written: SimpleQueue[Commit | None] = SimpleQueue()
        # Daemons: a program that forgets to close the journal still ends.
        self._thread = threading.Thread(target=self._run, daemon=True, name="journal-writer")
        self._syncer = threading.Thread(target=self._sync, daemon=True, name="journal-syncer")
        self.is_alive = self._syncer.is_alive  # it outlives the other one
        self._syncer.start()
        self._thread.start()

    @property
    def epitaph(self) -> str:
        reason = f" ({self.died_of})" if self.died_of else ""
        return f"the journal was closed before this was written{reason}; resume the run."

    def submit(self, write: Write, values: Row, durable: bool) -> Commit:
        """Queue one change. Once it is waited for, any survives a kill of this process, a durable one a power cut."""
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
                # In WAL mode NORMAL writes without an fsync; before it moves pages out of the WAL, it syncs that.
                connection.execute("PRAGMA synchronous = NORMAL")
                while group := self._take_queued():
                    self._write(connection, group)
                # The WAL may be gone once this connection is closed.
                self._written.put(None)
                self._syncer.join()
        except Exception as error:  # noqa: BLE001 - a thread has nobody above it; the waiters are told
            self.died_of = error
        finally:
            self._written.put(None)

    def _sync(self) -> None:
        """Bring to the disk what was written, all that waits at once."""
        while group := _take(self._written):
            error: Exception | None = None
            try:
                handle = os.open(f"{self.path}-wal", os.O_RDWR | getattr(os, "O_BINARY", 0))
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
            except OSError as failure:
                error = failure
            for commit in group:
                commit.finish(error)

    def _take_queued(self) -> list[Commit]:
        """All that waits, at least one; empty at the end."""
        group = _take(self._queue)
        return [*(self._along.popleft() for _ in range(len(self._along))), *group]

    def _write(self, connection: sqlite3.Connection, group: list[Commit]) -> None:
        try:
            self._commit(connection, group)
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to who waits; the writer must live
            self._settle_failure(connection, group, error)
        else:
            for commit in group:
                if commit.durable:
                    self._written.put(commit)
                else:
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
        with transaction(connection):
            for commit in group:
                commit.write(connection, commit.values)


def _take(queue: SimpleQueue[Commit | None]) -> list[Commit]:
    """All that waits, at least one; empty at the end, which None marks."""
    group = [queue.get()]
    group += [queue.get_nowait() for _ in range(queue.qsize())]
    if None in group:
        queue.put(None)  # seen again, and alone, once the rest is done
    return [commit for commit in group if commit is not None]
