"""Packed datasets beside their bars, the plain file and the peers: `make bench-packing`. Exits 1 when a bar is missed.

python -m benchmarks.packing [--records N] [--no-peers]      (15 minutes; the first run makes environments for peers)

All figures are CPU seconds of one run, user and system, all threads; contenders are measured in turns, medians of n.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.generation.figures import say_where, show
from benchmarks.packing import reading_bars
from benchmarks.packing.chats.cached import cached_records
from benchmarks.packing.chats.ratios import RealTexts, shape_of
from benchmarks.packing.chats.records import RECORDS, SEED, record_lines
from benchmarks.packing.checks import bars, fidelity, integrity, memory, opening, pretokenised, validation
from benchmarks.packing.fleet import Fleet
from benchmarks.packing.rows import OURS, PEERS, ROUNDS, ROWS
from benchmarks.packing.table import lines_of

ROOT = Path(__file__).resolve().parents[2]
_FEWEST = 2_000
_SHAPED = 20_000


def main() -> int:
    chosen = _arguments()
    say_where()
    place = ROOT / "build" / "bench-packing"
    place.mkdir(parents=True, exist_ok=True)
    source, sha256 = cached_records(place, chosen.records)
    _describe(source, sha256)
    with tempfile.TemporaryDirectory(prefix="run-", dir=place) as name:
        return 0 if _measure(source, chosen, Path(name)) else 1


def _measure(source: Path, chosen: argparse.Namespace, folder: Path) -> bool:
    records: int = chosen.records
    fleet = Fleet((*ROWS, *(() if chosen.no_peers else PEERS)), source, records, folder)
    try:
        fleet.run(ROUNDS)
    finally:
        fleet.close()
    title = f"{records:,} records, {source.stat().st_size / 1e6:.1f} MB; CPU time, medians of n rounds"
    print("\n".join(("", title, *lines_of(fleet.measured), "")), flush=True)
    if any(fleet.measured[name].trouble for name in OURS.values()):
        return False
    packed = {codec: fleet.files(name) for codec, name in OURS.items()}
    _drop_peers(fleet)
    pace = bars.pace_of(reading_bars.stdlib_seconds(fleet.measured), records)
    print(f"{bars.told(reading_bars.stdlib_seconds(fleet.measured), records)}\n", flush=True)
    work = folder / "checks"
    work.mkdir()
    met = [
        show("Into dicts, and lazily", reading_bars.reading(fleet.measured), reading_bars.remarks(fleet.measured)),
        show("One record, and the start", [
            *reading_bars.moments(fleet.measured, pace), *opening.figures(source, packed, records, work, pace)
        ]),
        show("Packing", reading_bars.packing(fleet.measured, records, source.stat().st_size, pace)),
        show("Every frame verified", validation.figures(source, packed, pace)),
        show("Pretokenised, in batches of 8", *pretokenised.figures(source, records, work)),
        show("Memory", memory.figures(source, records, work)),
        show("Fidelity", fidelity.figures(work)),
        show("Integrity", integrity.figures(source, work)),
    ]  # fmt: skip
    print("all bars are met" if all(met) else "a bar is MISSED")
    return all(met)


def _describe(source: Path, sha256: str) -> None:
    """What the data are like, beside real text."""
    with source.open("rb") as stream:
        print(f"made    {shape_of(list(stream)).line()}")
    print(f"        sha256 {sha256}; the texts are those of this Python, another version's differ")
    real = RealTexts(SEED)
    if real.found > 1_000_000:
        shape = shape_of(list(record_lines(_SHAPED, texts=real)))
        print(f"real    {shape.line()}; {real.found / 1e6:.0f} MB of documents of this machine")
    print(flush=True)


def _drop_peers(fleet: Fleet) -> None:
    """The disk is wanted for what follows."""
    for one in fleet.measured.values():
        if one.row.kind and not one.row.ours:
            shutil.rmtree(fleet.folder / one.row.folder, ignore_errors=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.packing", description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS, help=f"{RECORDS:,}; fewer for a quick look")
    parser.add_argument("--no-peers", action="store_true", help="only the plain file and ours")
    chosen = parser.parse_args()
    if chosen.records < _FEWEST:
        parser.error(f"fewer than {_FEWEST:,} records say nothing")
    return chosen


if __name__ == "__main__":
    sys.exit(main())
