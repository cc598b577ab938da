"""What lies in a folder, whoever put it there: files, folders, links and the rest, nothing followed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path


def list_folder(folder: Path) -> tuple[frozenset[str], dict[str, str]]:
    """The regular files below the folder, and everything else with what it is; names have "/" and no way above."""
    files: set[str] = set()
    others: dict[str, str] = {}
    waiting = [(folder, "")]
    while waiting:
        here, above = waiting.pop()
        try:
            for entry in _entries(here):
                name = above + entry.name
                mode = entry.stat(follow_symlinks=False).st_mode
                if stat.S_ISREG(mode):
                    files.add(name)
                    continue
                others[name] = _told(mode)
                if stat.S_ISDIR(mode):
                    waiting.append((Path(entry.path), f"{name}/"))
        except OSError as error:
            others[above.rstrip("/") or "."] = f"; it cannot be read ({error.strerror or error})"
    return frozenset(files), others


def shown(name: str) -> str:
    """A file's name fit for a screen: what does not print is spelled out."""
    if name.isprintable():
        return name
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in name)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        yield from entries


def _told(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "; it is a folder"
    return "; it is a link" if stat.S_ISLNK(mode) else "; it is no regular file"
