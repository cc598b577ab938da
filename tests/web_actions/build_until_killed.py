"""Builds a dataset and says so when rows are on disk; for tests that kill it then."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from src.web_actions.dataset_builder import DatasetBuilder


def wait_to_be_killed(samples: int) -> None:
    if samples == 50:
        print("begun", flush=True)
        time.sleep(600)


if __name__ == "__main__":
    DatasetBuilder(progress=wait_to_be_killed).build_dataset(Path(sys.argv[1]), Path(sys.argv[2]))
