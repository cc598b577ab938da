"""Work on a cluster: each item is a task of Ray, which gives it to a free core, and to another when that is lost."""

from __future__ import annotations

import logging
import signal
import socket
import threading
from collections.abc import Generator, Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from src.config.environment import set_variable
from src.errors import EngineError
from src.pipeline.engine.calling import Call, answer_call, encode_call, outcome_of, resolve, surroundings
from src.pipeline.engine.executor import Failure, Outcome, Work
from src.pipeline.engine.window import in_flight
from src.pipeline.engine.worker_process import WorkerProcess

_SOURCE = Path(__file__).resolve().parents[2]
_AHEAD = 4
_KNOCK_SECONDS = 10


class RayExecutor:
    """A client of the cluster at `address`: "host:port", or "auto" for the one this machine belongs to.

    The nodes get the program from here; they need the same Python and packages, and must see the same folders.
    """

    name = "ray"

    def __init__(self, address: str = "auto") -> None:
        """Raises EngineError when Ray is not installed, and when there is no cluster."""
        self._ray = _connected(address)
        self._task = self._ray.remote(run_call)

    @property
    def workers(self) -> int:
        return max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def map(
        self, work: Work, items: Iterable[Any], *, ordered: bool = True, cancel: threading.Event | None = None
    ) -> Generator[Outcome, None, None]:
        resolve(work.function)
        doing = _Doing(self._ray, self._task.options(max_retries=work.attempts - 1, num_cpus=1), work)
        return in_flight(doing.submit, items, _AHEAD * self.workers, ordered, cancel, doing.stop)

    def close(self) -> None:
        """Leave the cluster; it goes on."""
        self._ray.shutdown()


class _Doing:
    """One map under way: the tasks that were handed over."""

    def __init__(self, ray: Any, task: Any, work: Work) -> None:
        self._ray, self._task, self._work = ray, task, work
        self._around = surroundings(here=False)
        self._references: dict[int, Any] = {}
        self._stopped = False

    def submit(self, number: int, item: Any) -> Future[Outcome]:
        line = encode_call(Call(self._work.function, item, self._around))
        reference = self._task.remote(line, self._work.timeout_s, self._work.attempts)
        self._references[number] = reference
        outcome: Future[Outcome] = Future()

        def finish(done: Future[Any]) -> None:
            try:
                outcome.set_result(self._outcome(number, done))
            except BaseException as error:  # noqa: BLE001 - else whoever waits for it waits for ever
                outcome.set_exception(error)

        reference.future().add_done_callback(finish)
        return outcome

    def stop(self) -> None:
        self._stopped = True
        for reference in list(self._references.values()):
            self._ray.cancel(reference, force=True)

    def _outcome(self, number: int, done: Future[Any]) -> Outcome:
        self._references.pop(number, None)
        error = done.exception()
        if error is None:
            kind, content = done.result()
            return outcome_of(number, content) if not kind else Outcome(number, failure=Failure(kind, content.decode()))
        if self._stopped:
            return Outcome(number, failure=Failure("cancelled", "the work was called off"))
        text = " ".join(str(error).split())[:500]
        return Outcome(number, failure=Failure("died", f"{type(error).__name__}: {text}"), attempts=self._work.attempts)


def run_call(line: bytes, timeout_s: float | None, attempts: int) -> tuple[str, bytes]:
    """What a node does with an item: ("", an encoded Answer), or what befell it and how.

    With a time limit the item is given to a process of its own, which can be ended.
    """
    if timeout_s is None:
        return "", answer_call(line)
    answer = _guarded().ask(line, timeout_s)
    if isinstance(answer, bytes):
        return "", answer
    if answer.kind == "died" and attempts > 1:
        return run_call(line, timeout_s, attempts - 1)
    return answer.kind, answer.message.encode()


_process: WorkerProcess | None = None


def _guarded() -> WorkerProcess:
    """The process of this one; it ends with it."""
    global _process
    _process = _process or WorkerProcess()
    return _process


def _connected(address: str) -> Any:
    try:
        set_variable("RAY_USAGE_STATS_ENABLED", "0")
        import ray
    except ImportError as error:
        raise EngineError(
            "system.engine is 'ray', which is not installed; run pip install -r requirements-ray.txt, or set it to "
            "'local'."
        ) from error
    told = signal.getsignal(signal.SIGTERM)
    try:
        _knock(address)
        ray.init(
            address=address,
            ignore_reinit_error=True,
            log_to_driver=False,
            logging_level=logging.ERROR,
            runtime_env={"py_modules": [str(_SOURCE)]},
        )
    except Exception as error:  # Ray raises RuntimeError, ConnectionError, ValueError and its own
        raise EngineError(
            f"no Ray cluster can be reached at '{address}' ({' '.join(str(error).split())[:300]}). Start one with "
            "'ray start --head', name it in system.ray_address, or set system.engine to 'local'."
        ) from error
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, told)  # Ray puts its own way to end in its place
    return ray


def _knock(address: str) -> None:
    """Raises OSError when nobody listens there: Ray itself would ask for many minutes."""
    host, separator, port = address.rpartition(":")
    if separator and host and port.isdecimal() and "://" not in address:
        socket.create_connection((host.strip("[]"), int(port)), _KNOCK_SECONDS).close()
