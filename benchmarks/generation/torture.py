"""kill -9 at 200 random moments at concurrency 1, 4 and 16, then resume. Exits 1 when a bar is missed.

python -m benchmarks.generation.torture [POINTS [SEED]]
"""

from __future__ import annotations

import sys

from benchmarks.generation.figures import say_where
from benchmarks.generation.kill import measure_points

POINTS, SEED = 200, 17


def main() -> int:
    points, seed = [int(given) for given in sys.argv[1:]] + [POINTS, SEED][len(sys.argv) - 1 :]
    say_where()
    return 0 if measure_points(points, seed) else 1


if __name__ == "__main__":
    sys.exit(main())
