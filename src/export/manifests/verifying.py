"""Is an export whole? Everything is worked out again from the files, and each one that differs is named."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from src.export.manifests.counts import verify_counts
from src.export.manifests.files import AT_ONCE, Fingerprint, fingerprint
from src.export.manifests.folder_listing import list_folder, shown
from src.export.manifests.schema import (
    CHECKSUM_NAME,
    MANIFEST_NAME,
    FileRecord,
    ManifestError,
    checksum_line,
    parse_json,
    parse_manifest,
    read_limited,
)

ProblemKind = Literal["missing", "changed", "extra", "manifest", "counts"]
_OWN = frozenset((MANIFEST_NAME, CHECKSUM_NAME))
_DIGITS = 64
_LINE = re.compile(rb"[0-9a-f]{%d}  %s\n" % (_DIGITS, re.escape(MANIFEST_NAME).encode()))


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one file of an export, or with what its manifest says of it. `path` is below the folder."""

    path: str
    kind: ProblemKind
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


def verify_folder(folder: Path) -> list[Problem]:
    """What is wrong with an export; [] when every byte of every file is as it was written.

    Files are read once, in pieces, a few at a time; links are not followed. Exports from before manifests had a
    schema are checked for their files alone.
    """
    try:
        raw = read_limited(folder / MANIFEST_NAME)
        if _is_of_old(folder, raw):
            return list(_verify_old(folder, raw))
    except ManifestError as error:
        return _manifest_problems(error)
    problems = list(_verify_checksum(folder, raw))
    try:
        manifest = parse_manifest(folder, raw)
    except ManifestError as error:
        return problems + _manifest_problems(error)
    prints: dict[str, Fingerprint] = {}
    problems += _verify_files(folder, manifest.files, prints)
    return problems + [Problem(path, "counts", message) for path, message in verify_counts(manifest, prints)]


def _manifest_problems(error: ManifestError) -> list[Problem]:
    return [Problem(MANIFEST_NAME, "manifest", shown(problem)) for problem in error.problems]


def _verify_checksum(folder: Path, raw: bytes) -> Iterator[Problem]:
    try:
        found = read_limited(folder / CHECKSUM_NAME)
    except ManifestError as error:
        yield Problem(CHECKSUM_NAME, "missing", "; ".join(error.problems))
        return
    expected = checksum_line(raw)
    if found == expected:
        return
    # Another manifest has another digest altogether; where most of it stands, the line itself was touched.
    alike = sum(one == other for one, other in zip(found, expected, strict=False))
    if not _LINE.fullmatch(found) or alike > len(expected) - _DIGITS // 2:
        yield Problem(CHECKSUM_NAME, "changed", f"was changed: it is not the line that fits {MANIFEST_NAME}")
    else:
        yield Problem(MANIFEST_NAME, "changed", f"was changed: its checksum is not the one in {CHECKSUM_NAME}")


def _verify_files(
    folder: Path, expected: Mapping[str, FileRecord], prints: dict[str, Fingerprint]
) -> Iterator[Problem]:
    """Compare the files on the disk with those of the manifest; `prints` is filled with what could be read."""
    there, odd = list_folder(folder)
    spelled = {name.casefold(): name for name in there}
    with ThreadPoolExecutor(min(AT_ONCE, os.cpu_count() or 1)) as pool:
        names = [name for name in sorted(expected) if name in there]
        read = pool.map(lambda name: _read(folder / name), names)
        for name, found in zip(names, read, strict=True):
            if isinstance(found, Fingerprint):
                prints[name] = found
            if message := _compare(found, expected[name]):
                yield Problem(shown(name), "changed", message)
    for name in sorted(set(expected) - set(there)):
        other = spelled.get(name.casefold())
        hint = f"; '{shown(other)}' differs from it in upper and lower case" if other else odd.get(name, "")
        yield Problem(shown(name), "missing", f"is missing{hint}")
    parents = {parent.as_posix() for name in (*expected, *there, *odd) for parent in PurePosixPath(name).parents}
    for name in sorted(there - set(expected) - _OWN):
        yield Problem(shown(name), "extra", "is not in the manifest")
    for name in sorted(set(odd) - parents - set(expected)):
        yield Problem(shown(name), "extra", f"is not in the manifest{odd[name]}")


def _read(path: Path) -> Fingerprint | str:
    try:
        return fingerprint(path)
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"


def _compare(found: Fingerprint | str, expected: FileRecord) -> str:
    if isinstance(found, str):
        return found
    if (found.bytes, found.sha256) == (expected.bytes, expected.sha256):
        return ""
    return f"was changed ({found.bytes} bytes, {expected.bytes} were written)"


def _is_of_old(folder: Path, raw: bytes) -> bool:
    """Whether the export is from before manifests had a schema and a checksum."""
    return not os.path.lexists(folder / CHECKSUM_NAME) and "schema_version" not in parse_json(folder, raw)


def _verify_old(folder: Path, raw: bytes) -> Iterator[Problem]:
    files = parse_json(folder / MANIFEST_NAME, raw).get("files")
    try:
        expected = {
            name: FileRecord(**entry, role="other", format=None, split=None, rows=None)
            for name, entry in files.items()  # type: ignore[union-attr]
        }
    except (ValueError, TypeError, AttributeError) as error:
        raise ManifestError(folder, ["is not a manifest; it was damaged or cut off"]) from error
    yield from _verify_files(folder, expected, {})
