"""Where a step's screenshot is: beside its recording, in an archive, in the storage the recordings come from.

Nothing a recording names leads anywhere else: no other folder, no other bucket, no web address.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from src.errors import StorageError
from src.ingestion.document_reader import stays_inside
from src.web_actions.images.loading import MOST_BYTES, PictureError

if TYPE_CHECKING:
    from src.persistence.storage.storage import Storage

# Gives the bytes of the picture that a recording (its source_file) names; raises PictureError.
FindPicture = Callable[[str, str], bytes]
_OPEN_ARCHIVES = 4


def pictures_in_folder(root: Path) -> FindPicture:
    """Pictures below the folder `root` (or the folder of the file `root`), also members of zip archives there."""
    folder = root if root.is_dir() else root.parent
    archives = _Archives()

    def find(reference: str, source_file: str) -> bytes:
        name, bang, member = reference.partition("!")
        path = _below(folder, name, source_file)
        try:
            return archives.read(path, member) if bang else _read_file(path)
        except OSError as error:
            raise PictureError(f"it cannot be read ({error.strerror or error})") from error

    return find


def pictures_in_storage(storage: Storage) -> FindPicture:
    """Objects of the storage that the recordings come from, by their key or full address."""

    def find(reference: str, source_file: str) -> bytes:
        inside = reference.removeprefix(f"{storage.url}/")
        _refuse_address(inside)
        if "!" in inside:
            raise PictureError("pictures within an archive of a storage are not read; fetch the archive first")
        beside = str(PurePosixPath(source_file).parent / inside) if source_file else inside
        for key in dict.fromkeys((beside, inside)):
            if ".." in PurePosixPath(key).parts:
                raise PictureError("its name leads out of the storage")
            try:
                if storage.stat(key) is not None:
                    return storage.read(key, 0, MOST_BYTES + 1)
            except StorageError as error:
                raise PictureError(f"it cannot be fetched ({error})") from error
        raise PictureError(f"there is no {reference[:200]!r} in {storage.url}")

    return find


def _below(folder: Path, name: str, source_file: str) -> Path:
    """The file of that name beside the recording, else below the folder. Raises PictureError."""
    _refuse_address(name)
    if not name or "\0" in name:
        raise PictureError("it has no name")
    candidates = [(folder / source_file).parent / name, folder / name]
    inside = [path for path in candidates if stays_inside(path, folder)]
    if not inside:
        raise PictureError(f"{name[:200]!r} lies outside of the input folder")
    found = next((path for path in inside if path.is_file()), None)
    if found is None:
        raise PictureError(f"there is no file {name[:200]!r}")
    return found


def _refuse_address(name: str) -> None:
    scheme = name.partition(":")[0].lower()
    if "://" in name or scheme in ("data", "blob", "javascript"):
        raise PictureError(f"it is an address ({name[:40]!r}); nothing is fetched from addresses in recordings")


def _read_file(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(MOST_BYTES + 1)


class _Archives:
    """The zip archives read last stay open: a session's pictures lie in one. For one thread at a time."""

    def __init__(self) -> None:
        self._open: dict[Path, zipfile.ZipFile] = {}

    def read(self, path: Path, member: str) -> bytes:
        """At most MOST_BYTES + 1 bytes of a member, whatever its head says. Raises PictureError, OSError."""
        try:
            archive = self._archive(path)
            with archive.open(member) as stream:
                return stream.read(MOST_BYTES + 1)
        except KeyError as error:
            raise PictureError(f"{path.name} has no member {member[:200]!r}") from error
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
            raise PictureError(f"{path.name} cannot be unpacked ({error})") from error
        except Exception as error:
            if type(error).__module__ in ("zlib", "lzma", "_lzma"):
                raise PictureError(f"{path.name} cannot be unpacked ({error})") from error
            raise

    def _archive(self, path: Path) -> zipfile.ZipFile:
        found = self._open.pop(path, None) or zipfile.ZipFile(path)
        self._open[path] = found
        if len(self._open) > _OPEN_ARCHIVES:
            self._open.pop(next(iter(self._open))).close()
        return found

    def close(self) -> None:
        for archive in self._open.values():
            archive.close()
        self._open.clear()
