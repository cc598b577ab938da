"""What a verb gives back: its exit code and the object that --json prints."""

from __future__ import annotations

from typing import Any

Result = tuple[int, dict[str, Any]]
# 75 is EX_TEMPFAIL of sysexits.h: try again later.
DONE, FAILED, WRONG_USAGE, PAUSED, INTERRUPTED = 0, 1, 2, 75, 130
