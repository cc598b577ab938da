"""What reading in processes of their own costs and gives: overhead, both cores, memory, and the second run.

python -m benchmarks.ingestion.isolation
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.generation.figures import Figure, say_where, show
from benchmarks.ingestion.folders import write_folder, write_text

FILES = 400
ROUNDS = 7
BIG_TEXT_MB = 1024


def main() -> int:
    say_where()
    with tempfile.TemporaryDirectory() as base:
        here = Path(base)
        folder = write_folder(here / "mixed", FILES)
        met = [
            show(f"{FILES} mixed files (pdf, docx, txt, csv, xlsx, pptx)", _overhead(folder, here)),
            show("Both cores", _cores(here)),
            show("Memory and the size of the folder", _growth(folder, here)),
            show("The second run over the same folder", _second_run(folder, here)),
            show(f"One text file of {BIG_TEXT_MB:,} MB", _big_text(here)),
        ]
    return 0 if all(met) else 1


def _overhead(folder: Path, here: Path) -> list[Figure]:
    """CPU of all processes: the border alone by turns (see boundary_run), beside it the whole program with its start.

    What a process costs to start (it imports the readers once more) is the same for 400 and for 400,000 files, so it
    is told and not measured against the bar.
    """
    turns = [_measure("boundary_run", str(folder), str(here / f"border{n}")) for n in range(ROUNDS)]
    ratio = statistics.median(turn["there"] / turn["here"] for turn in turns)
    inside, pool = (statistics.median(turn[side] for turn in turns) for side in ("here", "there"))
    whole = statistics.median(
        _run("pool", 1, folder, here / f"pool{n}")["cpu"] / _run("inside", 1, folder, here / f"inside{n}")["cpu"]
        for n in range(ROUNDS)
    )
    note = f"{inside:.2f} -> {pool:.2f} ms a file; whole program over bare reading, with the start: {whole:.2f} x"
    return [Figure("isolation over in-process, CPU a file", ratio, 1.15, "x", note=note)]


def _cores(here: Path) -> list[Figure]:
    """Wall time with one and with two processes on enough work that the start does not count."""
    folder = write_folder(here / "heavy", 240, seed=8, paragraphs=400)
    ratios = []
    for number in range(3):
        one = _run("pool", 1, folder, here / f"one{number}")["wall"]
        two = _run("pool", 2, folder, here / f"two{number}")["wall"]
        ratios.append(one / two)
    speed = statistics.median(ratios)
    return [Figure("one process over two, wall (bar: two are 1.7 x one)", 1 / speed, 1 / 1.7, note=f"{speed:.2f} x")]


def _growth(folder: Path, here: Path) -> list[Figure]:
    few = write_folder(here / "few", FILES // 4)
    small, large = (_run("pool", 1, f, here / f"g{n}") for n, f in enumerate((few, folder)))
    return [
        Figure(f"program's memory, {FILES} over {FILES // 4} files", large["peak_mb"] / small["peak_mb"], 1.1, "x",
               note=f"{small['peak_mb']:.0f} -> {large['peak_mb']:.0f} MB"),
        Figure("reading process's memory, the same", large["child_peak_mb"] / small["child_peak_mb"], 1.15, "x",
               note=f"{small['child_peak_mb']:.0f} -> {large['child_peak_mb']:.0f} MB"),
    ]  # fmt: skip


def _second_run(folder: Path, here: Path) -> list[Figure]:
    first = _run("pool", 2, folder, here / "twice")
    again = _run("pool", 2, folder, here / "twice")
    return [
        Figure("files read again", again["files"] - again["from_cache"], 0, exactly=True),
        Figure("CPU of the second run over the first", again["cpu"] / first["cpu"], 0.2, "x"),
    ]


def _big_text(here: Path) -> list[Figure]:
    (here / "big").mkdir()
    path = write_text(here / "big" / "big.txt", BIG_TEXT_MB)
    done = _run("pool", 1, path.parent, here / "kept")
    rate = BIG_TEXT_MB / done["cpu"]
    return [
        Figure("files read", done["files"], 1, exactly=True),
        Figure("reading process, peak RSS", done["child_peak_mb"], 64, "MB", note=f"{rate:.0f} MB per CPU-s"),
        Figure("program, peak RSS", done["peak_mb"], 64, "MB"),
    ]


def _run(how: str, workers: int, folder: Path, cache: Path) -> dict[str, Any]:
    measured = _measure("reading_run", how, str(workers), str(folder), str(cache))
    assert measured["files"] and not measured["failed"], measured
    return measured


def _measure(module: str, *arguments: str) -> dict[str, Any]:
    """What a module of this package prints, run in a process of its own."""
    command = [sys.executable, "-m", f"benchmarks.ingestion.{module}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


if __name__ == "__main__":
    sys.exit(main())
