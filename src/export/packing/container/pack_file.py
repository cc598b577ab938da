"""One packed file, open for reading: frames are verified when they are touched, records found in constant time."""

from __future__ import annotations

import mmap
import os
import threading
from collections.abc import Callable, Iterator
from operator import length_hint
from pathlib import Path
from typing import Any

from src.errors import PackError
from src.export.packing.container.codecs import codec_named
from src.export.packing.container.json_lines import decode_strictly, exact_decoder, fast_decoder
from src.export.packing.container.layout import INDEX_MAGIC, MAGIC, SEEK_FOOTER, SEEKABLE_MAGIC, SKIPPABLE
from src.export.packing.container.pack_index import PackIndex

INDEX_SUFFIX = ".idx"
_KEPT_FRAMES, _KEPT_BYTES = 64, 8 << 20
# Pages of the file that were read are given back to the system after so many bytes: a file of any size can stream.
_MAPPED_BYTES = 8 << 20
_VERIFIED, _EXACT = 1, 2


class PackFile:
    """The file at `path`. Raises PackError, which names the frame, for whatever is not as it was written.

    May be used by several threads, and after a fork. The file must not be shortened while it is open: as with every
    memory-mapped file the system would end the process. (Replacing it by rename is safe.)
    """

    def __init__(self, path: Path) -> None:
        import xxhash

        self._xxh3 = xxhash.xxh3_64_intdigest
        self.path = path
        self._maps: list[mmap.mmap] = []
        self._content = self._mapped(path)
        in_file = _has_index(self._content)
        index_path = path if in_file else path.with_name(path.name + INDEX_SUFFIX)
        if not in_file and not index_path.is_file():
            raise PackError(
                f"{path}: is not a packed dataset (no index in it, no {index_path.name} beside it), or it is cut off."
            )
        content = self._content if in_file else self._mapped(index_path)
        self.index = PackIndex(index_path, content)
        self._check_place(in_file)
        trailer = self.index.trailer
        self.records, self.frames, self.raw_bytes = trailer.records, trailer.frames, trailer.raw_bytes
        self.codec = self.index.codec
        self._plain = self.codec == "none"
        self._restore = codec_named(self.codec).restore
        self._map = self._maps[0] if len(self._content) else b""
        self._fast, self._exact = fast_decoder(), exact_decoder()
        self._seen = bytearray(self.frames)
        self._kept: dict[int, bytes] = {}
        self._kept_bytes = 0
        self._read = 0
        self._lock = threading.Lock()

    def metadata(self) -> dict[str, Any]:
        """What the writer noted about source, statistics and schema."""
        return self.index.metadata()

    @property
    def identity(self) -> int:
        """A digest of what the file holds, to tell whether it was replaced."""
        return self._xxh3(repr(self.index.trailer).encode())

    def close(self) -> None:
        """Unmap the file, unless records of it are still in use."""
        self._kept.clear()
        self.index.close()
        self._content.release()
        for mapped in self._maps:
            mapped.close()

    def raw(self, frame: int) -> bytes:
        """The lines of a frame with their newlines, verified."""
        entry, count = self.index.checked_entry(frame)
        stored = self._content[entry.start : entry.start + entry.stored]
        if self._xxh3(stored, self.index.seed(frame, count)) != entry.checksum:
            raise PackError(f"{self.path}: frame {frame} is damaged (checksum); records {entry.first} to "
                            f"{entry.first + count - 1} are lost. Pack the source again, or take a copy.")  # fmt: skip
        try:
            raw = self._restore(stored, entry.raw)
        except (ValueError, MemoryError) as error:
            raise PackError(f"{self.path}: frame {frame} cannot be unpacked: {error}.") from error
        self._seen[frame] = _EXACT if entry.exact else _VERIFIED
        self._give_pages_back(entry.stored)
        return raw

    def lines(self, frame: int) -> list[bytes]:
        """The records of a frame, verified, without their newlines."""
        lines = self.raw(frame).split(b"\n")
        if not lines[-1]:
            lines.pop()
        if len(lines) != self.index.first(frame + 1) - self.index.first(frame):
            raise PackError(f"{self.path}: frame {frame} has {len(lines)} lines, which is not what the index says.")
        return lines

    def decoder(self, frame: int) -> Callable[[bytes], Any]:
        """What decodes a frame's lines fastest; what it refuses with a ValueError is for `decode`."""
        return exact_decoder() if self.index.entry(frame).exact else fast_decoder()

    def decode(self, frame: int, line: bytes) -> Any:
        """A record's value as the standard library reads it."""
        try:
            return decode_strictly(line)
        except ValueError as error:
            raise PackError(f"{self.path}: frame {frame} holds a line that is not JSON: {error}.") from error

    def values(self, frame: int) -> Iterator[Any]:
        """The decoded records of a frame."""
        lines, decode = self.lines(frame), self.decoder(frame)
        rest = iter(lines)
        while True:
            try:
                yield from map(decode, rest)
                return
            except (ValueError, RecursionError):
                # map() has taken the line that was refused.
                refused = lines[len(lines) - length_hint(rest) - 1]
            yield self.decode(frame, refused)

    def line(self, record: int) -> bytes:
        """One record's bytes, without the newline."""
        return self._line(record, self.index.frame_of(record)).rstrip(b"\n")

    def value(self, record: int) -> Any:
        """One record, decoded."""
        frame = self.index.frame_of(record)
        line = self._line(record, frame)
        try:
            return self._fast(line) if self._seen[frame] == _VERIFIED else self._exact(line)
        except (ValueError, RecursionError):
            return self.decode(frame, line)

    def _line(self, record: int, frame: int) -> bytes:
        """One record's bytes as they stand in the frame."""
        if not self._plain:
            raw = self._kept.get(frame) or self._keep(frame)
            start, end = self.index.span(record, frame)
            return raw[start:end]
        if not self._seen[frame]:
            self.raw(frame)
        before = self.index.start(frame)
        start, end = self.index.span(record, frame)
        return self._map[before + start : before + end]

    def _keep(self, frame: int) -> bytes:
        raw = self.raw(frame)
        with self._lock:
            self._kept_bytes += len(raw) - len(self._kept.pop(frame, b""))
            self._kept[frame] = raw
            while len(self._kept) > 1 and (len(self._kept) > _KEPT_FRAMES or self._kept_bytes > _KEPT_BYTES):
                self._kept_bytes -= len(self._kept.pop(next(iter(self._kept))))
        return raw

    def _give_pages_back(self, read: int) -> None:
        self._read += read
        if self._read > _MAPPED_BYTES and hasattr(mmap, "MADV_DONTNEED"):
            self._read = 0
            self._maps[0].madvise(mmap.MADV_DONTNEED)

    def _mapped(self, path: Path) -> memoryview:
        try:
            with path.open("rb") as stream:
                if not os.fstat(stream.fileno()).st_size:
                    return memoryview(b"")  # nothing can be mapped; plain JSONL of no records looks so
                mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise PackError(f"{path}: cannot be opened: {error}.") from error
        self._maps.append(mapped)
        return memoryview(mapped)

    def _check_place(self, in_file: bool) -> None:
        seek_table = in_file and _is_seekable(self._content)
        self.index.check_place(in_file, len(self._content), seek_table)
        if in_file:
            head = SKIPPABLE.unpack_from(self._content, self.index.trailer.frames_end)
            if head != (INDEX_MAGIC, self.index.trailer.index_bytes):
                raise PackError(f"{self.path}: the head of its index is damaged.")
        if in_file == (self.index.codec == "none"):
            raise PackError(f"{self.path}: its index is not where one of '{self.index.codec}' belongs; it is damaged.")


def _has_index(content: memoryview) -> bool:
    return _is_seekable(content) or bytes(content[-len(MAGIC) :]) == MAGIC


def _is_seekable(content: memoryview) -> bool:
    if len(content) < SEEK_FOOTER.size:
        return False
    magic: int = SEEK_FOOTER.unpack_from(content, len(content) - SEEK_FOOTER.size)[2]
    return magic == SEEKABLE_MAGIC
