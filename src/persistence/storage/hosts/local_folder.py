"""A storage in a folder of this machine or a mounted disk."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from src.config.settings import StorageSettings
from src.errors import StorageError
from src.persistence.durable_files import incomplete_path, sweep_incomplete, sync_folder
from src.persistence.storage.addresses import Address
from src.persistence.storage.storage import Label, MissingObjectError, StoredObject

_PIECE = 1 << 20
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
_ADVICE = {
    errno.ENOSPC: "free some space and run it again; what is there is kept",
    errno.EDQUOT: "the quota is used up; free some space and run it again",
    errno.EROFS: "the disk is read-only; choose another folder",
    errno.EACCES: "give this user the right to read and write there, or choose another folder",
    errno.EPERM: "give this user the right to read and write there, or choose another folder",
}


def open_folder(address: Address, settings: StorageSettings) -> LocalFolder:
    """The storage in a folder, which need not exist yet."""
    return LocalFolder(Path(address.prefix))


class LocalFolder:
    """Files are written under a hidden name, synced and renamed. Links below the root are not followed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def url(self) -> str:
        return str(self._root)

    def check(self) -> None:
        if self._root.exists() and not self._root.is_dir():
            raise StorageError(f"{self._root}: is a file, not a folder; name a folder.")

    def list_objects(self, prefix: str) -> Iterator[StoredObject]:
        top = self._path(prefix.rpartition("/")[0]) if "/" in prefix else self._root
        try:
            for folder, _, names in os.walk(top, onerror=_raise):
                for name in names:
                    path = Path(folder, name)
                    key = path.relative_to(self._root).as_posix()
                    if key.startswith(prefix) and not _is_hidden_half(name) and path.is_file():
                        status = path.lstat()
                        yield StoredObject(key, status.st_size, status.st_mtime)
        except OSError as error:
            raise _explained(top, error) from error

    def stat(self, key: str) -> StoredObject | None:
        path = self._path(key)
        try:
            if not path.is_file():
                return None
            status = path.stat()
            return StoredObject(key, status.st_size, status.st_mtime, _sha256(path))
        except FileNotFoundError:
            return None  # it went just now
        except OSError as error:
            raise _explained(path, error) from error

    def read(self, key: str, start: int, length: int) -> bytes:
        path = self._path(key)
        try:
            with path.open("rb") as stream:
                stream.seek(start)
                return stream.read(length)
        except OSError as error:
            raise _explained(path, error) from error

    def put(self, key: str, source: Path | bytes, label: Label, pool: Executor | None = None) -> None:
        try:
            stream = BytesIO(source) if isinstance(source, bytes) else source.open("rb")
        except OSError as error:
            raise _explained(self._root, error) from error
        with stream:
            self._write(key, stream, os.replace)

    def put_new(self, key: str, content: bytes, label: Label) -> bool:
        return self._write(key, BytesIO(content), _link_new)

    def delete(self, key: str) -> None:
        path = self._path(key)
        try:
            path.unlink(missing_ok=True)
            for folder in path.parents:
                if folder == self._root or any(folder.iterdir()):
                    break
                folder.rmdir()
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):  # somebody wrote there in the meantime
                raise _explained(path, error) from error

    def remove_halves(self, before: float) -> int:
        halves = [Path(folder) for folder, _, names in os.walk(self._root) if any(map(_is_hidden_half, names))]
        count = 0
        for folder in halves:
            there = len(list(folder.iterdir()))
            sweep_incomplete(folder)
            count += there - len(list(folder.iterdir()))
        return count

    def close(self) -> None:
        pass

    def _path(self, key: str) -> Path:
        path = self._root
        for part in PurePosixPath(key).parts:
            path = path / part
            if part in ("..", "/") or path.is_symlink():
                raise StorageError(f"{path}: is a link or leads out of the storage; it is not followed.")
        return path

    def _write(self, key: str, stream: BinaryIO, place: Callable[[Path, Path], object]) -> bool:
        final = self._path(key)
        half = incomplete_path(final)
        self._make_folder(final.parent)
        try:
            with half.open("xb") as target:
                while piece := stream.read(_PIECE):
                    target.write(piece)
                target.flush()
                os.fsync(target.fileno())
            place(half, final)
            sync_folder(final.parent)
        except FileExistsError:
            return False
        except OSError as error:
            raise _explained(final, error) from error
        finally:
            half.unlink(missing_ok=True)
        return True

    def _make_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _explained(folder, error) from error


def _link_new(half: Path, final: Path) -> None:
    """Give the file its name unless that is taken; FileExistsError."""
    try:
        os.link(half, final)
    except FileExistsError:
        raise
    except OSError as error:
        # FAT and some network disks know no links; os.rename refuses a taken name on Windows alone.
        if error.errno not in _NO_LINKS:
            raise
        if final.exists():
            raise FileExistsError(errno.EEXIST, "exists", str(final)) from error
        half.rename(final)


def _explained(path: Path, error: OSError) -> StorageError:
    advice = _ADVICE.get(error.errno or 0, "check that the folder is there and may be used")
    where = error.filename or path
    kind = MissingObjectError if isinstance(error, FileNotFoundError) else StorageError
    return kind(f"{where}: {error.strerror or error}; {advice}.")


def _is_hidden_half(name: str) -> bool:
    return name.startswith(".") and ".incomplete-" in name


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
