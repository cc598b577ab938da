"""Work on this machine: a process for each worker, and a thread of the program that leads it."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

from src.errors import EngineError
from src.pipeline.engine.calling import Call, encode_call, outcome_of, resolve, surroundings
from src.pipeline.engine.executor import Failure, Outcome, Work
from src.pipeline.engine.window import in_flight
from src.pipeline.engine.worker_process import WorkerProcess

# So many items for each worker may be done, or wait, behind one that takes long.
_AHEAD = 4
_CALLED_OFF = Failure("cancelled", "the work was called off")


class LocalExecutor:
    """Processes are started when there is work for them, and live on from one map to the next with what they loaded."""

    name = "local"

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._processes = [WorkerProcess() for _ in range(workers)]
        self._idle: SimpleQueue[WorkerProcess] = SimpleQueue()
        for process in self._processes:
            self._idle.put(process)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="engine")
        self._closed = threading.Event()

    @property
    def workers(self) -> int:
        return self._workers

    def map(
        self, work: Work, items: Iterable[Any], *, ordered: bool = True, cancel: threading.Event | None = None
    ) -> Generator[Outcome, None, None]:
        resolve(work.function)
        if self._closed.is_set():
            raise EngineError("the engine is closed; open it again.")
        doing = _Doing(work, self._idle)
        around = surroundings(here=True)

        def submit(number: int, item: Any) -> Future[Outcome]:
            line = encode_call(Call(work.function, item, around))
            return self._threads.submit(doing.one, number, line)

        return in_flight(submit, items, _AHEAD * self._workers, ordered, cancel, doing.stop)

    def close(self) -> None:
        self._closed.set()
        for process in self._processes:
            process.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for process in self._processes:
            process.close()


class _Doing:
    """One map under way: which processes work for it."""

    def __init__(self, work: Work, idle: SimpleQueue[WorkerProcess]) -> None:
        self._work, self._idle = work, idle
        self._busy: set[WorkerProcess] = set()
        self._stopped = threading.Event()
        self._lock = threading.Lock()

    def one(self, number: int, line: bytes) -> Outcome:
        """The outcome of one item, tried again where its process died."""
        attempts, failure = 0, _CALLED_OFF
        while attempts < self._work.attempts and not self._stopped.is_set():
            attempts += 1
            answer = self._ask(line)
            if isinstance(answer, bytes):
                return outcome_of(number, answer, attempts)
            failure = answer
            if answer.kind != "died":
                break
        return Outcome(number, failure=_CALLED_OFF if self._stopped.is_set() else failure, attempts=max(1, attempts))

    def stop(self) -> None:
        """Begin nothing more, and end what runs."""
        self._stopped.set()
        with self._lock:
            for process in self._busy:
                process.kill()

    def _ask(self, line: bytes) -> bytes | Failure:
        process = self._idle.get()
        try:
            with self._lock:
                if self._stopped.is_set():
                    return _CALLED_OFF
                self._busy.add(process)
            return process.ask(line, self._work.timeout_s)
        except OSError as error:
            return Failure("died", f"no process can be started ({error}); free some memory")
        finally:
            with self._lock:
                self._busy.discard(process)
            self._idle.put(process)
