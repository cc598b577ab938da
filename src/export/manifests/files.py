"""The files of an export as its manifest lists them: size, SHA-256, what each is for and how many rows it has."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from src.errors import ExportError
from src.export.manifests.schema import CHECKSUM_NAME, FILE_PATH, MANIFEST_NAME, Role
from src.records import SPLITS, Split

CHANGELOG_NAME = "CHANGELOG.md"
CROISSANT_NAME = "croissant.json"
LOCK_NAME = "config_lock.json"
# What write_version_files writes, after everything else.
LATE_NAMES = (CHANGELOG_NAME, CROISSANT_NAME, MANIFEST_NAME, CHECKSUM_NAME)
_ROLES: Mapping[str, Role] = {
    "metadata.csv": "metadata",
    "statistics.json": "statistics",
    "statistics.html": "statistics",
    "qa_report.json": "qa",
    "qa_report.html": "qa",
    "lineage.jsonl": "lineage",
    LOCK_NAME: "lock",
    CHANGELOG_NAME: "changelog",
    CROISSANT_NAME: "croissant",
}
_SPLIT_NAME = re.compile(r"(?:^|[^A-Za-z0-9])(" + "|".join(SPLITS) + r")(?:[^A-Za-z0-9]|$)")
_PIECE = 1 << 18
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A file's size, the SHA-256 of its bytes, and how many lines end in a .jsonl file (0 for others)."""

    bytes: int
    sha256: str
    lines: int


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of an export. `path` is below the export's folder, with "/"; `rows` is None where nobody counted."""

    path: str
    bytes: int
    sha256: str
    role: Role
    format: str | None = None
    split: Split | None = None
    rows: int | None = None


def describe_files(building: Path, written: Mapping[str, Sequence[Path]]) -> list[FileEntry]:
    """Every file below the folder, read from the disk, in order of their paths; the version's own files excepted.

    `written` holds each format's files. Raises OSError, and ExportError for a file whose name cannot stand in a
    manifest.
    """
    format_of = {path: name for name, paths in written.items() for path in paths}
    paths = [path for path in regular_files(building) if path.relative_to(building).as_posix() not in LATE_NAMES]
    prints = fingerprints(paths)
    entries = [_entry(building, path, format_of.get(path), prints[path]) for path in paths]
    return sorted(entries, key=lambda entry: entry.path)


def with_rows(entries: Sequence[FileEntry], rows: Mapping[str, Mapping[Split, int]]) -> list[FileEntry]:
    """The entries; where a split has one file in a format, that file has the format's rows of the split."""
    files = Counter((entry.format, entry.split) for entry in entries)
    return [
        replace(entry, rows=rows.get(entry.format, {}).get(entry.split))
        if entry.rows is None and entry.format and entry.split and files[entry.format, entry.split] == 1
        else entry
        for entry in entries
    ]


def describe_late_file(building: Path, name: str) -> FileEntry:
    """The entry of CHANGELOG.md or croissant.json."""
    return _entry(building, building / name, None, fingerprint(building / name))


def fingerprints(paths: Sequence[Path]) -> dict[Path, Fingerprint]:
    """The fingerprints of files, a few read at once. Raises OSError."""
    with ThreadPoolExecutor(min(AT_ONCE, os.cpu_count() or 1)) as pool:
        return dict(zip(paths, pool.map(fingerprint, paths), strict=True))


def fingerprint(path: Path) -> Fingerprint:
    """The fingerprint of a regular file. Raises OSError; a link or a pipe put in its place is not followed."""
    digest, size, lines = hashlib.sha256(), 0, 0
    piece = bytearray(_PIECE)
    with open(_open_regular(path), "rb", buffering=0) as stream, memoryview(piece) as view:
        while read := stream.readinto(piece):
            digest.update(view[:read])
            size += read
            if path.suffix == ".jsonl":
                lines += piece.count(b"\n", 0, read)
    return Fingerprint(size, digest.hexdigest(), lines)


def regular_files(folder: Path) -> list[Path]:
    """Every regular file below the folder, links not followed, in order of their paths."""
    found = (Path(base, name) for base, _, names in os.walk(folder) for name in names)
    return sorted(path for path in found if stat.S_ISREG(path.lstat().st_mode))


def _open_regular(path: Path) -> int:
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(f"{path} is not a regular file")
    return handle


def _entry(building: Path, path: Path, form: str | None, found: Fingerprint) -> FileEntry:
    name = path.relative_to(building).as_posix()
    _refuse_unfit(name)
    role = _role(name, form)
    split = _split_of(name) if role == "data" else None
    rows = _rows_of(path, found) if role in ("data", "lineage") else None
    return FileEntry(name, found.bytes, found.sha256, role, form, split, rows)


def _rows_of(path: Path, found: Fingerprint) -> int | None:
    """The rows of a file that can be counted without reading it again."""
    if path.suffix == ".parquet":
        from pyarrow.parquet import read_metadata

        return int(read_metadata(path).num_rows)
    return found.lines if path.suffix == ".jsonl" else None


def _refuse_unfit(name: str) -> None:
    if not re.fullmatch(FILE_PATH, name) or not name.isprintable():
        raise ExportError(f"{name!a}: a file of an export cannot have this name; choose names of plain characters.")


def _role(name: str, form: str | None) -> Role:
    if form is None or name in _ROLES:
        return _ROLES.get(name, "other")
    return "data" if _split_of(name) else "support"


def _split_of(name: str) -> Split | None:
    """The split a file's name tells, by its last part that names one."""
    for part in reversed(name.split("/")):
        if found := _SPLIT_NAME.search(part):
            return next(split for split in SPLITS if split == found[1])
    return None
