"""Read many files with several processes at once; outcomes come in the order of the files."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from queue import SimpleQueue

from src.errors import IngestionError
from src.ingestion.isolation.jobs import Limits, ReadJob, ReadOutcome
from src.ingestion.isolation.worker_process import WorkerProcess

# So many batches the fast processes may run ahead of a slow file.
_AHEAD = 16
# Small files are handed over together: waking each other for every file costs as much as reading a short text. More
# than this in a batch, and a process would sit idle at the end while another has a batch of slow files.
_BATCH_FILES = 8
_BATCH_BYTES = 2**18
_LOOK_EVERY = 0.1  # seconds
_STOPPED = "Reading was stopped."


def default_workers() -> int:
    """As many processes as this program may use cores."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


class ReaderPool:
    """Processes that read files. Close it when done; leaving it as a context manager does."""

    def __init__(self, workers: int, limits: Limits) -> None:
        self._processes = [WorkerProcess(limits) for _ in range(workers)]
        self._idle: SimpleQueue[WorkerProcess] = SimpleQueue()
        for process in self._processes:
            self._idle.put(process)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="reader")
        self._closed = threading.Event()
        # One thread that looks at all of them: a timer for each file would cost a thread for each file.
        self._watch = threading.Thread(target=self._kill_late_ones, daemon=True)
        self._watch.start()

    def read(self, jobs: Iterable[ReadJob]) -> Iterator[ReadOutcome]:
        """One outcome per job, in order; some jobs are taken ahead of the outcome that is given.

        Raises IngestionError when no process can be started and when the pool is closed meanwhile.
        """
        pending: deque[Future[list[ReadOutcome]]] = deque()
        for batch in _batches(jobs):
            pending.append(self._threads.submit(self._read, batch))
            if len(pending) > _AHEAD * len(self._processes):
                yield from _result(pending.popleft())
        while pending:
            yield from _result(pending.popleft())

    def close(self) -> None:
        """End all processes, whatever they are doing. Safe to call twice."""
        self._closed.set()
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self._processes:
            process.close()
        self._threads.shutdown(wait=True)

    def __enter__(self) -> ReaderPool:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _kill_late_ones(self) -> None:
        while not self._closed.wait(_LOOK_EVERY):
            for process in self._processes:
                process.kill_if_late()

    def _read(self, batch: list[ReadJob]) -> list[ReadOutcome]:
        process = self._idle.get()
        try:
            return process.read(batch)
        except OSError as error:
            if self._closed.is_set():
                raise IngestionError(_STOPPED) from error
            raise IngestionError(f"No process can be started to read files ({error}); free some memory.") from error
        finally:
            self._idle.put(process)


def _batches(jobs: Iterable[ReadJob]) -> Iterator[list[ReadJob]]:
    batch: list[ReadJob] = []
    size = 0
    for job in jobs:
        if batch and (len(batch) == _BATCH_FILES or size + job.size > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(job)
        size += job.size
    if batch:
        yield batch


def _result(future: Future[list[ReadOutcome]]) -> list[ReadOutcome]:
    try:
        return future.result()
    except CancelledError as error:
        raise IngestionError(_STOPPED) from error
