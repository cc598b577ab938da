"""Time and memory by item, beside a tenth of them; and how fast the menu answers then. Exits 1 when a bar is missed.

python -m benchmarks.scale [--samples 1000000] [--documents 10000] [--stages run,save,stats,export,pack,menu]

run         documents with 100 questions and answers each, in identify mode, from reading to the export
save        samples streamed into the database
stats, qa, duplicates, export (jsonl and parquet), pack      the verbs, on that dataset
menu        from an answer to the next question, with all of it stored

Every stage is a process of its own; memory is that of the process and all it started, together, at its highest.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.generation.child import ROOT
from benchmarks.generation.figures import Figure, say_where, show
from benchmarks.scale.documents import PAIRS, write_documents
from benchmarks.scale.measuring import Measured, measured
from benchmarks.scale.menu import seconds_of_screens

MOST_MEMORY, MOST_TIME, MOST_MENU = 1.2, 1.15, 0.3
_ALL = ("run", "save", "stats", "export", "pack", "menu")
_VERBS = {
    "stats": ("stats", "bench", "--json"),
    "qa": ("qa", "bench"),
    "duplicates": ("duplicates", "bench"),
    "export": ("export", "bench", "--formats", "jsonl,parquet"),
    "pack": ("pack", "output_datasets/bench/v1.0.0"),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--stages", default=",".join(_ALL), help=f"of {', '.join([*_ALL, 'qa', 'duplicates'])}")
    chosen = parser.parse_args()
    stages = chosen.stages.split(",")
    say_where()
    met = True
    with tempfile.TemporaryDirectory(prefix="bench-scale-") as name:
        small, large = _home(Path(name), "small"), _home(Path(name), "large")
        if "run" in stages:
            met &= _compare("run", chosen.documents // 10, chosen.documents, lambda n: _run(Path(name), n), "document")
        if {"save", "menu", *_VERBS} & set(stages):
            few, many = chosen.samples // 10, chosen.samples
            homes = {few: small, many: large}
            met &= _compare("save", few, many, lambda n: measured(homes[n], _filling(n)), "sample")
            for stage in (stage for stage in _VERBS if stage in stages or (stage == "export" and "pack" in stages)):
                met &= _compare(stage, few, many, _verb(homes, stage), "sample")
        if "menu" in stages:
            figures = [Figure(name, took, MOST_MENU, "s") for name, took in seconds_of_screens(large).items()]
            met &= show(f"menu, {chosen.samples:,} samples stored", figures)
    return 0 if met else 1


def _compare(stage: str, few: int, many: int, work: Callable[[int], Measured], unit: str) -> bool:
    """Do it with few and with many."""
    try:
        little, much = work(few), work(many)
    except RuntimeError as error:
        print(f"{stage}: FAILED: {error}\n", flush=True)
        return False
    time_ratio = (much.wall / many) / (little.wall / few)
    figures = [
        Figure(
            f"time a {unit}", time_ratio, MOST_TIME, "x",
            note=f"{little.wall:.1f} s, {much.wall:.1f} s ({many / much.wall:,.0f} {unit}s/s)",
        ),
        Figure(
            "memory", much.peak_mb / little.peak_mb, MOST_MEMORY, "x",
            note=f"{little.peak_mb:,.0f} MB, {much.peak_mb:,.0f} MB",
        ),
    ]  # fmt: skip
    # Beside the bar: on a machine that others use, too, wall time says as much of them as of us.
    cpu = f"CPU time a {unit}: {(much.cpu / many) / (little.cpu / few):.2f} x ({little.cpu:.1f} s, {much.cpu:.1f} s)"
    return show(f"{stage}: {few:,} and {many:,} {unit}s", figures, [cpu])


def _home(folder: Path, name: str) -> Path:
    home = folder / name
    (home / "memory").mkdir(parents=True)
    (home / "input_files").mkdir()
    shutil.copy(ROOT / "tests" / "fixtures" / "config.yaml", home / "config.yaml")
    return home


def _run(folder: Path, documents: int) -> Measured:
    home = _home(folder, f"run-{documents}")
    write_documents(home / "input_files", documents)
    wanted = ("--mode", "identify", "--provider", "llama", "--size", str(documents * PAIRS), "--yes")
    taken = measured(home, ("src.main", "run", *wanted))
    shutil.rmtree(home)
    return taken


def _verb(homes: Mapping[int, Path], stage: str) -> Callable[[int], Measured]:
    return lambda number: measured(homes[number], ("src.main", *_VERBS[stage]))


def _filling(samples: int) -> tuple[str, ...]:
    return ("benchmarks.scale.fill", "memory/dataset_builder.db", str(samples))


if __name__ == "__main__":
    sys.exit(main())
