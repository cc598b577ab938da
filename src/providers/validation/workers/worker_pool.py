"""Check a large file with several processes, each of which reads its ranges of bytes from the file itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import IO

from src.config.environment import cache_folder, child_environment
from src.errors import BuilderError
from src.providers.models.catalog import added_models
from src.providers.token_counter import TokenCounter
from src.providers.validation.row_checks import CheckTask, RowChecker, Share
from src.providers.validation.workers.worker import Orders

RANGE_BYTES = 4 << 20
# Counts that are asked for one by one take their time: show that it goes on.
SLOW_RANGE_BYTES = 64 << 10
# Below this, a process has hardly started and loaded its vocabulary when the whole file could be checked.
PROCESSES_FROM_BYTES = 32 << 20
# Each takes about 100 MB.
MOST_PROCESSES = 8
# So many ranges may be finished before one that takes long.
_AHEAD = 8
_ROOT = Path(__file__).resolve().parents[4]
Range = tuple[int, int]


def check_ranges(task: CheckTask, size: int, counter: TokenCounter | None = None) -> Iterator[tuple[int, Share]]:
    """Each range of a file of that many bytes in turn: where it ends, and what was found in it.

    A `counter` of the caller's cannot be sent to other processes: the file is then checked in this one.

    Raises OSError when the file cannot be read and BuilderError when a process ends early.
    """
    step = SLOW_RANGE_BYTES if counter else RANGE_BYTES
    ranges = [(start, min(size, start + step)) for start in range(0, size, step)]
    processes = min(_cores(), MOST_PROCESSES)
    if counter or size < PROCESSES_FROM_BYTES or processes == 1:
        checker = RowChecker(task, counter)
        for start, end in ranges:
            yield end, checker.check(start, end)
        return
    with CheckPool(task, processes) as pool:
        for (_, end), share in zip(ranges, pool.check(ranges), strict=True):
            yield end, share


class CheckPool:
    """Processes that check ranges of one file. Close it when done; leaving it as a context manager does."""

    def __init__(self, task: CheckTask, processes: int) -> None:
        """Raises BuilderError when no process can be started."""
        self.workers: list[_Worker] = []
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="checker")
        try:
            for _ in range(processes):
                self.workers.append(_Worker(task))
        except OSError as error:
            self.close()
            text = f"No process can be started to check {task.path.name} ({error}); free some memory."
            raise BuilderError(text) from error
        for worker in self.workers:
            self._idle.put(worker)

    def check(self, ranges: Iterable[Range]) -> Iterator[Share]:
        """One Share for each range, in order. Raises BuilderError when a process ends before it has answered."""
        pending: deque[Future[Share]] = deque()
        for range_ in ranges:
            pending.append(self._threads.submit(self._check, range_))
            if len(pending) > _AHEAD * len(self.workers):
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()

    def close(self) -> None:
        """End all processes, whatever they are doing. Safe to call twice."""
        for worker in self.workers:
            worker.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in self.workers:
            worker.end()

    def __enter__(self) -> CheckPool:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _check(self, range_: Range) -> Share:
        worker = self._idle.get()
        try:
            return worker.check(range_)
        finally:
            self._idle.put(worker)


class _Worker:
    """One process; check() is for one thread at a time."""

    def __init__(self, task: CheckTask) -> None:
        """Raises OSError when it cannot be started."""
        from msgspec.json import encode

        self.name = task.path.name
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by end()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "src.providers.validation.workers.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=_ROOT,
            env=child_environment(),
            start_new_session=True,  # Ctrl-C is for the program, which then ends this
        )
        # It works in another folder.
        orders = Orders(
            os.fsencode(task.path.absolute()),
            task.provider,
            task.model,
            task.form,
            str(cache_folder().absolute()),
            {name: [own.model_dump(exclude_none=True) for own in models] for name, models in added_models().items()},
        )
        self._send(encode(orders))

    def check(self, range_: Range) -> Share:
        """Raises BuilderError when the process has ended."""
        from msgspec.json import decode, encode

        self._send(encode(range_))
        answer = b""
        with suppress(OSError, ValueError):
            assert self.process.stdout is not None
            answer = self.process.stdout.readline()
        if not answer.endswith(b"\n"):
            raise BuilderError(self._obituary(range_))
        return decode(answer, type=Share)

    def kill(self) -> None:
        self.process.kill()

    def end(self) -> None:
        """Wait for its end, and close what leads to it."""
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self._errors):
            with suppress(OSError):  # the other end is gone, with something still in the buffer
                if pipe is not None:
                    pipe.close()

    def _send(self, line: bytes) -> None:
        assert self.process.stdin is not None
        with suppress(OSError, ValueError):  # it is gone: there will be no answer
            self.process.stdin.write(line + b"\n")
            self.process.stdin.flush()

    def _obituary(self, range_: Range) -> str:
        status = self.process.wait()
        how = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        self._errors.seek(0)
        last_words = self._errors.read().decode("utf-8", "replace").strip().splitlines()[-1:]
        why = f": {last_words[0]}" if last_words else "; is the memory full?"
        return (
            f"{self.name} was not checked to its end: the process at bytes {range_[0]:,} to {range_[1]:,} {how}{why} "
            "Free some memory and start again."
        )


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
