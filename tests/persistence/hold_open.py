"""A process that has the database open and does nothing, until its input ends."""

from __future__ import annotations

import sys
from pathlib import Path

from src.persistence.sqlite_client import DatasetStore

if __name__ == "__main__":
    with DatasetStore(Path(sys.argv[1])):
        print("ready", flush=True)
        sys.stdin.read()
