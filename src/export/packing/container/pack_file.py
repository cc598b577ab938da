"""One packed file, open for reading: frames are verified when they are touched, records found in constant time."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterator
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

from src.errors import PackError
from src.export.packing.container.codecs import codec_named
from src.export.packing.container.json_lines import decode_strictly, exact_decoder, fast_decoder
from src.export.packing.container.layout import FrameEntry
from src.export.packing.container.pack_parts import open_parts

_KEPT_FRAMES, _KEPT_BYTES = 64, 8 << 20
# Pages of the file that were read are given back to the system after so many bytes: a file of any size can stream.
_MAPPED_BYTES = 2 << 20
_VERIFIED, _EXACT = 1, 2
# So much is decoded in one call: little enough to stay in the core's cache.
_DECODED_BYTES = 128 << 10


class PackFile:
    """The file at `path`. Raises PackError, which names the frame, for whatever is not as it was written.

    May be used by several threads, and after a fork. The file must not be shortened while it is open: as with every
    memory-mapped file the system would end the process. (Replacing it by rename is safe.)
    """

    def __init__(self, path: Path) -> None:
        import xxhash

        self._xxh3 = xxhash.xxh3_64_intdigest
        self.path = path
        self._parts = open_parts(path)
        self._close_handle = weakref.finalize(self, os.close, self._parts.handle)
        self._content, self._map, self.index = self._parts.content, self._parts.mapped, self._parts.index
        trailer = self.index.trailer
        self.records, self.frames, self.raw_bytes = trailer.records, trailer.frames, trailer.raw_bytes
        self.codec = self.index.codec
        self._plain = self.codec == "none"
        self._restore = codec_named(self.codec).restore
        self._fast, self._exact = fast_decoder(), exact_decoder()
        self._seen = bytearray(self.frames)
        self._kept: dict[int, bytes] = {}
        self._kept_bytes = 0
        self._read = 0
        self._lock = threading.Lock()

    def metadata(self) -> dict[str, Any]:
        """What the writer noted about source, statistics and schema."""
        return self.index.metadata()

    def index_pieces(self) -> Iterator[memoryview]:
        """All frame entries and record offsets, a MiB at a time."""
        for piece in self.index.pieces():
            yield piece
            self._give_pages_back(len(piece))

    @property
    def stored_bytes(self) -> int:
        """Bytes of the file, and of its index where that is another one."""
        return self._parts.stored_bytes

    @property
    def behind_index(self) -> memoryview:
        """What follows the index in the same file: the seek table of zstd."""
        return self._content[self.index.end :] if self.codec == "zstd" else memoryview(b"")

    @property
    def identity(self) -> int:
        """A digest of what the file holds, to tell whether it was replaced."""
        return self.index.trailer.checksum(self._xxh3)

    def close(self) -> None:
        """Unmap the file, unless records of it are still in use."""
        self._kept.clear()
        self._parts.close()
        self._close_handle()

    def raw(self, frame: int) -> bytes:
        """The lines of a frame with their newlines, verified."""
        return self.unpacked(frame)[0]

    def unpacked(self, frame: int) -> tuple[bytes, FrameEntry]:
        """The same, and the frame's entry."""
        stored, entry = self.stored(frame)
        self._give_pages_back(entry.stored)
        return self._unpacked(frame, stored, entry), entry

    def stored(self, frame: int) -> tuple[bytes, FrameEntry]:
        """A frame as it stands in the file, its checksum verified, and its entry."""
        entry, count = self.index.checked_entry(frame)
        stored = self._parts.read(entry.start, entry.stored)
        if self._xxh3(stored, self.index.seed(frame, entry.first, count)) != entry.checksum:
            raise PackError(f"{self.path}: frame {frame} is damaged (checksum); records {entry.first} to "
                            f"{entry.first + count - 1} are lost. Pack the source again, or take a copy.")  # fmt: skip
        return stored, entry

    def check(self, frame: int) -> int:
        """Verify a frame as `raw` does, at the least cost; its raw bytes."""
        stored, entry = self.stored(frame)
        if not self._plain or entry.stored != entry.raw:
            self._unpacked(frame, stored, entry)
        self._give_pages_back(entry.stored)
        return entry.raw

    def _unpacked(self, frame: int, stored: bytes, entry: FrameEntry) -> bytes:
        try:
            return self._restore(stored, entry.raw)
        except (ValueError, MemoryError) as error:
            why = str(error) or "there is not enough memory"
            raise PackError(f"{self.path}: frame {frame} cannot be unpacked: {why}.") from error

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
        raw, entry = self.unpacked(frame)
        count = self.index.first(frame + 1) - entry.first
        if entry.raw > _DECODED_BYTES:
            return chain.from_iterable(self._in_pieces(frame, raw, count, entry.exact))
        return iter(self._decoded(frame, raw, count, entry.exact))

    def _in_pieces(self, frame: int, raw: bytes, count: int, exact: bool) -> Iterator[list[Any]]:
        """A long frame a few records at a time, so that they are used while they are in the core's cache."""
        records = _DECODED_BYTES * count // len(raw) or 1
        cuts = (*self.index.starts(frame)[::records], len(raw))
        for place, (start, end) in enumerate(pairwise(cuts)):
            yield self._decoded(frame, raw[start:end], min(records, count - place * records), exact)

    def _decoded(self, frame: int, lines: bytes, count: int, exact: bool) -> list[Any]:
        """So many records: one call for an array of them is faster than one for each."""
        decode = self._exact if exact else self._fast
        try:
            values: list[Any] = decode(b"[%b]" % lines.replace(b"\n", b",", count - 1))
            # Lines were checked when they were packed; only a forger's could add up to other records than they are
            # one by one, and to as many.
            if len(values) == count and set(map(type, values)) == {dict}:
                return values
        except (ValueError, RecursionError):
            pass
        alone = lines.removesuffix(b"\n").split(b"\n")
        if len(alone) != count:
            raise PackError(f"{self.path}: frame {frame} has {len(alone)} lines where the index says {count}.")
        return [self.decode(frame, line) for line in alone]

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
        if self._plain:
            # Nothing more is cut from the frame than lies in it, once its offsets are in order.
            if not self._seen[frame]:
                self._see(frame, self.stored(frame)[1])
            start, end = self.index.place(record, frame)
            line = self._map[start:end]
        else:
            raw = self._kept.get(frame) or self._keep(frame)
            start, end = self.index.span(record, frame)
            line = raw[start:end]
        # The last of all may lack its newline.
        if line.find(b"\n") + 1 != len(line) and (record + 1 < self.records or b"\n" in line):
            raise PackError(f"{self.path}: record {record} does not end where its line does; the index is wrong.")
        return line

    def _see(self, frame: int, entry: FrameEntry) -> None:
        """Look at the offsets of a verified frame, once. Raises PackError."""
        self.index.starts(frame)
        self._seen[frame] = _EXACT if entry.exact else _VERIFIED

    def _keep(self, frame: int) -> bytes:
        stored, entry = self.stored(frame)
        raw = self._unpacked(frame, stored, entry)
        if not self._seen[frame]:
            self._see(frame, entry)
        with self._lock:
            self._kept_bytes += len(raw) - len(self._kept.pop(frame, b""))
            self._kept[frame] = raw
            while len(self._kept) > 1 and (len(self._kept) > _KEPT_FRAMES or self._kept_bytes > _KEPT_BYTES):
                self._kept_bytes -= len(self._kept.pop(next(iter(self._kept))))
        return raw

    def _give_pages_back(self, read: int) -> None:
        self._read += read
        if self._read > _MAPPED_BYTES:
            self._read = 0
            self._parts.give_pages_back()
