"""What the quality checks find, beside the bars: `make bench-quality`. Exits 1 when a bar is missed.

python -m benchmarks.quality [--seed N] [--presidio FILE] [--verbose]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.generation.figures import say_where
from benchmarks.quality.pii import Bench
from benchmarks.quality.pii_third_party import FILE

SEED = 1  # any other number gives other texts


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED, help="another number gives other texts")
    parser.add_argument("--presidio", type=Path, default=FILE, help="presidio-research's synth_dataset_v2.json")
    parser.add_argument("--verbose", action="store_true", help="show what was missed and what was wrong")
    chosen = parser.parse_args()
    say_where()
    return 0 if Bench(chosen.seed, chosen.verbose).run(chosen.presidio) else 1


if __name__ == "__main__":
    sys.exit(main())
