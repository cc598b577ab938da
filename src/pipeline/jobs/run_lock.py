"""One process at a time works on a run: a lock the system frees when the process ends, however it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from src.config.file_lock import is_locked, try_lock
from src.errors import UsageError


@contextmanager
def run_lock(journal: Path, run_id: str) -> Iterator[None]:
    """Hold a run. Raises UsageError when another process works on it."""
    path = _path(journal, run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as stream:
        # Whoever held it may have removed the file after we opened it: then another file is the lock by now.
        if not try_lock(stream.fileno()) or not _is_the_file_at(path, stream.fileno()):
            raise UsageError(f"Run {run_id} is at work in another process; let it finish or stop it first.")
        try:
            yield
        finally:
            if sys.platform != "win32":  # which removes no open file: there it stays, empty
                path.unlink(missing_ok=True)


def is_at_work(journal: Path, run_id: str) -> bool:
    """Whether a process holds the run now; a run that is not held and not finished was killed."""
    path = _path(journal, run_id)
    return path.exists() and is_locked(path)


def _is_the_file_at(path: Path, handle: int) -> bool:
    return path.exists() and os.path.samestat(path.stat(), os.fstat(handle))


def _path(journal: Path, run_id: str) -> Path:
    return journal.with_name(f"{journal.stem}.{run_id}.lock")
