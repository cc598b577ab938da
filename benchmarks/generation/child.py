"""One run of a program as a child process: what it said, how long it took, what it cost."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LINES_OF_A_CRASH = 25
# Linux gives kilobytes, macOS bytes: getrusage(2) of each.
_RSS_UNIT = 1024 if sys.platform == "linux" else 1


@dataclass(frozen=True)
class Outcome:
    """How a child ended. `exit_code` is negative for a signal; `cpu` is user and system time in seconds."""

    exit_code: int
    started: float
    wall: float
    cpu: float
    peak_mb: float
    stdout: str
    stderr: str

    @property
    def answer(self) -> dict[str, Any]:
        """The object that --json printed, {} where there is none."""
        for line in reversed(self.stdout.splitlines()):
            with contextlib.suppress(ValueError):
                found = json.loads(line)
                return found if isinstance(found, dict) else {}
        return {}

    def said(self) -> str:
        """The end of what it said, for whoever has to find out why it failed."""
        text = (self.stderr.replace("\r", "\n") + "\n" + self.stdout).splitlines()
        lines = [line for line in text if line.strip()][-LINES_OF_A_CRASH:]
        return "\n".join(
            [f"    exit code {self.exit_code} after {self.wall:.1f} s; it said:", *(f"    | {x[:300]}" for x in lines)]
        )


class Child:
    """A running process. Its resources are read with wait4, which counts it alone and not the harness's others.

    Linux counts the memory of the process that forked it into its peak: a harness of more than the bar's
    megabytes would be measured instead.
    """

    def __init__(self, arguments: Sequence[str], folder: Path, variables: Mapping[str, str] | None = None) -> None:
        self._out, self._err = folder / "stdout.txt", folder / "stderr.txt"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.started = time.time()
            self._process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env={**_bare_environment(), **(variables or {})},
            )
        self._ended = threading.Event()
        self._outcome: tuple[int, float, float, float] = (0, 0.0, 0.0, 0.0)
        threading.Thread(target=self._reap, daemon=True).start()

    @property
    def running(self) -> bool:
        return not self._ended.is_set()

    def wait(self, seconds: float) -> Outcome:
        """Its outcome; one that takes longer is killed, which its exit code tells."""
        if not self._ended.wait(seconds):
            return self.kill()
        return self._read()

    def kill(self) -> Outcome:
        """End it with SIGKILL, unless it has ended by itself."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)
        self._ended.wait()
        return self._read()

    def _reap(self) -> None:
        _, status, usage = os.wait4(self._process.pid, 0)
        wall = time.time() - self.started
        self._process.returncode = os.waitstatus_to_exitcode(status)
        peak = usage.ru_maxrss * _RSS_UNIT / 1e6
        self._outcome = (self._process.returncode, wall, usage.ru_utime + usage.ru_stime, peak)
        self._ended.set()

    def _read(self) -> Outcome:
        said = (path.read_text(encoding="utf-8", errors="replace") for path in (self._out, self._err))
        code, wall, cpu, peak = self._outcome
        return Outcome(code, self.started, wall, cpu, peak, *said)


def _bare_environment() -> dict[str, str]:
    """The user's environment without keys, addresses and proxies: nothing may leave this machine."""
    unwanted = ("_API_KEY", "_BASE_URL", "_PROXY", "_proxy")
    return {
        name: value
        for name, value in os.environ.items()
        if not name.endswith(unwanted) and name not in ("AGENT_PROVIDER", "AGENT_MODEL")
    }
