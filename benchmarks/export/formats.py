"""Every export format beside the raw writer of its library: CPU time for the same samples, and peak memory.

python -m benchmarks.export.formats [SAMPLES] [FORMAT ...]      (1,000,000 samples; about an hour and 6 GB of disk)

Ours reads the samples from SQLite and writes them. The raw writer, whose ratio has the bar, is given rows that are in
memory already, in the shape it wants; the raw script does what a user's own would: sqlite3, json.loads and the same raw
writer. The first comparison is the harder one: ours reads SQLite, parses JSON and makes columns, which the raw writer
finds done. The database has pages of the product's size; its rows have no checksums, so that nobody verifies them.

Memory is measured with a tenth of the samples as well: it must not grow with them. Exits 1 when a bar is missed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
        measured = [_measure(one, large, small, folder) for one in names or EXPORT_FORMATS]
    print("\n".join(_table(measured)), flush=True)
    return 0 if all(one.met for one in measured) else 1


@dataclass(frozen=True)
class _Measured:
    """A format's CPU time as a multiple of that of the raw writer and of the raw script."""

    name: str
    to_raw: float
    to_script: float
    met: bool


def _measure(name: str, large: Path, small: Path, folder: Path) -> _Measured:
    least = _run("ours", name, small, folder / "runs")
    # Twice each, in turns, and the lesser one: whatever else the machine does only adds.
    who = ("raw", "script", "ours")
    runs = [_run(one, name, large, folder / "runs", keep=number == 5) for number, one in enumerate(who * 2)]
    raw, script, ours = (min(runs[number::3], key=_cpu) for number in range(3))
    checked = _run("validate", name, large, folder / "runs")
    library = PEERS[name].library if name in PEERS else "json.dumps"
    figures = [
        Figure(f"CPU beside {library}, rows in memory", _cpu(ours) / _cpu(raw), MOST_RATIO, "x"),
        Figure("peak memory", ours["peak_mb"], MOST_MEMORY_MB, "MB"),
        Figure("its growth with ten times the samples", ours["peak_mb"] - least["peak_mb"], MOST_GROWTH_MB, "MB"),
    ]
    each = [f"{who} {1e6 * _cpu(one) / ours['samples']:.1f}" for who, one in (("raw", raw), ("raw script", script))]
    remark = (
        f"{ours['mb']:,.0f} MB; {1e6 * _cpu(ours) / ours['samples']:.1f} us a sample, {', '.join(each)}; "
        f"reading back and comparing {1e6 * _cpu(checked) / ours['samples']:.1f} us, {checked['peak_mb']:.0f} MB"
    )
    met = show(name, figures, [f"CPU beside the raw script from SQLite: {_cpu(ours) / _cpu(script):.2f} x", remark])
    return _Measured(name, _cpu(ours) / _cpu(raw), _cpu(ours) / _cpu(script), met)


def _table(measured: Sequence[_Measured]) -> list[str]:
    lines = [f"{'CPU time as a multiple of':<24} raw writer, rows in memory   raw script from SQLite"]
    for one in measured:
        lines.append(f"{one.name:<24} {one.to_raw:>24.2f} x {one.to_script:>22.2f} x{'' if one.met else '   MISSED'}")
    return [*lines, f"the bar is {MOST_RATIO} x the raw writer"]


def _cpu(run: Mapping[str, Any]) -> float:
    return float(run["cpu"])


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
