"""A lock on a file, so that two processes do not write the same download."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, waiting while another process has it. The system frees it when we end."""
    with path.open("ab") as stream:
        _lock(stream.fileno())
        yield


if sys.platform == "win32":

    def _lock(handle: int) -> None:
        import msvcrt

        while True:
            try:
                return msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            except OSError:  # held by another process
                time.sleep(0.2)

else:

    def _lock(handle: int) -> None:
        import fcntl

        while True:
            try:
                return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:  # held by another process
                time.sleep(0.2)
