"""One attempt at a job: the verb is carried out, watched by a heart, and its end is written down."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from src.errors import PersistenceError
from src.persistence.jobs.job_lease import JobLease
from src.persistence.jobs.job_records import Job, LeaseLostError
from src.pipeline.jobs.heart import Heart
from src.pipeline.jobs.outcomes import INTERRUPTED, Outcome, judge
from src.pipeline.jobs.rate import RateMeter
from src.pipeline.progress import watched_by

CarryOut = Callable[["Attempt"], tuple[int, Mapping[str, Any]]]
# How long the end of a job is tried to be written to a queue that is locked or on a full disk.
_PERSEVERANCE = 60.0


class Attempt:
    """What a verb that runs as a job knows of it. `memo` outlives a kill: what is remembered is on the disk."""

    def __init__(self, job: Job, lease: JobLease) -> None:
        self.job = job
        self._lease = lease
        self.memo: dict[str, Any] = dict(job.memo)

    def remember(self, **facts: object) -> None:
        """Tell the attempts after this one. Raises PersistenceError, and LeaseLostError."""
        self._lease.remember(**facts)
        self.memo.update(facts)

    def first_time(self, name: str, find: Callable[[], Any]) -> Any:
        """What `find` gave in the first attempt that asked, whatever it would give now."""
        if name not in self.memo:
            self.remember(**{name: find()})
        return self.memo[name]


def work_on(job: Job, lease: JobLease, carry_out: CarryOut, retry_after: float) -> Outcome:
    """Carry the job out in this process and write down how it ended. Raises PersistenceError when that cannot be.

    Then the job is found lost later, and another attempt makes the same of it.
    """
    with closing(lease):
        meter = RateMeter()
        with Heart(lease, meter, job.worked) as heart, watched_by(meter.step):
            try:
                code, answer = carry_out(Attempt(job, lease))
            except KeyboardInterrupt:
                code, answer = INTERRUPTED, {}
            _ignore_signals()
        outcome = judge(job, code, answer, heart.wish, retry_after)
        _write_down(lease, outcome, answer, heart.worked)
        return outcome


def _write_down(lease: JobLease, outcome: Outcome, answer: Mapping[str, Any], worked: float) -> None:
    deadline = time.monotonic() + _PERSEVERANCE
    while True:
        try:
            lease.end(outcome.state, outcome.note, answer, worked, delay=outcome.delay, counts=outcome.counts)
            return
        except LeaseLostError:
            return  # somebody else's by now, and so is its end
        except PersistenceError:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


def _ignore_signals() -> None:
    """From here the process only writes one row and ends."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
