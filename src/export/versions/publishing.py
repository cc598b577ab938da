"""A finished folder becomes a version: planned again until its number is free, whole or not there at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

from src.export.versions.numbers import versions_in
from src.export.versions.planning import VersionPlan
from src.persistence.durable_files import sync_file, sync_folder

_TAKEN = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)


def publish(
    building: Path,
    folder: Path,
    plan: Callable[[], VersionPlan],
    write_version_files: Callable[[VersionPlan], object],
) -> VersionPlan:
    """Rename `building` to folder/VERSION once all of it is on the disk; the plan it was published by.

    When another process publishes a version in the meantime, it is planned anew: its parent is then that one. Raises
    OSError and what the callables raise; `building` stays then.
    """
    while True:
        planned = plan()
        write_version_files(planned)
        _sync(building)
        if _latest(folder) != planned.parent or not _renamed(building, folder / planned.version):
            continue
        sync_folder(folder)
        return planned


def _latest(folder: Path) -> str | None:
    names = versions_in(folder)
    return names[-1] if names else None


def _renamed(building: Path, final: Path) -> bool:
    """Whether the folder got the name; not when another process took it."""
    try:
        building.rename(final)
    except OSError as error:
        if error.errno not in _TAKEN or not final.exists():
            raise
        return False
    return True


def _sync(building: Path) -> None:
    for base, _, names in os.walk(building):
        for name in names:
            sync_file(Path(base, name))
        sync_folder(Path(base))
