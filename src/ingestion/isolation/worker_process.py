"""The program's end of a reading process: start it, give it files, and kill it when a file takes too long."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from src.config.environment import child_environment
from src.ingestion.isolation.confinement import OUT_OF_MEMORY
from src.ingestion.isolation.jobs import Limits, ReadJob, ReadOutcome

_ROOT = Path(__file__).resolve().parents[3]
# A process that has grown past this, or has read so many files, is replaced: what parsers leak does not add up.
RENEW_ABOVE_MB = 512
RENEW_AFTER_FILES = 500
# Statuses after which the file is tried once more with the cautious engine.
_WORTH_A_SECOND_TRY = ("crashed", "memory")
# What allocators of Rust, C++ and C write when they give up.
_CRIES_FOR_MEMORY = (b"memory allocation of", b"bad_alloc", b"Cannot allocate memory", b"Out of memory")


@dataclass(frozen=True, slots=True)
class _Child:
    """A running process and the file that takes what it writes to standard error."""

    process: subprocess.Popen[bytes]
    errors: IO[bytes]

    def kill(self) -> None:
        """End it and everything it started. Only before end() is called: later its number may be another's."""
        with suppress(OSError):
            if sys.platform == "win32":
                self.process.kill()
            else:
                os.killpg(self.process.pid, signal.SIGKILL)

    def end(self) -> tuple[int, bytes]:
        """Wait for its end; gives its exit status (negative for a signal) and the end of its standard error."""
        status = self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):  # the other end is gone, with something still in the buffer
                if pipe is not None:
                    pipe.close()
        with self.errors as errors:
            errors.seek(max(0, errors.seek(0, os.SEEK_END) - 4096))
            return status, errors.read()


@dataclass(slots=True)
class WorkerProcess:
    """One process, started on first use and again after it died. read() is for one thread at a time."""

    limits: Limits
    _child: _Child | None = None
    _files: int = 0
    _busy: bool = False
    _deadline: float = math.inf
    _timed_out: bool = False
    _closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, jobs: Sequence[ReadJob]) -> list[ReadOutcome]:
        """One outcome per file, in order, whatever the files do to the process.

        Raises OSError when no process can be started, also because this one was closed.
        """
        outcomes: list[ReadOutcome] = []
        while len(outcomes) < len(jobs):
            outcomes += self._ask(jobs[len(outcomes) :])
        return [self._settled(job, outcome) for job, outcome in zip(jobs, outcomes, strict=True)]

    def close(self) -> None:
        """End the process at once, also while another thread reads. No file can be read afterwards."""
        with self._lock:
            self._closed = True
            idle = not self._busy
            if self._child is not None:
                self._child.kill()
        if idle:  # else the reading thread sees its end
            self._end()

    def kill_if_late(self) -> None:
        """End the process when its file has taken too long. To be called now and then from another thread."""
        with self._lock:
            if self._busy and self._child is not None and time.monotonic() > self._deadline:
                self._timed_out = True
                self._child.kill()

    def _settled(self, job: ReadJob, outcome: ReadOutcome) -> ReadOutcome:
        """The outcome with its message; of the cautious engine where the fast one died."""
        if outcome.status in _WORTH_A_SECOND_TRY and not job.options.safe and not self._closed:
            (second,) = self._ask([replace(job, options=replace(job.options, safe=True))])
            # A kind without a second engine answers "crashed" at once, which says no more than the first try.
            outcome = outcome if second.status == "crashed" else second
        return outcome if outcome.message or outcome.status == "ok" else replace(outcome, message=self._why(outcome))

    def _ask(self, jobs: Sequence[ReadJob]) -> list[ReadOutcome]:
        """Outcomes of the first of these files, one at least: of all, or until the process died or must be replaced.

        The process has all of them before it, so that it never waits for the program between two small files.
        """
        child = self._start(jobs[0].seconds)
        try:
            outcomes = self._answers(child, jobs)
        finally:
            with self._lock:
                self._busy = False
                worn = self._closed or self._timed_out or self._files >= RENEW_AFTER_FILES
        if worn or outcomes[-1].memory_mb > RENEW_ABOVE_MB:
            self._end()
        return outcomes

    def _answers(self, child: _Child, jobs: Sequence[ReadJob]) -> list[ReadOutcome]:
        outcomes: list[ReadOutcome] = []
        _send(child, jobs)
        for job in jobs:
            if not self._set_clock(job.seconds) and outcomes:
                break
            line = _receive(child)
            if not line.endswith(b"\n"):
                return [*outcomes, self._cause_of_death()]
            outcomes.append(ReadOutcome.from_line(line))
            self._files += 1
            if outcomes[-1].memory_mb > RENEW_ABOVE_MB:
                break
        return outcomes

    def _start(self, seconds: float) -> _Child:
        with self._lock:
            if self._closed:
                raise OSError("the pool of reading processes is closed")
            if self._child is None:
                self._files = 0
                self._child = _spawn(self.limits.memory_mb)
            self._busy, self._timed_out, self._deadline = True, False, time.monotonic() + seconds
            return self._child

    def _set_clock(self, seconds: float) -> bool:
        """Give the next file its time; False when the process was killed just after it had answered."""
        with self._lock:
            self._deadline = time.monotonic() + seconds
            return not self._timed_out

    def _end(self) -> tuple[int, bytes]:
        """Kill what still runs. Gives the exit status and the end of standard error."""
        with self._lock:  # once it is waited for, close() must not kill what may have its number by then
            child, self._child = self._child, None
        if child is None:
            return 0, b""
        child.kill()  # also what it started
        return child.end()

    def _cause_of_death(self) -> ReadOutcome:
        status, errors = self._end()
        if self._timed_out or status == -getattr(signal, "SIGXCPU", 0):
            return ReadOutcome("timeout")
        starved = status in (OUT_OF_MEMORY, -9) or any(cry in errors for cry in _CRIES_FOR_MEMORY)
        return ReadOutcome("memory" if starved else "crashed")

    def _why(self, outcome: ReadOutcome) -> str:
        limits = self.limits
        if outcome.status == "timeout":
            return (
                f"took longer than {limits.timeout_s:g} s to read (one more for each MB) and was given up; save it "
                "again in its program, split it, or raise ingestion.timeout_s"
            )
        if outcome.status == "memory":
            return (
                f"needs more than {limits.memory_mb:,} MB of memory to read; split it, save it again in its program, "
                "or raise ingestion.memory_mb"
            )
        return (
            "made its parser crash: the file is damaged or built to do harm; open it in its program and save it again"
        )


def _spawn(memory_mb: int) -> _Child:
    errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by _Child.end
    process = subprocess.Popen(  # noqa: S603 - our own module, with this Python
        [sys.executable, "-m", "src.ingestion.isolation.worker", str(memory_mb)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        cwd=_ROOT,
        env=child_environment(),
        start_new_session=True,  # Ctrl-C is for the program, and its own children die with it
    )
    return _Child(process, errors)


def _send(child: _Child, jobs: Sequence[ReadJob]) -> None:
    assert child.process.stdin is not None
    with suppress(OSError, ValueError):  # it died before it could be asked: there will be no answer
        child.process.stdin.write(b"".join(job.to_line() for job in jobs))
        child.process.stdin.flush()


def _receive(child: _Child) -> bytes:
    """An answer's line; without a line break at its end when the process died."""
    assert child.process.stdout is not None
    with suppress(OSError, ValueError):
        return child.process.stdout.readline()
    return b""
