"""Find and read the index of a packed file. Nothing in it is believed before it is checked."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from operator import lt
from pathlib import Path
from typing import Any

from src.errors import PackError
from src.export.packing.container.layout import (
    CODEC_NUMBERS,
    ENTRY,
    ENTRY_BYTES,
    ENTRY_FIELDS,
    EXACT,
    FORMAT_VERSION,
    FOUR,
    FRAME_RAW_BYTES,
    LEAST_RECORD_BYTES,
    MAGIC,
    MAX_FRAME_BYTES,
    MAX_INDEX_BYTES,
    MAX_METADATA_BYTES,
    OFFSET_BYTES,
    SEEK_FOOTER,
    SEEKABLE_MAGIC,
    SKIPPABLE,
    TRAILER_BYTES,
    TWO_OFFSETS,
    FrameEntry,
    Trailer,
    seek_table_bytes,
)

_EIGHT = struct.Struct("<Q")
_unpack_entry, _unpack_start = ENTRY.unpack_from, _EIGHT.unpack_from
_unpack_span = TWO_OFFSETS.unpack_from
_PIECE = 1 << 20


class PackIndex:
    """The index of the file `path`, which lies in `content` (the whole file, or the index file beside it).

    Opening looks at the trailer alone. Raises PackError when there is no whole index.
    """

    def __init__(self, path: Path, content: memoryview) -> None:
        import xxhash

        self._xxh3 = xxhash.xxh3_64_intdigest
        self.path = path
        end = _end_of_index(path, content)
        self.trailer = trailer = _read_trailer(path, content[max(end - TRAILER_BYTES, 0) : end], self._xxh3)
        _check_counts(path, trailer)
        start = end - trailer.index_bytes
        if start < 0:
            raise PackError(f"{path}: its index declares {trailer.index_bytes:,} bytes, more than there are.")
        self.at, self.end = start, end
        self._content = content[start:end]
        self._offsets = trailer.frames * ENTRY_BYTES
        self._metadata = self._offsets + trailer.records * OFFSET_BYTES
        self._every, self._records, self._frames = trailer.frame_records, trailer.records, trailer.frames
        self.codec = _codec_name(path, trailer.codec)

    def close(self) -> None:
        """Let go of the bytes."""
        self._content.release()

    def check_place(self, in_file: bool, file_bytes: int, seek_table: bool) -> None:
        """Raises PackError when the parts of a packed file do not add up to its size."""
        before = self.trailer.frames_end + SKIPPABLE.size if in_file else 0
        after = seek_table_bytes(self.trailer.frames) if seek_table else 0
        whole = before + self.trailer.index_bytes + after if in_file else self.trailer.frames_end
        if self.at != before or whole != file_bytes or seek_table != (self.codec == "zstd"):
            raise PackError(
                f"{self.path}: {file_bytes:,} bytes long, {whole:,} by its index; it is cut off or damaged."
            )

    def metadata(self) -> dict[str, Any]:
        """What the writer noted. Raises PackError when it was changed."""
        content = bytes(self._content[self._metadata : self._metadata + self.trailer.metadata_bytes])
        if self._xxh3(content) != self.trailer.metadata_xxh3:
            raise PackError(f"{self.path}: its metadata are damaged (checksum).")
        try:
            metadata = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise PackError(f"{self.path}: its metadata are not JSON ({error}).") from error
        if not isinstance(metadata, dict):
            raise PackError(f"{self.path}: its metadata are not a JSON object.")
        return metadata

    def entry(self, frame: int) -> FrameEntry:
        start, first, stored, raw, checksum = _unpack_entry(self._content, frame * ENTRY_BYTES)
        if raw < EXACT:
            return FrameEntry(start, first, stored, raw, False, checksum)
        return FrameEntry(start, first, stored, raw - EXACT, True, checksum)

    def first(self, frame: int) -> int:
        """The first record of a frame; the number of records for the frame behind the last."""
        if self._every:
            first = frame * self._every
            return first if first < self._records else self._records
        if frame == self._frames:
            return self._records
        return _unpack_start(self._content, frame * ENTRY_BYTES + _EIGHT.size)[0]  # type: ignore[no-any-return]

    def seed(self, frame: int, first: int, count: int) -> int:
        """The seed of a frame's checksum: a digest of its entry and of the offsets of its records."""
        content, place, offsets = self._content, frame * ENTRY_BYTES, self._offsets + first * OFFSET_BYTES
        fields = content[place : place + ENTRY_FIELDS.size]
        return self._xxh3(b"".join((fields, content[offsets : offsets + count * OFFSET_BYTES])))

    def vouches(self, frame: int, count: int, stored: memoryview) -> bool:
        """Whether these are the bytes of a frame of `count` records, by its checksum."""
        checksum: int = _EIGHT.unpack_from(self._content, (frame + 1) * ENTRY_BYTES - _EIGHT.size)[0]
        return self._xxh3(stored, self.seed(frame, self.first(frame), count)) == checksum

    def offsets(self, first: int, count: int) -> bytes:
        """Where these records start in their frame, as stored."""
        start = self._offsets + first * OFFSET_BYTES
        return bytes(self._content[start : start + count * OFFSET_BYTES])

    def span(self, record: int, frame: int) -> tuple[int, int]:
        """Where a record starts and ends in its frame, the newline included."""
        place, after = self._offsets + record * OFFSET_BYTES, record + 1
        if after % self._every and after < self._records if self._every else after < self.first(frame + 1):
            return _unpack_span(self._content, place)
        return FOUR.unpack_from(self._content, place)[0], self.entry(frame).raw

    def place(self, record: int, frame: int) -> tuple[int, int]:
        """Where a record starts and ends in the file when frames are stored as they are."""
        before = _unpack_start(self._content, frame * ENTRY_BYTES)[0]
        start, end = self.span(record, frame)
        return before + start, before + end

    def start(self, frame: int) -> int:
        """Where a frame starts in the file; where all end for the frame behind the last."""
        if frame == self._frames:
            return self.trailer.frames_end
        return _unpack_start(self._content, frame * ENTRY_BYTES)[0]  # type: ignore[no-any-return]

    def frame_of(self, record: int) -> int:
        """The frame a record (0 to records - 1) is in. Raises PackError when the index contradicts itself."""
        if self._every:
            return record // self._every
        frame = self._searched(record)
        if not (0 <= frame < self.trailer.frames and self.first(frame) <= record < self.first(frame + 1)):
            raise PackError(f"{self.path}: the index does not say where record {record} is; it is damaged.")
        return frame

    def _searched(self, record: int) -> int:
        low, high = 0, self.trailer.frames
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.first(middle) <= record else (low, middle)
        return low

    def checked_entry(self, frame: int) -> tuple[FrameEntry, int]:
        """A frame's entry and its number of records, within the bounds of the file. Raises PackError."""
        entry = self.entry(frame)
        start, first, stored, raw, _, _ = entry
        begins, behind = self.first(frame), self.first(frame + 1)
        count = behind - begins
        # No gap and no overlap: whoever reads all frames has read every byte once.
        inside = start + stored == self.start(frame + 1) and (frame > 0 or not start)
        # The last record of a file may lack its newline.
        fits = count * LEAST_RECORD_BYTES - 1 <= raw <= (FRAME_RAW_BYTES if count > 1 else MAX_FRAME_BYTES)
        if not (inside and fits and first == begins and begins < behind <= self._records):
            raise PackError(f"{self.path}: frame {frame}: its entry in the index is damaged.")
        return entry, count

    def starts(self, frame: int) -> tuple[int, ...]:
        """Where the records of a frame start in it. Raises PackError when that does not cut it into records."""
        first = self.first(frame)
        count = self.first(frame + 1) - first
        starts = struct.unpack(f"<{count}I", self.offsets(first, count))
        if starts[0] or starts[-1] >= self.entry(frame).raw or not all(map(lt, starts, starts[1:])):
            raise PackError(f"{self.path}: frame {frame}: its record offsets are damaged.")
        return starts

    def entries(self, start: int, stop: int) -> memoryview:
        """The entries of frames `start` up to `stop`, as stored."""
        return self._content[start * ENTRY_BYTES : stop * ENTRY_BYTES]

    def pieces(self) -> Iterator[memoryview]:
        """All entries and offsets, which the trailer's checksum is of, a MiB at a time."""
        for start in range(0, self._metadata, _PIECE):
            yield self._content[start : min(start + _PIECE, self._metadata)]


def _end_of_index(path: Path, content: memoryview) -> int:
    """Where the index ends in the file: at its end, or before the seek table."""
    if len(content) < SEEK_FOOTER.size:
        raise PackError(f"{path}: is not a packed dataset: too short; it may be cut off.")
    entries, _, magic = SEEK_FOOTER.unpack_from(content, len(content) - SEEK_FOOTER.size)
    if magic != SEEKABLE_MAGIC:
        return len(content)
    return max(len(content) - seek_table_bytes(entries - 1), 0)


def _read_trailer(path: Path, content: memoryview, xxh3: Any) -> Trailer:
    if len(content) < TRAILER_BYTES:
        raise PackError(f"{path}: is not a packed dataset, or it is cut off.")
    checksum, version, magic = Trailer.END.unpack_from(content, Trailer.FIELDS.size)
    if magic != MAGIC:
        raise PackError(f"{path}: is not a packed dataset, or it is cut off: its end is not that of one.")
    if version > FORMAT_VERSION:
        raise PackError(
            f"{path}: is of format version {version}; this program reads up to {FORMAT_VERSION}. Update the program."
        )
    fields = bytes(content[: Trailer.FIELDS.size])
    if xxh3(fields) != checksum or not version:
        raise PackError(f"{path}: the end of its index is damaged (checksum).")
    return Trailer(*Trailer.FIELDS.unpack(fields))


def _check_counts(path: Path, trailer: Trailer) -> None:
    """Raises PackError for counts that contradict each other, or that no writer makes."""
    every = trailer.frame_records
    uneven = every and trailer.frames != -(-trailer.records // every)
    if uneven or trailer.frames > trailer.records or bool(trailer.frames) != bool(trailer.frames_end):
        raise PackError(f"{path}: {trailer.records:,} records in {trailer.frames:,} frames of {every}; it is damaged.")
    if trailer.metadata_bytes > MAX_METADATA_BYTES or trailer.index_bytes > MAX_INDEX_BYTES:
        raise PackError(f"{path}: its index declares {trailer.index_bytes:,} bytes, more than any has.")


def _codec_name(path: Path, number: int) -> str:
    for name, known in CODEC_NUMBERS.items():
        if known == number:
            return name
    raise PackError(f"{path}: is compressed with something this program does not know (number {number}).")
