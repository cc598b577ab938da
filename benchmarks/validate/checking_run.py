"""Check one file with the program's own code, and print what that took as JSON. Run in a process of its own.

python -m benchmarks.validate.checking_run FILE PROVIDER
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from src.providers.validation.validator import validate_file


def main(path: Path, provider: str) -> None:
    began = time.perf_counter()
    report = validate_file(path, provider)
    wall = time.perf_counter() - began
    times = os.times()
    cpu = times.user + times.system + times.children_user + times.children_system
    errors = {group.rule: group.count for group in report.groups if group.severity == "error"}
    print(
        json.dumps(
            {
                "wall": wall,
                "cpu": cpu,
                "rows": report.rows,
                "counted": report.counted,
                "tokens": report.tokens,
                "exactness": report.exactness,
                "errors": errors,
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
