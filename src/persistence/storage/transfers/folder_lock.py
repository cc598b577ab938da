"""One process at a time in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from src.config.file_lock import try_lock
from src.errors import StorageError


@contextmanager
def sole_user(lock: Path, what: str) -> Iterator[None]:
    """Hold the lock file. Raises StorageError, naming `what` is at work, when another process holds it."""
    with lock.open("ab") as stream:
        if not try_lock(stream.fileno()):
            raise StorageError(f"{what} is at work in another process; let it finish or stop it first.")
        yield
