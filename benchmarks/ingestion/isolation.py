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
ROUNDS = 5
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
    """CPU seconds of all processes in alternating rounds.

    The bar is for the reading itself: what 360 more files cost. What a process costs to start (it imports the readers
    once more) is the same for 400 and for 400,000 files; with it the figure for 400 files is given beside.
    """
    few = write_folder(here / "first", FILES // 10)
    whole: dict[str, list[float]] = {"inside": [], "pool": []}
    more: dict[str, list[float]] = {"inside": [], "pool": []}
    for number in range(ROUNDS):
        for how in ("inside", "pool"):
            small = _run(how, 1, few, here / f"{how}-few{number}")["cpu"]
            large = _run(how, 1, folder, here / f"{how}{number}")["cpu"]
            whole[how].append(large)
            more[how].append(large - small)
    inside, pool = (1000 * statistics.median(more[how]) / (FILES - FILES // 10) for how in ("inside", "pool"))
    started = statistics.median(b / a for a, b in zip(whole["inside"], whole["pool"], strict=True))
    note = f"{inside:.2f} -> {pool:.2f} ms a file; {started:.2f} x with the start of the process"
    return [Figure("isolation over in-process, CPU a file", pool / inside, 1.15, "x", note=note)]


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
    command = [sys.executable, "-m", "benchmarks.ingestion.reading_run", how, str(workers), str(folder), str(cache)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert measured["files"] and not measured["failed"], measured
    return measured


if __name__ == "__main__":
    sys.exit(main())
