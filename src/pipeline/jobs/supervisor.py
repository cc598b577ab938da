"""Does the jobs of a queue, each in a process of its own, a few at a time, until none is left."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from src.errors import BuilderError, PersistenceError
from src.persistence.jobs.job_files import JobFiles
from src.persistence.jobs.job_queue import JobQueue
from src.persistence.jobs.job_records import JobLimits

_LOOK_EVERY = 0.3
# A worker that is told to stop waits 30 s for its calls; a second word makes it leave at once.
_GRACE, _LAST_GRACE = 45.0, 10.0
_MOST_FUTILE = 5

Spawn = Callable[[], "subprocess.Popen[bytes]"]


class Stop:
    """What Ctrl-C sets: once to let jobs finish what is under way, twice to make them leave now."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


def run_jobs(database: Path, limits: JobLimits, spawn: Spawn, stop: Stop) -> bool:
    """Work until no job waits. False when another process does so already. Jobs that were stopped wait again.

    A queue that is locked or on a full disk for a while is waited for.
    """
    files = JobFiles(database)
    while True:
        lock = files.take(files.workers_lock)
        if lock is None:
            return False
        with closing(lock):
            _Pool(database, limits, spawn, stop).run()
        # Whoever added a job while the lock was still held relied on it.
        with JobQueue(database) as queue:
            if stop.times or not queue.list_jobs(("waiting",)):
                return True


class _Pool:
    def __init__(self, database: Path, limits: JobLimits, spawn: Spawn, stop: Stop) -> None:
        self.limits, self.spawn, self.stop = limits, spawn, stop
        self.database = database
        self.workers: list[subprocess.Popen[bytes]] = []
        self.futile = 0

    def run(self) -> None:
        try:
            with JobQueue(self.database) as queue:
                while not self.stop.times and self._step(queue):
                    time.sleep(_LOOK_EVERY)
        finally:
            self._end()

    def _step(self, queue: JobQueue) -> bool:
        """Start what may start; whether there is anything left to wait for."""
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        try:
            queue.put_back_lost(self.limits.retry_after)
            if len(self.workers) < self.limits.at_once and queue.claimable(self.limits):
                self.workers.append(self.spawn())
                # It says in the queue that it is at work, or ends: until then nobody else is started for the same.
                self._wait_until_it_has_begun(queue, self.workers[-1])
            return bool(self.workers or queue.list_jobs(("waiting",)))
        except PersistenceError:
            return True

    def _wait_until_it_has_begun(self, queue: JobQueue, worker: subprocess.Popen[bytes]) -> None:
        while worker.poll() is None and not self.stop.times:
            if any(job.pid == worker.pid for job in queue.list_jobs(("running",))):
                self.futile = 0
                return
            time.sleep(_LOOK_EVERY / 3)
        self.futile = self.futile + 1 if worker.poll() else 0
        if self.futile >= _MOST_FUTILE:
            raise BuilderError(
                f"{_MOST_FUTILE} workers ended before they took a job; {JobFiles(self.database).workers_log} says why."
            )

    def _end(self) -> None:
        """Stop the workers, gently first. What they had under way is kept; their jobs wait again."""
        began, told = time.monotonic(), 0
        while any(worker.poll() is None for worker in self.workers):
            wanted = 2 if self.stop.times > 1 or time.monotonic() - began > _GRACE else 1
            if told < wanted:
                told += 1
                began = time.monotonic() if told == 2 else began
                for worker in self.workers:
                    worker.terminate()
            elif told == 2 and time.monotonic() - began > _LAST_GRACE:
                for worker in self.workers:
                    worker.kill()
            time.sleep(_LOOK_EVERY / 3)
