"""One process at a time in a folder: a lock the system frees when the process ends, however it ends."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from src.errors import StorageError


@contextmanager
def sole_user(lock: Path, what: str) -> Iterator[None]:
    """Hold the lock file. Raises StorageError, naming `what` is at work, when another process holds it."""
    with lock.open("ab") as stream:
        if not _taken(stream.fileno()):
            raise StorageError(f"{what} is at work in another process; let it finish or stop it first.")
        yield


if sys.platform == "win32":

    def _taken(handle: int) -> bool:
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:  # held by another process
            return False
        return True

else:

    def _taken(handle: int) -> bool:
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # held by another process
            return False
        return True
