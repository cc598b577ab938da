"""Find the parts of a packed file: its frames, and the index that is theirs."""

from __future__ import annotations

import mmap
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from src.errors import PackError
from src.export.packing.container.layout import INDEX_MAGIC, MAGIC, SEEK_FOOTER, SEEKABLE_MAGIC, SKIPPABLE
from src.export.packing.container.pack_index import PackIndex

INDEX_SUFFIX = ".idx"
# The index of a file that is about to be put in place, or whose packing was killed just then.
NEXT_INDEX_SUFFIX = ".idx.next"
_pread: Callable[[int, int, int], bytes] | None = getattr(os, "pread", None)  # Windows has none
Mapped = mmap.mmap | bytes  # nothing can be mapped of an empty file; plain JSONL of no records is one


@dataclass(frozen=True, slots=True)
class PackParts:
    """The file as it is mapped, the index, and the file beside it that the index is in, if it is in one."""

    mapped: Mapped
    content: memoryview
    index: PackIndex
    beside: Mapped | None
    handle: int

    def read(self, start: int, length: int) -> bytes:
        """These bytes of the file; fewer where it ends sooner."""
        if _pread is not None:
            # Read, not mapped: to have pages mapped one by one takes longer than to have them copied.
            return _pread(self.handle, length, start)
        return bytes(self.content[start : start + length])

    @property
    def stored_bytes(self) -> int:
        return len(self.mapped) + len(self.beside or b"")

    def give_pages_back(self) -> None:
        """Tell the system that the pages which were read need not stay in memory."""
        for mapped in (self.mapped, self.beside):
            if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
                mapped.madvise(mmap.MADV_DONTNEED)

    def close(self) -> None:
        """Unmap the files, unless somebody still uses what is in them. The handle is for who opened it to close."""
        # An error that is on its way holds the frame it is about.
        with suppress(BufferError):
            self.index.close()
            self.content.release()
        for mapped in (self.mapped, self.beside):
            with suppress(BufferError):
                if isinstance(mapped, mmap.mmap):
                    mapped.close()


def open_parts(path: Path) -> PackParts:
    """Raises PackError when the file is no packed one, is cut off, or has no index that fits."""
    handle = _handle(path)
    try:
        return _parts_of(path, handle)
    except BaseException:
        os.close(handle)
        raise


def _parts_of(path: Path, handle: int) -> PackParts:
    mapped = _mapped(path, handle)
    content = memoryview(mapped)
    if _has_index(content):
        index = PackIndex(path, content)
        _check_place(path, index, content)
        return PackParts(mapped, content, index, None, handle)
    found = list(_indexes_beside(path))
    for last, index_path in enumerate(found, 1 - len(found)):
        try:
            beside = _mapped_alone(index_path)
            index = PackIndex(index_path, memoryview(beside))
            _check_beside(index, content, sure=len(found) > 1)
        except PackError:
            if last == 0:
                raise
        else:
            return PackParts(mapped, content, index, beside, handle)
    raise PackError(
        f"{path}: is not a packed dataset (no index in it, no {path.name}{INDEX_SUFFIX} beside it), or it is cut off."
    )


def _indexes_beside(path: Path) -> Iterator[Path]:
    for suffix in (NEXT_INDEX_SUFFIX, INDEX_SUFFIX):
        beside = path.with_name(path.name + suffix)
        if beside.is_file():
            yield beside


def _check_beside(index: PackIndex, content: memoryview, sure: bool) -> None:
    """Raises PackError when the index is not that of the frames; `sure` looks at the first frame and the last."""
    index.check_place(False, len(content), False)
    if index.codec != "none":
        raise PackError(f"{index.path}: is not where an index of '{index.codec}' belongs; it is damaged.")
    for frame in {0, index.trailer.frames - 1} if sure and index.trailer.frames else ():
        entry, count = index.checked_entry(frame)
        if not index.vouches(frame, count, content[entry.start : entry.start + entry.stored]):
            raise PackError(f"{index.path}: is not the index of the file beside it.")


def _check_place(path: Path, index: PackIndex, content: memoryview) -> None:
    index.check_place(True, len(content), _is_seekable(content))
    if SKIPPABLE.unpack_from(content, index.trailer.frames_end) != (INDEX_MAGIC, index.trailer.index_bytes):
        raise PackError(f"{path}: the head of its index is damaged.")
    if index.codec == "none":
        raise PackError(f"{path}: its index is not where one of '{index.codec}' belongs; it is damaged.")


def _mapped_alone(path: Path) -> Mapped:
    handle = _handle(path)
    try:
        return _mapped(path, handle)
    finally:
        os.close(handle)


def _mapped(path: Path, handle: int) -> Mapped:
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise PackError(f"{path}: is not a regular file.")
        return mmap.mmap(handle, 0, access=mmap.ACCESS_READ) if about.st_size else b""
    except (OSError, ValueError) as error:
        raise PackError(f"{path}: cannot be opened: {error}.") from error


def _handle(path: Path) -> int:
    try:
        # A pipe would keep whoever opens it waiting.
        return os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        raise PackError(f"{path}: cannot be opened: {error}.") from error


def _has_index(content: memoryview) -> bool:
    return _is_seekable(content) or bytes(content[-len(MAGIC) :]) == MAGIC


def _is_seekable(content: memoryview) -> bool:
    if len(content) < SEEK_FOOTER.size:
        return False
    magic: int = SEEK_FOOTER.unpack_from(content, len(content) - SEEK_FOOTER.size)[2]
    return magic == SEEKABLE_MAGIC
