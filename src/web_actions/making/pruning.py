"""Steps pruned in batches: here at first, on all cores once there is much to prune."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from queue import SimpleQueue
from typing import IO

from src.config.environment import child_environment
from src.errors import BuilderError
from src.persistence.storage.pieces import in_order
from src.web_actions.dom.pruning import PrunedDom
from src.web_actions.making.pruning_worker import Asked, prune_all
from src.web_actions.session import Session, Step

BATCH_STEPS, BATCH_CHARACTERS = 16, 2_000_000
# Below this, a process has hardly started when all could be pruned here.
PROCESSES_FROM_CHARACTERS = 20_000_000
MOST_PROCESSES = 16
_PIPE = 1 << 20  # bytes; the most that Linux lets anybody have (fs.pipe-max-size, 2026)
_ROOT = Path(__file__).resolve().parents[3]

# A step and its session; and what pruning made of it, a text where it cannot be used.
Recorded = tuple[Session, Step]
Outcome = tuple[Session, Step, PrunedDom | str]


def prune_steps(recorded: Iterable[Recorded], budget: int) -> Iterator[Outcome]:
    """Each step with its pruned DOM, or why it cannot be used, in order.

    Raises BuilderError when a process that prunes is ended from outside.
    """
    batches = _batches(recorded)
    seen = 0
    for batch in batches:
        yield from _joined(batch, prune_all(_asked(batch, budget)))
        seen += sum(len(step.dom) for _, step in batch)
        if seen > PROCESSES_FROM_CHARACTERS and _cores() > 1:
            break
    first = next(batches, None)
    if first is not None:
        yield from _on_all_cores(chain((first,), batches), budget)


def _on_all_cores(batches: Iterable[list[Recorded]], budget: int) -> Iterator[Outcome]:
    with PrunePool(min(_cores(), MOST_PROCESSES)) as pool:

        def prune(batch: list[Recorded]) -> list[Outcome]:
            return list(_joined(batch, pool.prune(_asked(batch, budget))))

        for outcomes in in_order(pool.threads, prune, batches, 2 * len(pool.workers)):
            yield from outcomes


def _batches(recorded: Iterable[Recorded]) -> Iterator[list[Recorded]]:
    batch: list[Recorded] = []
    characters = 0
    for one in recorded:
        batch.append(one)
        characters += len(one[1].dom)
        if len(batch) == BATCH_STEPS or characters > BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _asked(batch: list[Recorded], budget: int) -> Asked:
    return Asked([(step.dom, step.action) for _, step in batch], budget)


def _joined(batch: list[Recorded], answers: list[PrunedDom | str]) -> Iterator[Outcome]:
    for (session, step), answer in zip(batch, answers, strict=True):
        yield session, step, answer


class PrunePool:
    """Processes that prune. Close it when done; leaving it as a context manager does."""

    def __init__(self, processes: int) -> None:
        """Raises BuilderError when no process can be started."""
        self.workers: list[_Worker] = []
        self.threads = ThreadPoolExecutor(processes, thread_name_prefix="pruner")
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        try:
            for _ in range(processes):
                self.workers.append(_Worker())
        except OSError as error:
            self.close()
            raise BuilderError(f"No process can be started to prune pages ({error}); free some memory.") from error
        for worker in self.workers:
            self._idle.put(worker)

    def prune(self, asked: Asked) -> list[PrunedDom | str]:
        """For several threads at once. Raises BuilderError when a process has ended."""
        worker = self._idle.get()
        try:
            return worker.prune(asked)
        finally:
            self._idle.put(worker)

    def close(self) -> None:
        """End all processes, whatever they are doing. Safe to call twice."""
        for worker in self.workers:
            worker.process.kill()
        self.threads.shutdown(wait=True, cancel_futures=True)
        for worker in self.workers:
            worker.end()

    def __enter__(self) -> PrunePool:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


@dataclass(slots=True, init=False)
class _Worker:
    """One process; prune() is for one thread at a time."""

    process: subprocess.Popen[bytes]
    errors: IO[bytes]

    def __init__(self) -> None:
        """Raises OSError when it cannot be started."""
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by end()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "src.web_actions.making.pruning_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            cwd=_ROOT,
            env=child_environment(),
            start_new_session=True,  # Ctrl-C is for the program, which then ends this
        )
        _widen(self.process)

    def prune(self, asked: Asked) -> list[PrunedDom | str]:
        """Raises BuilderError when the process has ended."""
        from msgspec import msgpack

        from src.web_actions.making.pruning_worker import read_message, write_message

        answer = None
        with suppress(OSError, ValueError):  # it is gone: there will be no answer
            assert self.process.stdin is not None and self.process.stdout is not None
            write_message(self.process.stdin, msgpack.encode(asked))
            answer = read_message(self.process.stdout)
        if answer is None:
            raise BuilderError(f"A process that prunes pages ended ({self._last_words()}). Start again.")
        found: list[PrunedDom | str] = msgpack.decode(answer, type=list[PrunedDom | str])
        return found

    def end(self) -> None:
        """Wait for its end, and close what leads to it."""
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.errors):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def _last_words(self) -> str:
        status = self.process.wait()
        self.errors.seek(0)
        said = self.errors.read().decode("utf-8", "replace").strip().splitlines()[-1:]
        return said[0] if said else f"status {status}; is the memory full?"


def _widen(process: subprocess.Popen[bytes]) -> None:
    """Linux can let a pipe hold a batch: then the processes wake each other less often."""
    if sys.platform == "linux":
        import fcntl

        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):  # the user has as many wide pipes as one may have
                if pipe is not None:
                    fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
