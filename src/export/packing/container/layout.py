"""The bytes of a packed file: frames, then the pack index, then (zstd) the seek table. docs/packing.md draws it.

All numbers are little-endian. Frames are standard frames of zstd (RFC 8878) or LZ4 (its frame format 1.6.3), or slices
of plain JSONL. Both formats skip what stands in a skippable frame, magic 0x184D2A50 to 5F. The seek table is that of
the Zstandard Seekable Format 0.1.0 (facebook/zstd, contrib/seekable_format; read 2026-11-21).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import astuple, dataclass
from typing import NamedTuple

FORMAT_VERSION = 1
MAGIC = b"FTDBPACK"
INDEX_MAGIC, SEEK_TABLE_MAGIC, SEEKABLE_MAGIC = 0x184D2A5D, 0x184D2A5E, 0x8F92EAB1
CODEC_NUMBERS = {"none": 0, "lz4": 1, "zstd": 2}

SKIPPABLE = struct.Struct("<II")  # magic, bytes that follow
SEEK_ENTRY = struct.Struct("<II")  # stored bytes, raw bytes
SEEK_FOOTER = struct.Struct("<IBI")  # entries, descriptor, magic
ENTRY_FIELDS, ENTRY = struct.Struct("<QQII"), struct.Struct("<QQIIQ")  # a FrameEntry without its checksum, and with it
ENTRY_BYTES = ENTRY.size
EXACT = 1 << 31  # in the raw bytes of an entry
FOUR = struct.Struct("<I")
TWO_OFFSETS = struct.Struct("<II")

MAX_RECORD_BYTES = 64 << 20
# A frame holds more than this only when one record alone is longer.
FRAME_RAW_BYTES = 1 << 20
MAX_FRAME_BYTES = MAX_RECORD_BYTES + 2
# "{}" and a newline.
LEAST_RECORD_BYTES = 3
MAX_METADATA_BYTES = 1 << 20
# A skippable frame says its length in 32 bits.
MAX_INDEX_BYTES = (1 << 32) - 1


class FrameEntry(NamedTuple):
    """One frame: where it starts in the file, its first record, its sizes, and whether its integers need care.

    `checksum` is the xxh3-64 of the stored bytes; its seed is the xxh3-64 of the entry's other fields followed by the
    record offsets of the frame, so that it vouches for all three.
    """

    start: int
    first: int
    stored: int
    raw: int
    exact: bool
    checksum: int

    def packed(self) -> bytes:
        return ENTRY.pack(self.start, self.first, self.stored, self.raw | self.exact * EXACT, self.checksum)


OFFSET_BYTES = 4


@dataclass(frozen=True, slots=True)
class Trailer:
    """The end of the pack index, which all else is found by.

    `frame_records` is the number of records in every frame but the last, 0 where they differ. `index_xxh3` is that of
    all frame entries and record offsets, `seek_table_xxh3` that of the seek table (0 where there is none).
    """

    codec: int
    frame_records: int
    frames: int
    records: int
    frames_end: int
    raw_bytes: int
    metadata_bytes: int
    metadata_xxh3: int
    index_xxh3: int
    seek_table_xxh3: int

    FIELDS = struct.Struct("<IIQQQQIQQQ")
    # The version and the magic come last: they can be read whatever a later version puts before them.
    END = struct.Struct("<QI8s")

    def packed(self, xxh3: Callable[[bytes], int]) -> bytes:
        fields = self.FIELDS.pack(*astuple(self))
        return fields + self.END.pack(xxh3(fields), FORMAT_VERSION, MAGIC)

    def checksum(self, xxh3: Callable[[bytes], int]) -> int:
        """The one in the file. It covers the checksums of all else, so no two packed files share it."""
        return xxh3(self.FIELDS.pack(*astuple(self)))

    @property
    def index_bytes(self) -> int:
        """Bytes of the whole pack index, this trailer included."""
        return self.frames * ENTRY_BYTES + self.records * OFFSET_BYTES + self.metadata_bytes + TRAILER_BYTES


TRAILER_BYTES = Trailer.FIELDS.size + Trailer.END.size


def seek_table_bytes(frames: int) -> int:
    """Bytes of a seek table for so many frames and the pack index."""
    return SKIPPABLE.size + (frames + 1) * SEEK_ENTRY.size + SEEK_FOOTER.size
