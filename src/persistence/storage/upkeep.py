"""What a storage holds: published versions, and what uploads that died left behind."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from src.persistence.storage.file_list import MANIFEST
from src.persistence.storage.storage import Storage, StoredObject
from src.persistence.storage.storage_paths import EXPORTS, INCOMPLETE, StoragePaths

DAY = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class RemoteVersion:
    """An export in a storage. It counts when it is `complete`: its manifest, which is put last, is there."""

    name: str
    version: str
    files: int
    bytes: int
    modified: float
    complete: bool
    url: str


@dataclass(frozen=True, slots=True)
class Removed:
    """What was cleaned: versions without a manifest, their objects and other leftovers, half-sent objects."""

    versions: tuple[str, ...]
    objects: int
    halves: int


@dataclass(slots=True)
class _Found:
    keys: list[StoredObject] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return any(item.key.count("/") == 3 and item.key.endswith(f"/{MANIFEST}") for item in self.keys)

    @property
    def modified(self) -> float:
        return max(item.modified for item in self.keys)


def remote_versions(storage: Storage) -> list[RemoteVersion]:
    """Every version below exports/, by name and number, the incomplete ones, too."""
    return [
        RemoteVersion(
            name,
            version,
            len(found.keys),
            sum(item.bytes for item in found.keys),
            found.modified,
            found.complete,
            f"{storage.url}/{StoragePaths.export(name, version)}",
        )
        for (name, version), found in sorted(_versions(storage).items(), key=_by_number)
    ]


def remove_incomplete(storage: Storage, older_than: float = DAY) -> Removed:
    """Remove what uploads left that wrote nothing for `older_than` seconds. Published versions stay as they are."""
    before = time.time() - older_than
    left = list(storage.list_objects(f"{INCOMPLETE}/"))
    at_work = {item.key for item in left if item.modified > before}
    dead = {
        place: found.keys
        for place, found in _versions(storage).items()
        if not found.complete
        and found.modified <= before
        and StoragePaths.claim(StoragePaths.export(*place)) not in at_work
    }
    doomed = [item.key for keys in dead.values() for item in keys]
    doomed += [item.key for item in left if item.key not in at_work]
    _delete_all(storage, doomed)
    return Removed(
        tuple(f"{name} {version}" for name, version in sorted(dead)), len(doomed), storage.remove_halves(before)
    )


def _delete_all(storage: Storage, keys: Sequence[str]) -> None:
    # Data first: while its claim is there nobody else's upload begins.
    for key in sorted(keys, key=lambda key: key.startswith(f"{INCOMPLETE}/")):
        storage.delete(key)


def _versions(storage: Storage) -> dict[tuple[str, str], _Found]:
    versions: dict[tuple[str, str], _Found] = {}
    for item in storage.list_objects(f"{EXPORTS}/"):
        place = StoragePaths.export_of(item.key)
        if place is not None:
            versions.setdefault(place, _Found()).keys.append(item)
    return versions


def _by_number(entry: tuple[tuple[str, str], _Found]) -> tuple[str, list[int]]:
    name, version = entry[0]
    return name, [int(part) for part in version[1:].split(".")]
