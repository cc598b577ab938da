"""Put a finished export into a storage: data first, each object read back, the manifest last."""

from __future__ import annotations

import hashlib
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from src.errors import StorageError
from src.persistence.storage.file_list import (
    MANIFEST,
    MANIFEST_SUM,
    FileList,
    ListedFile,
    check_manifest_sum,
    read_file_list,
)
from src.persistence.storage.pieces import in_order
from src.persistence.storage.storage import Label, Storage
from src.persistence.storage.transfers.claims import claimed, holds_claim
from src.persistence.storage.transfers.moved import OnMoved, Workers, label_for, read_local


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A published export. `resumed` files were there from an earlier try; `already`: the whole export was."""

    url: str
    files: int
    bytes: int
    resumed: int
    already: bool


def upload_folder(
    local: Path,
    storage: Storage,
    target: str,
    progress: OnMoved,
    *,
    tool: str,
    parallel: int = 8,
    part_bytes: int = 16 << 20,
) -> Uploaded:
    """Publish the export in `local` below the key `target`.

    The manifest, which makes it count, is put when every other object was read back from the storage and has the
    SHA-256 the manifest says; it is never put over another. What an earlier try left is used again. Raises
    StorageError: another export has that version, another upload of it is under way, a file is not as listed.
    """
    manifest = read_local(local / MANIFEST)
    listing = read_file_list(manifest, str(local / MANIFEST))
    _check_local(local, listing, manifest)
    resumed = 0
    already = _is_published(storage, target, listing)
    if not already:
        with claimed(storage, target, listing.sha256, tool), ThreadPoolExecutor(parallel) as pool:
            # Another upload may have been published between the first look and the claim.
            already = _is_published(storage, target, listing)
            if not already:
                upload = _Upload(local, storage, target, listing, tool, Workers(pool, parallel, part_bytes), progress)
                resumed = upload.put_data()
                upload.put_manifest(manifest)
    return Uploaded(f"{storage.url}/{target}", len(listing.files), listing.bytes, resumed, already)


@dataclass(frozen=True, slots=True)
class _Upload:
    local: Path
    storage: Storage
    target: str
    listing: FileList
    tool: str
    workers: Workers
    progress: OnMoved

    def put_data(self) -> int:
        """Put what is not there yet and read everything back; how many files were there from an earlier try."""
        there = self._what_is_there()
        missing = [file for file in self.listing.files if file.name not in there]
        self.workers.each("upload", missing, self._put, self.progress)
        self.workers.each("check", self.listing.files, self._check, self.progress)
        return len(there)

    def put_manifest(self, manifest: bytes) -> None:
        """Make it count. Raises StorageError when another export was published, or the data were swept away."""
        self._require_everything()
        sums = self.local / MANIFEST_SUM
        if sums.is_file():
            label = self._label(MANIFEST_SUM, _sha256(read_local(sums)))
            self.storage.put(_key(self.target, MANIFEST_SUM), sums, label)
        label = self._label(MANIFEST, self.listing.sha256)
        if not self.storage.put_new(_key(self.target, MANIFEST), manifest, label):
            _is_published(self.storage, self.target, self.listing)

    def _require_everything(self) -> None:
        """Raises StorageError when somebody swept the claim or the data away."""
        if not holds_claim(self.storage, self.target, self.listing.sha256):
            # It has gone because another upload of the same export is done; that is as good.
            gone = not _is_published(self.storage, self.target, self.listing)
        else:
            sizes = self._sizes()
            gone = any(sizes.get(file.name) != file.bytes for file in self.listing.files)
        if gone:
            raise StorageError(f"{self.storage.url}/{self.target}: files were removed during the upload; run it again.")

    def _what_is_there(self) -> set[str]:
        """The names of files whose objects have the right size and recorded SHA-256."""
        sizes = self._sizes()
        strangers = sorted(sizes.keys() - {file.name for file in self.listing.files} - {MANIFEST_SUM})
        if strangers:
            raise StorageError(
                f"{self.storage.url}/{self.target}: holds {len(strangers)} file(s) of something else "
                f"({', '.join(map(ascii, strangers[:3]))}); remove them with `remote --clean` or export again for a "
                "new version."
            )
        likely = [file for file in self.listing.files if sizes.get(file.name) == file.bytes]
        return {name for name in in_order(self.workers.pool, self._recorded, likely, self.workers.width) if name}

    def _sizes(self) -> dict[str, int]:
        top = _key(self.target, "")
        return {item.key.removeprefix(top): item.bytes for item in self.storage.list_objects(top)}

    def _recorded(self, file: ListedFile) -> str:
        stored = self.storage.stat(_key(self.target, file.name))
        return file.name if stored and stored.sha256 == file.sha256 else ""

    def _put(self, file: ListedFile, pool: Executor | None) -> None:
        label = self._label(file.name, file.sha256)
        self.storage.put(_key(self.target, file.name), self.local / file.name, label, pool)

    def _check(self, file: ListedFile, pool: Executor | None) -> None:
        """Read the object back; one that is wrong is put once more."""
        if self._comes_back(file, pool):
            return
        self._put(file, pool)
        if not self._comes_back(file, pool):
            raise StorageError(
                f"{self.storage.url}/{_key(self.target, file.name)}: what comes back is not what was sent; nothing "
                "was published. Run `verify` on the local folder; if that is whole, the storage is at fault."
            )

    def _comes_back(self, file: ListedFile, pool: Executor | None) -> bool:
        key = _key(self.target, file.name)
        return self.workers.stored_sha256(self.storage, key, file.bytes, pool) == file.sha256

    def _label(self, name: str, sha256: str) -> Label:
        return label_for(name, sha256, self.listing.dataset, self.listing.version, self.tool)


def _check_local(local: Path, listing: FileList, manifest: bytes) -> None:
    """Raises StorageError when a file is not there as listed. Contents are compared when they come back."""
    for file in listing.files:
        path = local / file.name
        inside = [path, *path.parents][: len(PurePosixPath(file.name).parts)]
        if any(part.is_symlink() for part in inside) or not path.is_file() or path.stat().st_size != file.bytes:
            raise StorageError(f"{path}: is not the file the manifest lists; run `verify` on the folder.")
    if (local / MANIFEST_SUM).is_file():
        check_manifest_sum(manifest, read_local(local / MANIFEST_SUM), str(local))


def _is_published(storage: Storage, target: str, listing: FileList) -> bool:
    """Whether this very export is there. Raises StorageError when another one is."""
    key = _key(target, MANIFEST)
    found = storage.stat(key)
    if found is None:
        return False
    if _sha256(storage.read(key, 0, found.bytes)) == listing.sha256:
        return True
    raise StorageError(
        f"{storage.url}/{target}: another export is published there. A published version is never changed; "
        "export again for a new version."
    )


def _key(target: str, name: str) -> str:
    return f"{target}/{name}" if target else name


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
