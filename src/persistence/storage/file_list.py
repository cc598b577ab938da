"""What a manifest says an export holds. It may come from a stranger: names are refused before they touch a disk."""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from src.errors import StorageError

MANIFEST, MANIFEST_SUM = "manifest.json", "manifest.sha256"
MOST_MANIFEST_BYTES = 256 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
# https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file (read 2026-11-21)
_WINDOWS_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_WINDOWS_REFUSES = re.compile(r'[<>:"|?*]|[. ]$')


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file of an export, by its path inside, and what its content must be."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class FileList:
    """A manifest's files without the manifest itself; `dataset` and `version` are "" where it does not say."""

    dataset: str
    version: str
    files: tuple[ListedFile, ...]
    sha256: str  # of the manifest itself

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


def read_file_list(manifest: bytes, where: str) -> FileList:
    """The files a manifest.json lists. Raises StorageError for what is no manifest, and for names that are refused."""
    try:
        content = json.loads(manifest)
        files = tuple(_listed(name, entry) for name, entry in content["files"].items())
        names = (str(content.get("name", "")), str(content.get("version", "")))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StorageError(f"{where}: is not a manifest; it was damaged or made by something else.") from error
    problem = next((problem for file in files if (problem := _refused(file.name))), "") or _clash(
        file.name for file in files
    )
    if problem:
        raise StorageError(f"{where}: {problem}. Nothing was taken from it.")
    return FileList(*names, files, hashlib.sha256(manifest).hexdigest())


def check_manifest_sum(manifest: bytes, sums: bytes, where: str) -> None:
    """Raises StorageError when manifest.sha256 (as sha256sum writes it) is of another manifest."""
    if sums.split(b" ")[0].strip().decode("ascii", "replace") != hashlib.sha256(manifest).hexdigest():
        raise StorageError(f"{where}: {MANIFEST} is not the one {MANIFEST_SUM} was made for; one of them was changed.")


def _listed(name: Any, entry: Mapping[str, Any]) -> ListedFile:
    size, digest = entry["bytes"], entry["sha256"]
    if not isinstance(name, str) or type(size) is not int or size < 0 or not _SHA256.fullmatch(digest):
        raise ValueError(name)
    return ListedFile(name, size, digest)


def _refused(name: str) -> str:
    """Why a name from a manifest is not used; "" when it is fine."""
    parts = name.split("/")
    shown = ascii(name[:80])
    if any(part in ("", ".", "..") for part in parts) or "\\" in name or ":" in name:
        return f"it names a file outside its folder ({shown})"
    if any(part.startswith(".") for part in parts):
        return f"it names a hidden file ({shown})"
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in name):
        return f"it names a file with control characters ({shown})"
    if len(name.encode()) > 900 or any(len(part.encode()) > 255 for part in parts):
        return f"it names a file with too long a name ({shown})"
    if name.casefold() in (MANIFEST, MANIFEST_SUM):
        return f"it lists itself ({shown})"
    if os.name == "nt" and any(_WINDOWS_DEVICE.fullmatch(part) or _WINDOWS_REFUSES.search(part) for part in parts):
        return f"it names a file that Windows cannot hold ({shown})"
    return ""


def _clash(names: Iterable[str]) -> str:
    """Names that some disks take for one, or for a file and a folder at once."""
    spelled: dict[str, tuple[str, bool]] = {}
    files: set[str] = set()
    for name in names:
        parts = name.split("/")
        for depth in range(1, len(parts) + 1):
            found = ("/".join(parts[:depth]), depth == len(parts))
            known = spelled.setdefault(unicodedata.normalize("NFC", found[0]).casefold(), found)
            if known != found or name in files:
                return f"it names files that some disks take for one ({known[0][:80]!a}, {name[:80]!a})"
        files.add(name)
    return ""
