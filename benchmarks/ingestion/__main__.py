"""Every figure of reading documents, each part in a process of its own. Exits 1 when a bar is missed.

python -m benchmarks.ingestion [pdf office sheets plain_text isolation]
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

PARTS = ("pdf", "office", "sheets", "plain_text", "isolation")


def main(parts: Sequence[str]) -> int:
    missed = []
    for part in parts:
        print(f"=== {part}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.ingestion.{part}"]).returncode:
            missed.append(part)
    print(f"bars missed in: {', '.join(missed)}" if missed else "every bar is met")
    return 1 if missed else 0


if __name__ == "__main__":
    unknown = set(sys.argv[1:]) - set(PARTS)
    if unknown:
        sys.exit(f"unknown part {', '.join(sorted(unknown))}; choose from {', '.join(PARTS)}")
    sys.exit(main(sys.argv[1:] or PARTS))
