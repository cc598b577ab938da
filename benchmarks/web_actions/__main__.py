"""Web-action datasets beside their bars: `make bench-web-actions`. Exits 1 when a bar is missed.

python -m benchmarks.web_actions [--steps N] [--pages N]

Pages are made by number (pages.py). Speed: whole builds, from the recordings to the stored dataset, beside the HTML
parser alone on the same DOMs; in turns, medians. The bar is for the wall clock; the ratio of CPU time stands beside
it. Memory: the peak of the build and all its processes, at a tenth of
the steps and at all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.generation.figures import Figure, say_where, show
from benchmarks.validate.process_tree import run_measured
from benchmarks.web_actions.child import PARSERS
from benchmarks.web_actions.pages import write_sessions

ROOT = Path(__file__).resolve().parents[2]
# So many pages that a program's start (0.5 s and more for imports and tokenizer) does not decide.
STEPS, PAGES, ROUNDS = 100_000, 20_000, 3
# A rendered page of the web has a markup of about 100 KB; the many steps of the memory check are smaller for the disk.
_LARGE_CARDS, _SMALL_CARDS = 90, 20
_SLOWER, _MORE = 1 / 0.8, 1.2
# The bar is for the parser that the product uses, which is the fastest one; the others say what is usual.
_OWN_PARSER = "lexbor"
# The others are slow, and have no bar: this share of the pages says how fast they are.
_SHARE = 0.05


@dataclass(frozen=True)
class Measured:
    steps: int
    seconds: float
    cpu: float
    peak_mb: float


def main() -> int:
    chosen = _arguments()
    say_where()
    place = ROOT / "build" / "bench-web-actions"
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=place) as name:
        folder = Path(name)
        met = [_speed(folder, chosen.pages), _memory(folder, chosen.steps)]
    print("all bars are met" if all(met) else "a bar is MISSED")
    return 0 if all(met) else 1


def _speed(folder: Path, pages: int) -> bool:
    source = folder / "speed.jsonl"
    megabytes = write_sessions(source, pages, _LARGE_CARDS) / 1e6
    builds: list[Measured] = []
    parsed: dict[str, list[Measured]] = {name: [] for name in PARSERS}
    for _ in range(ROUNDS):
        builds.append(_build(folder, source))
        for name, found in parsed.items():
            found.append(_run("parse", source, name, pages if name == _OWN_PARSER else max(10, int(pages * _SHARE))))
    source.unlink()
    wall, cpu = median(one.seconds for one in builds), median(one.cpu for one in builds)
    alone = {name: median(one.seconds / one.steps for one in found) for name, found in parsed.items()}
    own = median(one.cpu / one.steps for one in parsed[_OWN_PARSER])
    figures = [
        Figure(
            f"a build beside {name} alone, wall clock", wall / pages / seconds,
            _SLOWER if name == _OWN_PARSER else float("inf"), "x",
            note=f"{seconds * pages / wall:.2f} of its speed; {name} {1 / seconds:,.0f} pages/s",
        )
        for name, seconds in alone.items()
    ]  # fmt: skip
    figures.append(
        Figure(
            f"a build beside {_OWN_PARSER} alone, CPU time", cpu / pages / own, float("inf"), "x",
            note=f"{own * pages / cpu:.2f}; all processes and their start",
        )
    )  # fmt: skip
    remarks = [
        f"{pages:,} steps of {1000 * megabytes / pages:,.0f} KB: {pages / wall:,.0f}/s, {megabytes / wall:.1f} MB/s",
        f"CPU {1000 * cpu / pages:.2f} ms a step, {_OWN_PARSER} {1000 * own:.2f} ms; {os.cpu_count()} cores",
    ]
    return show("Speed", figures, remarks)


def _memory(folder: Path, steps: int) -> bool:
    found: list[Measured] = []
    for count in (steps // 10, steps):
        source = folder / "memory.jsonl"
        write_sessions(source, count, _SMALL_CARDS)
        found.append(_build(folder, source))
        source.unlink()
    few, many = found
    figures = [
        Figure(
            f"peak memory, {many.steps:,} beside {few.steps:,} steps", many.peak_mb / few.peak_mb, _MORE, "x",
            note=f"{few.peak_mb:.0f} and {many.peak_mb:.0f} MB, all processes",
        ),
        Figure("time for a step, the same", (many.seconds / many.steps) / (few.seconds / few.steps), _MORE, "x"),
    ]  # fmt: skip
    return show(
        "Memory", figures, [f"{many.steps:,} steps in {many.seconds:.0f} s, {many.steps / many.seconds:,.0f}/s"]
    )


def _build(folder: Path, source: Path) -> Measured:
    there = folder / "built"
    there.mkdir()
    try:
        return _run("build", source, there)
    finally:
        shutil.rmtree(there)


def _run(deed: str, source: Path, *others: object) -> Measured:
    words = [deed, str(source), *map(str, others)]
    run = run_measured([sys.executable, "-m", "benchmarks.web_actions.child", *words])
    return Measured(**json.loads(run.output.splitlines()[-1]), peak_mb=run.peak_mb)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web_actions", description=__doc__)
    parser.add_argument("--steps", type=int, default=STEPS, help=f"of the memory check; {STEPS:,}")
    parser.add_argument("--pages", type=int, default=PAGES, help=f"of the speed check; {PAGES:,}")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
