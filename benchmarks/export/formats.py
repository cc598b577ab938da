"""Every export format beside the raw writer of its library: CPU time for the same samples, and peak memory.

python -m benchmarks.export.formats [SAMPLES] [FORMAT ...]      (1,000,000 samples; about 40 minutes and 6 GB of disk)

Ours reads the samples from SQLite and writes them; the raw writer is given rows that are in memory already. Memory is
measured with a tenth of the samples as well: it must not grow with them. Exits 1 when a bar is missed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.export.format_peers import PEERS
from benchmarks.export.format_rows import write_database
from benchmarks.generation.figures import Figure, say_where, show
from src.export.formats import EXPORT_FORMATS

MOST_RATIO, MOST_GROWTH_MB, MOST_MEMORY_MB = 1.5, 64, 512


def main(samples: int, names: list[str]) -> int:
    say_where()
    with tempfile.TemporaryDirectory(prefix="bench-export-") as name:
        folder = Path(name)
        print(f"making a database of {samples:,} samples", flush=True)
        large = write_database(folder / "large.db", samples)
        small = write_database(folder / "small.db", samples // 10)
        met = [_measure(one, large, small, folder) for one in names or EXPORT_FORMATS]
    return 0 if all(met) else 1


def _measure(name: str, large: Path, small: Path, folder: Path) -> bool:
    # Twice each, in turns, and the lesser one: whatever else the machine does only adds.
    least = _run("ours", name, small, folder / "runs")
    raw = _run("raw", name, large, folder / "runs")
    first = _run("ours", name, large, folder / "runs")
    raw = min(raw, _run("raw", name, large, folder / "runs"), key=lambda run: run["cpu"])
    ours = min(first, _run("ours", name, large, folder / "runs", keep=True), key=lambda run: run["cpu"])
    checked = _run("validate", name, large, folder / "runs")
    library = PEERS[name].library if name in PEERS else "json.dumps"
    figures = [
        Figure(f"CPU beside {library}", ours["cpu"] / raw["cpu"], MOST_RATIO, "x"),
        Figure("peak memory", ours["peak_mb"], MOST_MEMORY_MB, "MB"),
        Figure("its growth with ten times the samples", ours["peak_mb"] - least["peak_mb"], MOST_GROWTH_MB, "MB"),
    ]
    samples = ours["samples"]
    remark = (
        f"{ours['mb']:,.0f} MB; {1e6 * ours['cpu'] / samples:.1f} us a sample, raw {1e6 * raw['cpu'] / samples:.1f}; "
        f"reading back and comparing {1e6 * checked['cpu'] / samples:.1f} us, {checked['peak_mb']:.0f} MB"
    )
    return show(name, figures, [remark])


def _run(who: str, name: str, database: Path, folder: Path, keep: bool = False) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "benchmarks.export.format_runs", who, name, str(database), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{who} {name} failed:\n{done.stderr}")
    if not keep:
        shutil.rmtree(folder)
    return dict(json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    given = sys.argv[1:]
    number = int(given.pop(0)) if given and given[0].isdigit() else 1_000_000
    sys.exit(main(number, given))
