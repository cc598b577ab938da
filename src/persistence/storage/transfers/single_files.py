"""Single files in a storage: copies of the database and the journal, logs, reports."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from src.errors import StorageError, UsageError
from src.persistence.durable_files import incomplete_path, sync_file, sync_folder
from src.persistence.storage.pieces import in_order, spans
from src.persistence.storage.storage import Storage, StoredObject
from src.persistence.storage.transfers.moved import Workers, label_for


def upload_file(
    local: Path, storage: Storage, key: str, *, tool: str, parallel: int = 8, part_bytes: int = 16 << 20
) -> StoredObject:
    """Put a file over what was there and read it back. Raises StorageError when it comes back changed."""
    sha256 = _file_sha256(local)
    with ThreadPoolExecutor(parallel) as pool:
        storage.put(key, local, label_for(local.name, sha256, "", "", tool), pool)
        stored = storage.stat(key)
        workers = Workers(pool, parallel, part_bytes)
        if stored is None or workers.stored_sha256(storage, key, stored.bytes, pool) != sha256:
            raise StorageError(f"{storage.url}/{key}: what comes back is not what was sent; send it again.")
    return stored


def download_file(
    storage: Storage, key: str, local: Path, *, parallel: int = 8, part_bytes: int = 16 << 20
) -> StoredObject:
    """Fetch a file to a new path, which appears when it is whole and has the SHA-256 recorded with it."""
    stored = storage.stat(key)
    if stored is None:
        raise StorageError(f"{storage.url}/{key}: there is no such file.")
    if local.exists():
        raise UsageError(f"{local}: is there already; name a file that does not exist yet.")
    building = incomplete_path(local)
    try:
        local.parent.mkdir(parents=True, exist_ok=True)
        fetched = _fetch(storage, stored, building, parallel, part_bytes)
        if stored.sha256 and fetched != stored.sha256:
            raise StorageError(f"{storage.url}/{key}: was changed since it was stored; use another copy.")
        building.rename(local)
        sync_folder(local.parent)
    except OSError as error:
        raise StorageError(f"{error.filename or local}: {error.strerror or error}; nothing was put there.") from error
    finally:
        building.unlink(missing_ok=True)
    return stored


def _fetch(storage: Storage, stored: StoredObject, target: Path, parallel: int, part_bytes: int) -> str:
    """Write the object to a new file; the SHA-256 of what was written."""

    def read(span: tuple[int, int]) -> bytes:
        return storage.read(stored.key, *span)

    digest = hashlib.sha256()
    with target.open("xb") as stream, ThreadPoolExecutor(parallel) as pool:
        for piece in in_order(pool, read, spans(stored.bytes, part_bytes), parallel):
            digest.update(piece)
            stream.write(piece)
    sync_file(target)
    return digest.hexdigest()


def _file_sha256(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        if path.is_symlink() or not path.is_file():
            raise UsageError(f"{path}: is missing or no regular file.")
        with path.open("rb") as stream:
            while piece := stream.read(1 << 20):
                digest.update(piece)
    except OSError as error:
        raise StorageError(f"{path}: cannot be read ({error.strerror}).") from error
    return digest.hexdigest()
