"""Files that survive a crash: on disk before anyone relies on them, and leftovers of dead processes swept away."""

from __future__ import annotations

import os
import platform
import re
import secrets
import shutil
import time
from pathlib import Path

_STALE_SECONDS = 24 * 3600
_INCOMPLETE = re.compile(
    r"^\..+\.incomplete-(?P<host>.*)-(?P<pid>\d+)(?:\.(?P<began>\d+))?-[0-9a-f]{8}"
    r"(?:-journal|-wal|-shm)?$"  # SQLite's own files beside an unfinished database
)


def incomplete_path(final: Path) -> Path:
    """A hidden name beside `final` to build it under; the name tells whose it is."""
    began = _began(os.getpid())
    process = f"{os.getpid()}.{began}" if began else str(os.getpid())
    return final.with_name(f".{final.name}.incomplete-{_this_host()}-{process}-{secrets.token_hex(4)}")


def sync_file(path: Path) -> None:
    """Return once the file's content is on the disk."""
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def sync_folder(path: Path) -> None:
    """Return once the folder's names (new, renamed) are on the disk. Windows keeps no handle on folders."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep_incomplete(folder: Path) -> None:
    """Remove what processes that are gone, or stuck for a day, left unfinished in the folder."""
    for entry in folder.glob(".*.incomplete-*"):
        if _is_left_over(entry):
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)


def _is_left_over(entry: Path) -> bool:
    name = _INCOMPLETE.match(entry.name)
    if name is None:
        return False
    try:
        age = time.time() - entry.lstat().st_mtime
    except FileNotFoundError:
        return False
    # A process id says nothing about a process on another machine that shares the folder.
    gone = name["host"] == _this_host() and not _is_running(int(name["pid"]), name["began"] or "")
    return gone or age > _STALE_SECONDS


def _this_host() -> str:
    return re.sub(r"[^A-Za-z0-9]", "_", platform.node())


def _is_running(pid: int, began: str) -> bool:
    """Whether the process lives; not one that was given the same number later, where that can be told."""
    if os.name == "nt":
        return True  # os.kill(pid, 0) would end the process there
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return not began or _began(pid) == began


def _began(pid: int) -> str:
    """When the process began, in ticks since the machine did; "" where nothing says so or only its parent is to hear
    of its end."""
    try:
        # The name in brackets may hold blanks; the fields after it are numbered from 3 (man 5 proc).
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else fields[19]
    except (OSError, IndexError):
        return ""
