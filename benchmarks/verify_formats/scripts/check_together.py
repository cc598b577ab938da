"""together's own check_file, which its command line runs before an upload."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from protocol import answer

os.environ["TOGETHER_DISABLE_TQDM"] = "true"
try:
    from together.lib.utils.files import check_file  # 2.x
except ImportError:
    from together.utils.files import check_file  # 1.x


def check(path: Path, form: str) -> Iterator[str]:
    report = check_file(path)
    if not report["is_check_passed"]:
        yield str(report.get("message") or report)


answer(check)
