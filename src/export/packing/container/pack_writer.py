"""Write one packed file: frames as they come, then the index, which waits on disk, not in memory."""

from __future__ import annotations

import hashlib
import os
import struct
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

from src.errors import PackError
from src.export.packing.container.codecs import Codec
from src.export.packing.container.json_lines import has_long_numbers
from src.export.packing.container.layout import (
    CODEC_NUMBERS,
    ENTRY,
    ENTRY_BYTES,
    ENTRY_FIELDS,
    EXACT,
    INDEX_MAGIC,
    MAX_INDEX_BYTES,
    SEEK_ENTRY,
    SEEK_FOOTER,
    SEEK_TABLE_MAGIC,
    SEEKABLE_MAGIC,
    SKIPPABLE,
    FrameEntry,
    Trailer,
    seek_table_bytes,
)

_IN_MEMORY = 1 << 20
# The system takes two thirds of the time for eight frames at once that it takes for each alone.
_WRITTEN_AT_ONCE = 1 << 18
_PIECE = ENTRY_BYTES << 12


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that is on the disk."""

    path: Path
    bytes: int
    sha256: str


class PackWriter:
    """Frames to `path` and, without compression, the index to `index_path`. Neither may be there yet."""

    def __init__(self, path: Path, index_path: Path | None, codec_name: str, codec: Codec, frame_records: int) -> None:
        import xxhash

        self._xxh3, self._new_xxh3 = xxhash.xxh3_64_intdigest, xxhash.xxh3_64
        self._codec, self._codec_name, self._frame_records = codec, codec_name, frame_records
        self._path, self._index_path = path, index_path
        self._open = ExitStack()
        self._stream = self._open.enter_context(path.open("xb", buffering=_WRITTEN_AT_ONCE))
        self._sha256 = hashlib.sha256()
        self._entries = self._spool(path.parent)
        self._offsets = self._spool(path.parent)
        self._even = True
        self._last_count = frame_records
        self.frames = self.records = self.raw_bytes = self.stored_bytes = self.trailer_xxh3 = 0

    def add(self, lengths: Sequence[int], raw: bytes) -> None:
        """Store records of these lengths, newlines included, as one frame; `raw` are all of them. Raises OSError."""
        offsets = struct.pack(f"<{len(lengths)}I", *accumulate(lengths[:-1], initial=0))
        stored = self._codec.store(raw)
        exact = has_long_numbers(raw)
        fields = ENTRY_FIELDS.pack(self.stored_bytes, self.records, len(stored), len(raw) | exact * EXACT)
        checksum = self._xxh3(stored, self._xxh3(fields + offsets))
        self._entries.write(
            FrameEntry(self.stored_bytes, self.records, len(stored), len(raw), exact, checksum).packed()
        )
        self._offsets.write(offsets)
        self._write(stored)
        self._even = self._even and self._last_count == self._frame_records
        self._last_count = len(lengths)
        self.frames += 1
        self.records += len(lengths)
        self.raw_bytes += len(raw)
        self.stored_bytes += len(stored)

    def finish(self, metadata: bytes) -> list[WrittenFile]:
        """Write the index and return when all is on the disk: the packed file and, apart, its index."""
        trailer = self._trailer(metadata)
        if trailer.index_bytes > MAX_INDEX_BYTES:
            raise PackError(f"{self.records:,} records are too many for one file; pack them with --shard-size.")
        if self._index_path is None:
            self._write(SKIPPABLE.pack(INDEX_MAGIC, trailer.index_bytes))
        written = []
        if self._index_path is not None:
            written.append(self._finished(self._path))
            self._stream = self._open.enter_context(self._index_path.open("xb"))
            self._sha256 = hashlib.sha256()
        checksum = self._copy_index()
        self._write(metadata)
        seek_table = self._seek_table_checksum(trailer.index_bytes)
        trailer = replace(trailer, index_xxh3=checksum, seek_table_xxh3=seek_table)
        self.trailer_xxh3 = trailer.checksum(self._xxh3)
        self._write(trailer.packed(self._xxh3))
        for piece in self._seek_table(trailer.index_bytes):
            self._write(piece)
        written.append(self._finished(self._index_path or self._path))
        self.close()
        return written

    def close(self) -> None:
        """Let go of the files; what was not finished stays as it is."""
        self._open.close()

    def _spool(self, folder: Path) -> Any:
        return self._open.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(folder)))

    def _write(self, content: bytes) -> None:
        self._stream.write(content)
        self._sha256.update(content)

    def _finished(self, path: Path) -> WrittenFile:
        self._stream.flush()
        os.fsync(self._stream.fileno())
        return WrittenFile(path, self._stream.tell(), self._sha256.hexdigest())

    def _trailer(self, metadata: bytes) -> Trailer:
        return Trailer(
            codec=CODEC_NUMBERS[self._codec_name],
            frames=self.frames,
            records=self.records,
            frames_end=self.stored_bytes,
            raw_bytes=self.raw_bytes,
            frame_records=self._frame_records if self._even and self._last_count <= self._frame_records else 0,
            metadata_bytes=len(metadata),
            metadata_xxh3=self._xxh3(metadata),
            index_xxh3=0,
            seek_table_xxh3=0,
        )

    def _copy_index(self) -> int:
        """Write entries and offsets; the xxh3 of both."""
        checksum = self._new_xxh3()
        for spool in (self._entries, self._offsets):
            for piece in _pieces(spool):
                checksum.update(piece)
                self._write(piece)
        return checksum.intdigest()

    def _seek_table_checksum(self, index_bytes: int) -> int:
        checksum = self._new_xxh3()
        for piece in self._seek_table(index_bytes):
            checksum.update(piece)
        return checksum.intdigest() if self._codec_name == "zstd" else 0

    def _seek_table(self, index_bytes: int) -> Iterator[bytes]:
        if self._codec_name == "zstd":
            yield from seek_table(_pieces(self._entries), self.frames, index_bytes)


def seek_table(entries: Iterable[bytes], frames: int, index_bytes: int) -> Iterator[bytes]:
    """The seek table for frame entries, which come in pieces, and for the index behind the frames."""
    yield SKIPPABLE.pack(SEEK_TABLE_MAGIC, seek_table_bytes(frames) - SKIPPABLE.size)
    for piece in entries:
        unpacked = ENTRY.iter_unpack(piece)
        yield b"".join(SEEK_ENTRY.pack(stored, raw & ~EXACT) for _, _, stored, raw, _ in unpacked)
    yield SEEK_ENTRY.pack(SKIPPABLE.size + index_bytes, 0)
    yield SEEK_FOOTER.pack(frames + 1, 0, SEEKABLE_MAGIC)


def _pieces(spool: BinaryIO) -> Iterator[bytes]:
    spool.seek(0)
    while piece := spool.read(_PIECE):
        yield piece
