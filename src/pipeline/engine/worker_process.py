"""The program's end of a worker: start it, ask it, and end it when an item takes too long."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO

from src.config.environment import child_environment
from src.pipeline.engine.executor import Failure

_ROOT = Path(__file__).resolve().parents[3]


class WorkerProcess:
    """One process, started on first use and again after it ended. ask() is for one thread at a time."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._lock = threading.Lock()
        self._late = False

    def ask(self, line: bytes, timeout_s: float | None = None) -> bytes | Failure:
        """The answer's line, or what befell the process. Raises OSError when no process can be started."""
        child = self._start()
        timer = threading.Timer(timeout_s, self._end_late_one) if timeout_s is not None else None
        if timer is not None:
            timer.daemon = True
            timer.start()
        answer = b""
        with suppress(OSError, ValueError):  # it is gone: there will be no answer
            assert child.stdin is not None and child.stdout is not None
            child.stdin.write(line + b"\n")
            child.stdin.flush()
            answer = child.stdout.readline()
        if timer is not None:
            timer.cancel()
        if answer.endswith(b"\n"):
            return answer
        return self._obituary(timeout_s)

    def kill(self) -> None:
        """End the process at once; whoever waits for its answer sees that. From any thread."""
        with self._lock:
            if self._child is not None and self._child.returncode is None:
                _kill(self._child)

    def close(self) -> None:
        """End the process and close what leads to it. Not while another thread asks."""
        self.kill()
        self._bury()

    def _start(self) -> subprocess.Popen[bytes]:
        with self._lock:
            ended = self._child is not None and self._child.poll() is not None
        if ended:
            self._bury()
        with self._lock:
            self._late = False
            if self._child is None:
                self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by _bury
                self._child = _spawn(self._errors)
            return self._child

    def _end_late_one(self) -> None:
        self._late = True
        self.kill()

    def _bury(self) -> tuple[int, str]:
        """Wait for its end; gives its exit status and the last line it wrote to standard error."""
        with self._lock:  # once it is waited for, its number may be another's
            child, self._child = self._child, None
            errors, self._errors = self._errors, None
        if child is None or errors is None:
            return 0, ""
        _kill(child)
        status = child.wait()
        for pipe in (child.stdin, child.stdout):
            with suppress(OSError):  # the other end is gone, with something still in the buffer
                if pipe is not None:
                    pipe.close()
        with errors:
            errors.seek(max(0, errors.seek(0, os.SEEK_END) - 4096))
            words = errors.read().decode("utf-8", "replace").strip().splitlines()
        return status, words[-1][:300] if words else ""

    def _obituary(self, timeout_s: float | None) -> Failure:
        late = self._late
        with self._lock:
            child = self._child
        if child is not None and not late:
            with suppress(subprocess.TimeoutExpired):  # its pipe is closed, so it ends by itself: then its status tells
                child.wait(1)
        status, words = self._bury()
        if late:
            return Failure("timeout", f"took longer than {timeout_s:g} s")
        how = f"was ended by {_signal_name(-status)}" if status < 0 else f"ended with status {status}"
        return Failure("died", f"its process {how}{': ' + words if words else '; is the memory full?'}")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End it and everything it started."""
    with suppress(OSError):
        if sys.platform == "win32":
            child.kill()
        else:
            os.killpg(child.pid, signal.SIGKILL)


def _spawn(errors: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "src.pipeline.engine.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        cwd=_ROOT,
        env=child_environment(),
        start_new_session=True,  # Ctrl-C is for the program, and what a worker started dies with it
    )
