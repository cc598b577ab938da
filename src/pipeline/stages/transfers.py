"""Exports to a storage and back: verified before they leave, verified when they arrive."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from src.config.environment import share_storage_variables
from src.config.settings import StorageSettings
from src.errors import StorageError, UsageError
from src.export.manifests.verifying import Problem, verify_folder
from src.persistence.storage import open_storage
from src.persistence.storage.file_list import MANIFEST, FileList, read_file_list
from src.persistence.storage.storage import Storage, StoredObject
from src.persistence.storage.storage_paths import EXPORTS, StoragePaths
from src.persistence.storage.transfers.downloading import Downloaded, download_folder
from src.persistence.storage.transfers.moved import Moved, OnMoved, read_local
from src.persistence.storage.transfers.single_files import download_file, upload_file
from src.persistence.storage.transfers.uploading import Uploaded, upload_folder
from src.persistence.storage.upkeep import DAY, RemoteVersion, Removed, remote_versions, remove_incomplete
from src.version import VERSION

_SHORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}(/v\d{1,9}\.\d{1,9}\.\d{1,9})?")
TOOL = f"fine-tuning-dataset-builder {VERSION}"


def unwatched(moved: Moved) -> None:
    """For callers that do not watch."""


def push(folder: Path, url: str, settings: StorageSettings, progress: OnMoved = unwatched) -> Uploaded:
    """Verify the export in `folder` and publish it below `url` ("": storage.url) as exports/NAME/vX.Y.Z.

    Raises UsageError when there is no storage or the folder is no finished export, StorageError.
    """
    listing = _verified(folder)
    target = StoragePaths.export(listing.dataset or folder.parent.name, listing.version or folder.name)
    share_storage_variables()
    with open_storage(_chosen(url, settings), settings) as storage:
        return upload_folder(
            folder, storage, target, progress, tool=TOOL, parallel=settings.parallel, part_bytes=settings.part_mb << 20
        )


def pull(
    source: str,
    folder: Path | None,
    settings: StorageSettings,
    output_dir: Path,
    progress: OnMoved = unwatched,
) -> Downloaded:
    """Fetch an export to the new folder `folder` (None: output_dir/NAME/vX.Y.Z) and verify it there.

    `source` is the address of a version, as `remote` gives it, or NAME or NAME/vX.Y.Z in storage.url; without a
    version the newest is meant. Raises UsageError, StorageError.
    """
    share_storage_variables()
    url, key = _located(source, settings)
    with open_storage(url, settings) as storage:
        key = key if not key or "/" in key else _newest(storage, key)
        key = f"{EXPORTS}/{key}" if key else ""
        target = folder or output_dir / _place(storage, key)
        target.parent.mkdir(parents=True, exist_ok=True)
        result = download_folder(
            storage, key, target, progress, parallel=settings.parallel, part_bytes=settings.part_mb << 20
        )
    problems = verify_folder(result.folder)
    if problems:
        raise StorageError(f"{result.folder}: arrived as it was stored, but is not whole: {_told(problems)}.")
    return result


def remote_listing(url: str, settings: StorageSettings) -> list[RemoteVersion]:
    """Every version in the storage ("": storage.url), the incomplete ones, too. Raises UsageError, StorageError."""
    share_storage_variables()
    with open_storage(_chosen(url, settings), settings) as storage:
        return remote_versions(storage)


def clean_remote(url: str, settings: StorageSettings, older_than: float = DAY) -> Removed:
    """Remove what uploads left that wrote nothing for so many seconds. Raises UsageError, StorageError."""
    share_storage_variables()
    with open_storage(_chosen(url, settings), settings) as storage:
        return remove_incomplete(storage, older_than)


def push_file(path: Path, kind: Literal["checkpoint", "log"], url: str, settings: StorageSettings) -> StoredObject:
    """Keep a copy of the database, the journal or a log below checkpoints/ or logs/. Raises UsageError, StorageError.

    A database in use is copied with create_backup first; this stores that copy.
    """
    share_storage_variables()
    with open_storage(_chosen(url, settings), settings) as storage:
        return upload_file(
            path, storage, _KINDS[kind](path.name), tool=TOOL, parallel=settings.parallel,
            part_bytes=settings.part_mb << 20,
        )  # fmt: skip


def pull_file(
    name: str, kind: Literal["checkpoint", "log"], target: Path, url: str, settings: StorageSettings
) -> StoredObject:
    """Fetch such a copy to a new path. Raises UsageError, StorageError."""
    share_storage_variables()
    with open_storage(_chosen(url, settings), settings) as storage:
        return download_file(
            storage, _KINDS[kind](name), target, parallel=settings.parallel, part_bytes=settings.part_mb << 20
        )


def stored_files(kind: Literal["checkpoint", "log"], url: str, settings: StorageSettings) -> list[StoredObject]:
    """What push_file has kept, the newest first. Keys are names below checkpoints/ or logs/."""
    share_storage_variables()
    with open_storage(_chosen(url, settings), settings) as storage:
        found = storage.list_objects(f"{kind}s/")
        named = [replace(item, key=item.key.partition("/")[2]) for item in found]
    return sorted(named, key=lambda item: (-item.modified, item.key))


_KINDS = {"checkpoint": StoragePaths.checkpoint, "log": StoragePaths.log}


def _verified(folder: Path) -> FileList:
    """What the export holds. Raises UsageError for a folder that is none, StorageError when it is not whole."""
    if not (folder / MANIFEST).is_file():
        raise UsageError(f"{folder}: is no finished export ({MANIFEST} is missing); name a folder like NAME/v1.0.0.")
    problems = verify_folder(folder)
    if problems:
        raise StorageError(f"{folder}: is not whole, so it is not published: {_told(problems)}.")
    return read_file_list(read_local(folder / MANIFEST), str(folder / MANIFEST))


def _told(problems: Sequence[Problem]) -> str:
    more = f"; and {len(problems) - 3} more (`verify` names them)" if len(problems) > 3 else ""
    return "; ".join(map(str, problems[:3])) + more


def _chosen(url: str, settings: StorageSettings) -> str:
    if not (url or settings.url):
        raise UsageError("No storage is named; give its address or set storage.url in config.yaml.")
    return url or settings.url


def _located(source: str, settings: StorageSettings) -> tuple[str, str]:
    """The storage, and in it NAME or NAME/vX.Y.Z; "" when the address is the version's own."""
    short = _SHORT.fullmatch(source)
    if short and settings.url and not Path(source).exists():
        return settings.url, source
    return source, ""


def _newest(storage: Storage, name: str) -> str:
    versions = [item for item in remote_versions(storage) if item.name == name and item.complete]
    if not versions:
        raise UsageError(f"{storage.url}: holds no finished export named '{name}'; `remote` lists what is there.")
    return f"{name}/{versions[-1].version}"


def _place(storage: Storage, key: str) -> Path:
    """NAME/vX.Y.Z, as the end of the version's address says."""
    parts = f"{storage.url}/{key}".replace("\\", "/").rstrip("/").split("/")[-2:]
    return Path(*StoragePaths.export(*parts).split("/")[1:])
