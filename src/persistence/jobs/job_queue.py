"""The queue of background jobs in SQLite: several processes add, take and steer jobs, and none is worked on twice."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import IO

from src.errors import UsageError
from src.persistence.connection import connect, explained, transaction
from src.persistence.jobs.job_files import JobFiles, this_host
from src.persistence.jobs.job_lease import JobLease
from src.persistence.jobs.job_records import COLUMNS, Job, JobLimits, JobOrder, JobState, backoff, job_from_row
from src.persistence.jobs.job_schema import prepare_jobs

# A process on another machine whose beats stop for so long, by our own clock, is taken for dead. On this machine the
# system says who lives.
LEASE_SECONDS = 60.0
_GENERATES = "run"
_ALL = f"SELECT {COLUMNS} FROM jobs"  # noqa: S608 - constants


class JobQueue:
    """The open queue of a database, made when missing. Use it with `with`, in one thread.

    Every method raises PersistenceError when the file is locked for longer than `timeout` seconds, damaged, full or
    read-only. `lease_seconds` is how long a job of another machine may go without a beat.
    """

    def __init__(self, database: Path, timeout: float = 30.0, lease_seconds: float = LEASE_SECONDS) -> None:
        self.files = JobFiles(database)
        self._timeout = timeout
        self._lease_seconds = lease_seconds
        self._seen: dict[str, tuple[int, float]] = {}
        prepare_jobs(self.files.queue, timeout)
        with explained(self.files.queue):
            self._connection = connect(self.files.queue, timeout)

    def __enter__(self) -> JobQueue:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def add(self, order: JobOrder, config: Path | None = None) -> Job:
        """Queue a job, with a copy of the file `config` for itself."""
        job_id = f"j{secrets.token_hex(6)}"
        own = self.files.keep_config(job_id, config) if config is not None else None
        values = (
            job_id, order.verb, json.dumps(list(order.arguments)), order.title or order.verb,
            order.folder or str(Path.cwd()), str(own.resolve()) if own else order.config, order.priority,
            order.most_attempts, now_text(),
        )  # fmt: skip
        with self.writing() as connection:
            connection.execute(
                "INSERT INTO jobs (id, verb, arguments, title, folder, config, priority, most_attempts, added_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
        return self.find(job_id)

    def list_jobs(self, states: Sequence[JobState] | None = None) -> list[Job]:
        """Jobs in the order in which they are taken: a high priority first, then the older one."""
        with explained(self.files.queue):
            rows = self._connection.execute(f"{_ALL} ORDER BY priority DESC, number").fetchall()
        jobs = [self._marked(job_from_row(row)) for row in rows]
        return [job for job in jobs if states is None or job.state in states]

    def find(self, ref: str) -> Job:
        """The job whose id is or starts with `ref`; the newest for "latest". Raises UsageError."""
        jobs = sorted(self.list_jobs(), key=lambda job: job.added_at)
        fitting = jobs[-1:] if ref == "latest" else [job for job in jobs if job.id == ref]
        fitting = fitting or [job for job in jobs if ref and job.id.startswith(ref)]
        if len(fitting) == 1:
            return fitting[0]
        problem = "several jobs have an id that starts with" if fitting else "there is no job"
        listed = ", ".join(f"{job.id} ({job.order.title})" for job in (fitting or jobs)[-10:]) or "none"
        raise UsageError(f"{problem} '{ref}'. Jobs: {listed}.")

    def claim(self, limits: JobLimits) -> tuple[Job, JobLease] | None:
        """Take the next job that is due, if the limits leave room: it is running from now on, for this process alone.

        Jobs whose process has ended are put back first. Close the lease when the work has ended.
        """
        with self.writing() as connection:
            chosen = self._next(limits)
            if chosen is None:
                return None
            job, lock = chosen
            lease = secrets.token_hex(8)
            try:
                connection.execute(
                    "UPDATE jobs SET state = 'running', wish = '', attempts = attempts + 1, host = ?, pid = ?, "
                    "lease = ?, beat = beat + 1, stage = '', done = 0, total = 0, detail = '', rate = NULL, note = '', "
                    "started_at = ?, ended_at = '' WHERE id = ?",
                    (this_host(), os.getpid(), lease, now_text(), job.id),
                )
            except BaseException:
                lock.close()
                raise
        return self.find(job.id), JobLease(self.files.queue, job.id, lease, lock, self._timeout)

    def claimable(self, limits: JobLimits) -> bool:
        """Whether claim() would probably find something."""
        jobs = self.list_jobs(("waiting", "running"))
        return bool(self._takeable(jobs, limits)) or any(job.lost for job in jobs)

    def put_back_lost(self, retry_after: float = 5.0) -> list[Job]:
        """Jobs whose process ended without a word wait again, or have failed if they were tried often enough."""
        lost = [job for job in self.list_jobs(("running",)) if self._is_lost(job)]
        with self.writing():
            return [job for job in lost if self._put_back(job, retry_after)]

    def _next(self, limits: JobLimits) -> tuple[Job, IO[bytes]] | None:
        """The next job to be done and its lock, taken. Inside a transaction."""
        for lost in [job for job in self.list_jobs(("running",)) if job.lost]:
            self._put_back(lost, limits.retry_after)
        for job in self._takeable(self.list_jobs(("waiting", "running")), limits):
            lock = self.files.take(self.files.lock(job.id))
            if lock is not None:
                return job, lock
        return None

    def _takeable(self, jobs: Sequence[Job], limits: JobLimits) -> list[Job]:
        running = [job for job in jobs if job.state == "running" and not job.lost]
        due = [job for job in jobs if job.state == "waiting" and job.is_due(time.time())]
        if sum(job.order.verb == _GENERATES for job in running) >= limits.generation_at_once:
            due = [job for job in due if job.order.verb != _GENERATES]
        return due if len(running) < limits.at_once else []

    def _put_back(self, job: Job, retry_after: float) -> bool:
        """Let a job whose process has ended wait again. False when somebody else did."""
        tired = job.attempts >= job.order.most_attempts
        wished: dict[str, JobState] = {"pause": "paused", "cancel": "cancelled", "resume": "waiting"}
        state = wished.get(job.wish) or ("failed" if tired else "waiting")
        delay = backoff(job.attempts - 1, retry_after)
        note = "its process was killed, or the machine went down"
        changed = self._connection.execute(
            "UPDATE jobs SET state = ?, wish = '', lease = '', note = ?, delay = ?, due_at = ?, ended_at = ? "
            "WHERE id = ? AND state = 'running' AND beat = ? AND pid = ?",
            (state, note, delay, time.time() + delay, now_text(), job.id, job.beat, job.pid),
        )
        return bool(changed.rowcount)

    def _marked(self, job: Job) -> Job:
        return replace(job, lost=True) if job.state == "running" and self._is_lost(job) else job

    def _is_lost(self, job: Job) -> bool:
        if job.host == this_host():
            return not self.files.is_at_work(job.id)
        # Nothing is known of the other machine's clock: what counts is how long its beats stand still on ours.
        beat, since = self._seen.get(job.id, (-1, 0.0))
        if beat != job.beat:
            self._seen[job.id] = (job.beat, time.monotonic())
            return False
        return time.monotonic() - since > self._lease_seconds

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The connection inside a transaction that nobody else writes beside."""
        with explained(self.files.queue), transaction(self._connection):
            yield self._connection


def now_text() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
