"""Temporary files of runs that died, swept away when the next one starts."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from pathlib import Path

from src.config.file_lock import is_locked
from src.persistence.durable_files import sweep_incomplete

# Shards of a job that failed are kept for its next try, but not for ever.
_STALE_SECONDS = 7 * 24 * 3600


def sweep(engine_folder: Path, output_dir: Path, *others: Path) -> None:
    """Remove what nobody will ask for again: half-written files and folders of dead processes, and old shards."""
    for folder in (engine_folder, *others, *_folders(output_dir)):
        if folder.is_dir():
            sweep_incomplete(folder)
    _sweep_shards(engine_folder)


def _folders(output_dir: Path) -> list[Path]:
    return [output_dir, *(path for path in output_dir.glob("*") if path.is_dir() and not path.is_symlink())]


def _sweep_shards(folder: Path) -> None:
    """Folders of jobs that nobody works on and nobody has for a week, their locks and sizes."""
    for size in folder.glob("*.size"):
        with suppress(OSError):
            if time.time() - size.stat().st_mtime > _STALE_SECONDS:
                size.unlink()
    for lock in folder.glob("*.lock"):
        place = lock.with_suffix("")
        with suppress(OSError):
            age = time.time() - (place if place.is_dir() else lock).stat().st_mtime
            if age > _STALE_SECONDS and not is_locked(lock):
                shutil.rmtree(place, ignore_errors=True)
                lock.unlink(missing_ok=True)
