"""Fetch a published export: every file checked against the manifest, the folder named when it is whole."""

from __future__ import annotations

import errno
import hashlib
import shutil
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from src.errors import StorageError, UsageError
from src.persistence.durable_files import sync_file, sync_folder
from src.persistence.storage.file_list import (
    MANIFEST,
    MANIFEST_SUM,
    MOST_MANIFEST_BYTES,
    FileList,
    ListedFile,
    check_manifest_sum,
    read_file_list,
)
from src.persistence.storage.pieces import in_order, spans
from src.persistence.storage.storage import Storage
from src.persistence.storage.transfers.folder_lock import sole_user
from src.persistence.storage.transfers.moved import OnMoved, Workers

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A whole export in a folder. `resumed` bytes were there from an earlier try."""

    folder: Path
    dataset: str
    version: str
    files: int
    bytes: int
    resumed: int


def download_folder(
    storage: Storage,
    source: str,
    local: Path,
    progress: OnMoved,
    *,
    parallel: int = 8,
    part_bytes: int = 16 << 20,
) -> Downloaded:
    """Fetch the export whose manifest is below the key `source` into the new folder `local`.

    The folder appears when every file has the SHA-256 its manifest says. Until then it is built under a hidden name
    beside it, where an interrupted download goes on. Raises UsageError when the folder is taken, StorageError for a
    missing or hostile manifest, a file that is not as listed, and what the disk or the host refuses.
    """
    manifest, sums = _fetch_manifest(storage, source)
    listing = read_file_list(manifest, f"{storage.url}/{_key(source, MANIFEST)}")
    _refuse_taken(local)
    building = local.with_name(f".{local.name}.download-{listing.sha256[:16]}")
    with _explained(local):
        building.mkdir(parents=True, exist_ok=True)
        with sole_user(building / "lock", f"A download to {local}"), ThreadPoolExecutor(parallel) as pool:
            workers = Workers(pool, parallel, part_bytes)
            resumed = _Download(storage, source, building, workers, progress).fetch(listing)
            _write_manifest(building / "content", manifest, sums)
            _publish(building, local)
        shutil.rmtree(building, ignore_errors=True)
    return Downloaded(local, listing.dataset, listing.version, len(listing.files), listing.bytes, resumed)


@dataclass(frozen=True, slots=True)
class _Download:
    storage: Storage
    source: str
    building: Path
    workers: Workers
    progress: OnMoved

    def fetch(self, listing: FileList) -> int:
        """Bring every listed file into `content`; how many bytes an earlier try had brought."""
        content = self.building / "content"
        content.mkdir(exist_ok=True)
        missing = [file for file in listing.files if not _is_there(content, file)]
        resumed = listing.bytes - sum(file.bytes for file in missing) + sum(map(self._begun, missing))
        _refuse_full_disk(content, listing.bytes - resumed)
        self.workers.each("download", missing, self._fetch_file, self.progress)
        return resumed

    def _fetch_file(self, file: ListedFile, pool: Executor | None) -> None:
        part = self._part(file)
        # What an earlier try left may be wrong; what is fetched from the start is not.
        if not self._complete(file, part, pool):
            part.unlink()
            if not self._complete(file, part, pool):
                part.unlink()
                raise StorageError(
                    f"{self.storage.url}/{_key(self.source, file.name)}: is not the file the manifest lists; it was "
                    "changed after it was published. Nothing was put in place; ask for another copy."
                )
        final = self.building / "content" / file.name
        final.parent.mkdir(parents=True, exist_ok=True)
        part.replace(final)

    def _complete(self, file: ListedFile, part: Path, pool: Executor | None) -> bool:
        """Fetch what is missing at the end of the part; whether it is the listed content."""
        with part.open("ab+") as stream:
            digest = _digest_of(stream)
            pieces = spans(file.bytes, self.workers.part_bytes, start=stream.tell())
            key = _key(self.source, file.name)

            def read(span: tuple[int, int]) -> bytes:
                return self.storage.read(key, *span)

            for piece in in_order(pool, read, pieces, self.workers.width) if pool else map(read, pieces):
                digest.update(piece)
                stream.write(piece)
        sync_file(part)
        return digest.hexdigest() == file.sha256

    def _begun(self, file: ListedFile) -> int:
        part = self._part(file)
        return min(part.stat().st_size, file.bytes) if part.is_file() else 0

    def _part(self, file: ListedFile) -> Path:
        return self.building / f"part-{hashlib.sha256(file.name.encode()).hexdigest()[:32]}"


def _fetch_manifest(storage: Storage, source: str) -> tuple[bytes, bytes | None]:
    """The manifest and, where there is one, the file with its sum, which must fit."""
    found = storage.stat(_key(source, MANIFEST))
    where = f"{storage.url}/{source}" if source else storage.url
    if found is None:
        raise StorageError(f"{where}: holds no finished export ({MANIFEST} is missing); `remote` lists what is there.")
    if found.bytes > MOST_MANIFEST_BYTES:
        raise StorageError(f"{where}: {MANIFEST} has {found.bytes:,} bytes, which no manifest of ours has.")
    manifest = storage.read(_key(source, MANIFEST), 0, found.bytes)
    sums = storage.stat(_key(source, MANIFEST_SUM))
    if sums is None:
        return manifest, None
    content = storage.read(_key(source, MANIFEST_SUM), 0, min(sums.bytes, 4096))
    check_manifest_sum(manifest, content, where)
    return manifest, content


def _refuse_taken(local: Path) -> None:
    if local.is_symlink() or (local.exists() and (not local.is_dir() or any(local.iterdir()))):
        raise UsageError(f"{local}: is there already; name a folder that does not exist yet.")


def _refuse_full_disk(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise StorageError(
            f"{folder.parent.parent}: {wanted / 1e6:,.0f} MB are wanted and {free / 1e6:,.0f} MB are free; free some "
            "space or name a folder on another disk."
        )


def _is_there(content: Path, file: ListedFile) -> bool:
    """Whether an earlier try finished this file; it is read again, for a crash may have come between."""
    path = content / file.name
    if path.is_symlink() or not path.is_file() or path.stat().st_size != file.bytes:
        return False
    with path.open("rb") as stream:
        return _digest_of(stream).hexdigest() == file.sha256


def _digest_of(stream: BinaryIO) -> hashlib._Hash:
    """The running SHA-256 of a stream from its start; it stands at its end afterwards."""
    digest = hashlib.sha256()
    stream.seek(0)
    while piece := stream.read(_PIECE):
        digest.update(piece)
    return digest


def _write_manifest(content: Path, manifest: bytes, sums: bytes | None) -> None:
    (content / MANIFEST).write_bytes(manifest)
    sync_file(content / MANIFEST)
    if sums is not None:
        (content / MANIFEST_SUM).write_bytes(sums)
        sync_file(content / MANIFEST_SUM)


def _publish(building: Path, local: Path) -> None:
    content = building / "content"
    for folder in [content, *(path for path in content.rglob("*") if path.is_dir())]:
        sync_folder(folder)
    if local.is_dir():
        local.rmdir()  # empty: it was named before
    content.rename(local)
    sync_folder(local.parent)


@contextmanager
def _explained(local: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        advice = {
            errno.ENOSPC: "the disk is full; free some space and run it again, it goes on from there",
            errno.EROFS: "the disk is read-only; name another folder",
        }.get(error.errno or 0, "check that the folder may be written to")
        raise StorageError(f"{error.filename or local}: {error.strerror or error}; {advice}.") from error


def _key(source: str, name: str) -> str:
    return f"{source}/{name}" if source else name
