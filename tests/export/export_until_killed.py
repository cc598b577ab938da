"""Fork processes that export without end, and kill each at a random moment; prints how many left something unfinished.

What exports need is imported before the forks, so that the kills fall into exports and not into imports.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

import google_crc32c  # noqa: F401
import msgspec.json  # noqa: F401
import pyarrow.json
import pyarrow.parquet  # noqa: F401
import safetensors  # noqa: F401

from tests.export.export_in_a_loop import DATASET, KILLED_FORMATS, export


def main(folder: Path, kills: int) -> int:
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as warm:
        export(DATASET, Path(warm), KILLED_FORMATS)
    unfinished, longest = 0, 0.16
    for number in range(kills):
        own = folder / str(number % 8)
        formats = ("jsonl", *KILLED_FORMATS[1:][number % (len(KILLED_FORMATS) - 1) :][:2])
        child = os.fork()
        if child == 0:
            while True:
                export(DATASET, own, formats)
        before = len(list(own.glob("handbook/v*")))
        time.sleep(chance.uniform(0.01, longest))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        unfinished += bool(list(own.glob("handbook/.version*")))
        # How long an export takes depends on what else the machine does: about every second kill comes after one.
        longest *= 0.95 if len(list(own.glob("handbook/v*"))) > before else 1.05
    return unfinished


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), int(sys.argv[2])))
