"""The right to work on one job: beats while the work lasts, and one word at its end."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, Any

from src.persistence.connection import connect, explained, transaction
from src.persistence.jobs.job_records import JobProgress, JobState, LeaseLostError
from src.persistence.models import without_secrets


class JobLease:
    """Held from claim() to close(). May be used from any thread: every call opens the file for itself.

    All methods raise LeaseLostError once the job is another process's, and PersistenceError.
    """

    def __init__(self, queue: Path, job_id: str, lease: str, lock: IO[bytes], timeout: float) -> None:
        self.queue, self.job_id = queue, job_id
        self._lease, self._lock, self._timeout = lease, lock, timeout

    def beat(self, progress: JobProgress, worked: float) -> str:
        """Say that the process lives and how far it is; gives what the user wishes: "", "pause", "cancel", "resume"."""
        values = (
            progress.stage, progress.done, progress.total, progress.detail[:200], progress.rate, worked,
        )  # fmt: skip
        with self._row() as connection:
            connection.execute(
                "UPDATE jobs SET beat = beat + 1, stage = ?, done = ?, total = ?, detail = ?, rate = ?, worked = ? "
                "WHERE id = ?",
                (*values, self.job_id),
            )
            return str(connection.execute("SELECT wish FROM jobs WHERE id = ?", (self.job_id,)).fetchone()[0])

    def remember(self, **facts: object) -> None:
        """Keep facts for the attempts after this one; they are in the file when this returns."""
        with self._row() as connection:
            (text,) = connection.execute("SELECT memo FROM jobs WHERE id = ?", (self.job_id,)).fetchone()
            memo = json.dumps({**json.loads(text), **without_secrets(facts)})
            connection.execute("UPDATE jobs SET memo = ? WHERE id = ?", (memo, self.job_id))

    def memo(self) -> Mapping[str, Any]:
        """What this attempt and those before it keep."""
        with self._row() as connection:
            found: Mapping[str, Any] = json.loads(
                connection.execute("SELECT memo FROM jobs WHERE id = ?", (self.job_id,)).fetchone()[0]
            )
            return found

    def end(
        self, state: JobState, note: str, result: Mapping[str, object], worked: float, *, delay: float = 0.0,
        counts: bool = True,
    ) -> None:  # fmt: skip
        """The attempt is over. `delay` is how long the job rests before the next; not every one `counts` as one."""
        ended = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        text = json.dumps(without_secrets(result))
        with self._row() as connection:
            connection.execute(
                "UPDATE jobs SET state = ?, note = ?, result = ?, worked = ?, delay = ?, due_at = ?, lease = '', "
                "wish = '', beat = beat + 1, attempts = max(0, attempts - ?), ended_at = ? WHERE id = ?",
                (state, note, text, worked, delay, time.time() + delay, 0 if counts else 1, ended, self.job_id),
            )

    def close(self) -> None:
        """Free the job's lock. Safe to call twice."""
        self._lock.close()

    @contextmanager
    def _row(self) -> Iterator[sqlite3.Connection]:
        """A transaction on the queue, once it is sure that the job is still ours."""
        with (
            explained(self.queue),
            closing(connect(self.queue, self._timeout)) as connection,
            transaction(connection),
        ):
            held = connection.execute("SELECT lease FROM jobs WHERE id = ?", (self.job_id,)).fetchone()
            if held is None or held[0] != self._lease:
                raise LeaseLostError(f"Job {self.job_id} was taken over by another process; this one stops.")
            yield connection
