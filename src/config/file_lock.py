"""A lock on a file, so that two processes do not do the same work; the system frees it however a process ends."""

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


def is_locked(path: Path) -> bool:
    """Whether another process holds the lock file `path`."""
    with path.open("ab") as stream:
        return not try_lock(stream.fileno())


if sys.platform == "win32":

    def try_lock(handle: int) -> bool:
        """Take the lock of an open file, if nobody has it."""
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:  # held by another process
            return False
        return True

else:

    def try_lock(handle: int) -> bool:
        """Take the lock of an open file, if nobody has it."""
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # held by another process
            return False
        return True


def _lock(handle: int) -> None:
    while not try_lock(handle):
        time.sleep(0.2)
