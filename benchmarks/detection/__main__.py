"""How well conversations are found, beside the bars: `make bench-detection`. Exits 1 when a bar is missed.

python -m benchmarks.detection [--seed N] [--family PART ...] [--verbose] [--no-negatives]
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from pathlib import Path

from benchmarks.detection.families import EXTRA, families
from benchmarks.detection.measure import measure_family, measure_natural, measure_negatives
from benchmarks.detection.report import Report
from benchmarks.generation.figures import say_where

SEED = 1  # any other number gives another set of conversations, files and negatives


def main() -> int:
    chosen = _arguments()
    logging.disable(logging.WARNING)
    report = Report(chosen.verbose)
    say_where()
    wanted = [part.lower() for part in chosen.family]
    with tempfile.TemporaryDirectory(prefix="detection-") as name:
        folder = Path(name)
        for family in families():
            if not wanted or any(part in family.name.lower() for part in wanted):
                report.family(family, measure_family(family, folder, chosen.seed))
        if not wanted and (natural := measure_natural(folder)) is not None:
            report.row("fortunes' riddles", natural, EXTRA)
        elif not wanted:
            print("  fortunes' riddles: not installed (apt-get install fortunes-min), left out")
        if not wanted and not chosen.no_negatives:
            (folder / "negatives").mkdir()
            report.negatives(measure_negatives(folder / "negatives", chosen.seed))
    return 0 if report.close() else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED, help="another number gives another set")
    parser.add_argument("--family", nargs="+", default=[], help="only the families whose name holds this")
    parser.add_argument("--verbose", action="store_true", help="show what was found beside what should have been")
    parser.add_argument("--no-negatives", action="store_true", help="leave out the text without conversations")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
