"""How long each screen of the menu takes to ask its first question, with a database as large as it is."""

from __future__ import annotations

import os
import select
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.generation.child import ROOT

ROUNDS = 5
# The number of a screen, what is answered to come to the question, and what it is called here.
SCREENS = (
    ("main menu", ()),
    ("1 configure", ("1",)),
    ("2 generate", ("2",)),
    ("3 statistics", ("3",)),
    ("4 export: which dataset", ("4", "1")),
    ("4 background jobs", ("4", "6")),
    ("5 settings", ("5",)),
)
_PATIENCE = 60.0


def seconds_of_screens(folder: Path) -> dict[str, float]:
    """The median time from an answer to the next question, by screen; of the main menu, from the start."""
    return {name: statistics.median(_seconds(folder, answers) for _ in range(ROUNDS)) for name, answers in SCREENS}


def _seconds(folder: Path, answers: tuple[str, ...]) -> float:
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "src.main"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:  # fmt: skip
        _question(process)
        for answer in answers:
            assert process.stdin is not None
            began = time.perf_counter()
            process.stdin.write(f"{answer}\n".encode())
            process.stdin.flush()
            _question(process)
        took = time.perf_counter() - began
        process.kill()
    return took


def _question(process: subprocess.Popen[bytes]) -> None:
    """Read until a prompt stands there: text that ends without a line break and is followed by silence."""
    assert process.stdout is not None
    said, deadline = b"", time.monotonic() + _PATIENCE
    while not said.endswith(b": "):
        if not select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise RuntimeError(f"no question came: {said[-300:]!r}")
        piece = os.read(process.stdout.fileno(), 65_536)
        if not piece:
            raise RuntimeError(f"the menu ended: {said[-300:]!r}")
        said += piece
