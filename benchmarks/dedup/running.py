"""The contenders, each measured in processes of its own, in turns."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.verify_formats.checkers import Checker
from benchmarks.verify_formats.environments import NotInstalledError, python_for

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 3
_LIMIT = 1_800


@dataclass
class Contender:
    """`requirements` are installed into an environment of their own; without any, ours has what is needed."""

    name: str
    kind: str
    requirements: tuple[str, ...] = ()
    rounds: int = ROUNDS
    trouble: str = ""
    cpu: list[float] = field(default_factory=list)
    rss: list[float] = field(default_factory=list)
    flagged: list[int] = field(default_factory=list)
    pairs: list[tuple[int, int]] | None = None

    @property
    def seconds(self) -> float:
        return median(self.cpu) if self.cpu else float("nan")

    @property
    def megabytes(self) -> float:
        return median(self.rss) if self.rss else float("nan")


_SKETCH = ("datasketch==2.0.0", "numpy<3")
OURS, SKETCH_BULK, SKETCH = "ours", "datasketch MinHash.bulk + MinHashLSH", "datasketch MinHash + MinHashLSH"


def contenders() -> list[Contender]:
    return [
        Contender(OURS, "ours"),
        Contender("exact on normalised text, xxh3_128", "exact"),
        Contender("exact prefix-filter join, plain Python", "prefix_join"),
        Contender(SKETCH_BULK, "datasketch", _SKETCH),
        Contender(SKETCH, "datasketch_one_by_one", _SKETCH, 1),
        Contender("rensa RMinHashDeduplicator, 16 bands", "rensa", ("rensa==0.5.0",)),
    ]


def measure(these: Sequence[Contender], texts: Path, folder: Path) -> None:
    """Run them in turns, so that a busy minute of the machine is no single contender's."""
    for turn in range(ROUNDS):
        for one in these:
            if turn < one.rounds and not one.trouble:
                _run(one, texts, folder / "found.json")


def _run(one: Contender, texts: Path, target: Path) -> None:
    try:
        python = sys.executable
        if one.requirements:
            python = str(python_for(Checker(one.name, f"dedup-{one.kind}", (), one.requirements)))
        command = [python, "-m", "benchmarks.dedup.contenders.serve", one.kind, str(texts), str(target)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_LIMIT)
    except (NotInstalledError, subprocess.TimeoutExpired) as error:
        one.trouble = str(error)
        return
    if done.returncode:
        one.trouble = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        return
    found = json.loads(target.read_text(encoding="utf-8"))
    one.cpu.append(found["cpu"])
    one.rss.append(found["rss_mb"])
    one.flagged = found["flagged"]
    one.pairs = None if found["pairs"] is None else [(int(a), int(b)) for a, b in found["pairs"]]
