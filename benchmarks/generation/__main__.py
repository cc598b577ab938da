"""All figures of the LLM layer beside their bars: `make bench-generation`. Exits 1 when one is missed.

python -m benchmarks.generation [overhead] [faults] [kill] [budget]      only those; torture is a script of its own
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from benchmarks.generation import budget, faults, kill, overhead
from benchmarks.generation.figures import say_where

MEASURES: dict[str, Callable[[], bool]] = {
    "overhead": overhead.measure,
    "faults": faults.measure,
    "kill": kill.measure,
    "budget": budget.measure,
}


def main() -> int:
    chosen = sys.argv[1:] or list(MEASURES)
    if unknown := set(chosen) - set(MEASURES):
        print(f"{', '.join(sorted(unknown))}: not a measure; there are {', '.join(MEASURES)}", file=sys.stderr)
        return 2
    say_where()
    met = [MEASURES[name]() for name in chosen]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
