"""One command as a process of its own: its time, and the most memory it and its children held together."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.generation.child import ROOT
from benchmarks.validate.process_tree import tree_mb

_LOOK_EVERY = 0.2


@dataclass(frozen=True)
class Measured:
    """Seconds of wall time, seconds of CPU (its children's included), peak memory in MB."""

    wall: float
    cpu: float
    peak_mb: float


def measured(folder: Path, arguments: Sequence[str]) -> Measured:
    """Run `python -m ARGUMENTS` in `folder`. Raises RuntimeError with what it said when it fails."""
    said = folder / "said.txt"
    with said.open("wb") as stream:
        began, peak = time.monotonic(), 0.0
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=stream,
            stderr=subprocess.STDOUT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        while True:
            done, status, usage = os.wait4(process.pid, os.WNOHANG)
            if done:
                break
            peak = max(peak, tree_mb(process.pid))
            time.sleep(_LOOK_EVERY)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {said.read_text(errors='replace')[-800:]}")
    return Measured(time.monotonic() - began, usage.ru_utime + usage.ru_stime, peak)
