"""A process that works: an encoded Call a line on standard input, an encoded Answer a line on standard output.

Run as `python -m src.pipeline.engine.worker`. It ends with its input, and with the program that started it.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import BinaryIO

from src.ingestion.isolation.confinement import watch
from src.pipeline.engine.calling import answer_call

# More than any machine has: here the watch only looks whether the program still lives.
_NO_LIMIT_MB = 1 << 30


def main() -> None:
    """Serve until standard input ends."""
    gc.set_threshold(50_000, 20, 20)  # records are many small objects without cycles
    calls, answers = sys.stdin.buffer, _private_output()
    watch(_NO_LIMIT_MB)
    for line in calls:
        answers.write(answer_call(line) + b"\n")
        answers.flush()


def _private_output() -> BinaryIO:
    """Standard output for the answers alone: what a library prints goes to standard error."""
    own = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(own, "wb")


if __name__ == "__main__":
    main()
