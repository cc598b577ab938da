"""Splits, databases and formats beside their bars: `make bench-export`. Exits 1 when one is missed.

python -m benchmarks.export [splitting] [database] [formats [SAMPLES [FORMAT ...]]]      only those
"""

from __future__ import annotations

import subprocess
import sys

PARTS = ("splitting", "database", "formats")


def main() -> int:
    chosen = sys.argv[1:] or list(PARTS)
    if chosen[0] not in PARTS:
        print(f"{chosen[0]}: not a part; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    # Each in a process of its own: what one holds in memory is not the other's.
    codes = []
    while chosen:
        part, *rest = chosen
        own = rest if part == "formats" else []
        codes.append(subprocess.call([sys.executable, "-m", f"benchmarks.export.{part}", *own]))
        chosen = [] if part == "formats" else rest
    return 1 if any(codes) else 0


if __name__ == "__main__":
    sys.exit(main())
