"""The files of a folder, a bucket or one recording alone, opened for reading."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from src.config.settings import StorageSettings
from src.errors import StorageError, UsageError
from src.persistence.storage import open_storage
from src.persistence.storage.storage import MissingObjectError, Storage, StoredObject

_PIECE = 4 << 20
_MOST_BESIDE = 64 << 20


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file by its path below the source."""

    name: str
    size: int
    storage: Storage

    def open(self) -> BinaryIO:
        """Its content, read piece by piece as it is asked for. Reading raises OSError or StorageError."""
        return io.BufferedReader(_Ranges(self.storage, self.name, self.size), _PIECE)

    def read_beside(self, name: str) -> bytes | None:
        """The bytes of a file by its path from this one's folder; None when there is none, or it leads outside."""
        key = self._beside(name)
        try:
            content = self.storage.read(key, 0, _MOST_BESIDE + 1) if key else b""
        except StorageError:
            return None
        return content if key and len(content) <= _MOST_BESIDE else None

    def is_beside(self, name: str) -> bool:
        key = self._beside(name)
        try:
            return bool(key) and len(self.storage.read(key, 0, 1)) == 1
        except StorageError:
            return False

    def _beside(self, name: str) -> str:
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if not parts or ".." in parts or name.startswith("/") or ":" in name or "\0" in name:
            return ""
        return (PurePosixPath(self.name).parent / PurePosixPath(*parts)).as_posix()


@contextmanager
def open_source(source: str, settings: StorageSettings) -> Iterator[Iterator[SourceFile]]:
    """All files of a folder or of s3://bucket/prefix or gs://bucket/prefix by name; hidden ones are left out.

    A single file is a source of its own. Raises UsageError when there is nothing of that name.
    """
    path = Path(source).expanduser() if "://" not in source else None
    if path is not None and not path.exists():
        raise UsageError(f"{source}: there is no such folder or file; name a folder of recordings, s3:// or gs://.")
    alone = path.name if path is not None and path.is_file() else ""
    with open_storage(str(path.parent if path and alone else source), settings) as storage:
        yield (
            SourceFile(one.key, one.bytes, storage)
            for one in ([_described(storage, alone)] if alone else _listed(storage, source))
        )


def _described(storage: Storage, name: str) -> StoredObject:
    path = Path(storage.url) / name
    return StoredObject(name, path.stat().st_size, path.stat().st_mtime)


def _listed(storage: Storage, source: str) -> list[StoredObject]:
    found = sorted(storage.list_objects(""), key=lambda one: one.key)
    if not found:
        raise UsageError(f"{source}: holds no files; name a folder of recordings, s3:// or gs://.")
    return [one for one in found if not any(part.startswith(".") for part in one.key.split("/"))]


class _Ranges(io.RawIOBase):
    """A stored object as a file that can be searched in."""

    def __init__(self, storage: Storage, key: str, size: int) -> None:
        self._storage, self._key, self._size = storage, key, size
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        wanted = min(len(view), self._size - self._place)
        if wanted <= 0:
            return 0
        content = self._storage.read(self._key, self._place, wanted)
        if not content:
            raise MissingObjectError(f"{self._key}: became shorter while it was read.")
        view[: len(content)] = content
        self._place += len(content)
        return len(content)
