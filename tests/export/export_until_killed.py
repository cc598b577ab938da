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
    unfinished = 0
    for number in range(kills):
        own = folder / str(number % 8)
        formats = ("jsonl", *KILLED_FORMATS[1:][number % (len(KILLED_FORMATS) - 1) :][:2])
        child = os.fork()
        if child == 0:
            while True:
                export(DATASET, own, formats)
        time.sleep(chance.uniform(0.01, 0.16))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        unfinished += bool(list(own.glob("handbook/.version*")))
    return unfinished


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), int(sys.argv[2])))
