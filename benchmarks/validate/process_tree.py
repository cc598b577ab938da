"""The largest memory that a process and everything it started held at one time."""

from __future__ import annotations

import os
import subprocess
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_LOOK_EVERY = 0.05  # seconds
_FORKED = 0x40  # PF_FORKNOEXEC in Linux's include/linux/sched.h
_STARTS_WITHIN = 0.1  # seconds


@dataclass(frozen=True)
class Run:
    """What a finished command wrote to standard output, and its tree's peak in MB (NaN where there is no /proc)."""

    output: str
    peak_mb: float


def run_measured(command: Sequence[str]) -> Run:
    """Run it to its end, looking at its tree all the while. Raises CalledProcessError."""
    peak = 0.0 if Path("/proc/self/statm").exists() else float("nan")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            peak = max(peak, tree_mb(process.pid))
            time.sleep(_LOOK_EVERY)
        assert process.stdout is not None
        output = process.stdout.read()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Run(output, peak)


def tree_mb(root: int) -> float:
    """What a process and all it started hold now."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):
            # The name in brackets may hold blanks; the fields after it are numbered from 3.
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if not _is_being_started(int(fields[6]), int(fields[19])):
                children[int(fields[1])].append(int(entry.name))
    total, waiting = 0.0, [root]
    while waiting:
        one = waiting.pop()
        waiting += children[one]
        total += _resident_mb(one)
    return total


def _is_being_started(flags: int, started: int) -> bool:
    """Whether a process has just been forked and runs no program of its own yet: its memory is its parent's."""
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - started / os.sysconf("SC_CLK_TCK")
    return bool(flags & _FORKED) and age < _STARTS_WITHIN


def _resident_mb(process: int) -> float:
    with suppress(OSError, IndexError, ValueError):
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return 0.0
