"""Packed files made by hand, from docs/packing.md and not with our writer: valid checksums around lies."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lz4.block
import xxhash
import zstandard

CODEC_NUMBERS = {"none": 0, "lz4": 1, "zstd": 2}
EXACT = 1 << 31
LINE = b'{"a": "0123456789"}\n'


def zstd_frame(raw: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(raw)


def lz4_frame(raw: bytes, *, size: int | None = None, block: bytes | None = None, blocks: int = 1) -> bytes:
    """An LZ4 frame; `size` is what it declares, `block` stands `blocks` times in place of the compressed bytes."""
    descriptor = struct.pack("<BBQ", 0x6C, 0x70, len(raw) if size is None else size)
    head = b"\x04\x22\x4d\x18" + descriptor + bytes([xxhash.xxh32_intdigest(descriptor) >> 8 & 255])
    packed = lz4.block.compress(raw, store_size=False) if block is None else block
    body = (struct.pack("<I", len(packed)) + packed) * blocks
    return head + body + b"\0\0\0\0" + struct.pack("<I", xxhash.xxh32_intdigest(raw))


def zstd_zeros(blocks: int, declared: int | None = None, window_log: int = 20) -> bytes:
    """A zstd frame of `blocks` x 128 KiB zeros in 4 bytes each, which declares any size or none (RFC 8878, 3.1.1)."""
    head = struct.pack("<IBB", 0xFD2FB528, 0x00 if declared is None else 0xC0, (window_log - 10) << 3)
    head += b"" if declared is None else struct.pack("<Q", declared)
    # Last_Block, Block_Type RLE, Block_Size
    body = [
        struct.pack("<I", (131072 << 3) | (1 << 1) | (number == blocks - 1))[:3] + b"\0" for number in range(blocks)
    ]
    return head + b"".join(body)


@dataclass
class Frame:
    """A frame as its entry describes it; what is None is worked out truthfully."""

    stored: bytes
    raw: int
    offsets: list[int] = field(default_factory=lambda: [0])
    start: int | None = None
    first: int | None = None
    stored_bytes: int | None = None
    exact: bool = False


STORE = {"none": lambda raw: raw, "lz4": lz4_frame, "zstd": zstd_frame}


def honest(codec: str, records: int = 4) -> Frame:
    return Frame(STORE[codec](LINE * records), len(LINE) * records, [len(LINE) * place for place in range(records)])


def forge(path: Path, codec: str, frames: list[Frame], /, **lies: Any) -> Path:
    """Write a packed file (with .idx for none). Lies name fields of the trailer, or `metadata`, `version`, `magic`,
    `head` (of the index), `seek_table`, `codec_number`, `padding` (bytes between frames and index)."""
    entries, offsets, place, first = b"", b"", 0, 0
    for frame in frames:
        start = place if frame.start is None else frame.start
        number = first if frame.first is None else frame.first
        stored = len(frame.stored) if frame.stored_bytes is None else frame.stored_bytes
        fields = struct.pack("<QQII", start, number, stored, frame.raw | frame.exact * EXACT)
        own = struct.pack(f"<{len(frame.offsets)}I", *frame.offsets)
        entries += fields + struct.pack(
            "<Q", xxhash.xxh3_64_intdigest(frame.stored, xxhash.xxh3_64_intdigest(fields + own))
        )
        offsets += own
        place += len(frame.stored)
        first += len(frame.offsets)
    metadata = lies.get("metadata", b'{"compression": "%s"}' % codec.encode())
    table = _seek_table(frames, entries, offsets, metadata) if codec == "zstd" else b""
    table = lies.get("seek_table", table)
    index = _index(codec, entries, offsets, metadata, table, place, first, frames, lies)
    content = b"".join(frame.stored for frame in frames)
    if codec == "none":
        path.write_bytes(content)
        path.with_name(path.name + ".idx").write_bytes(index)
    else:
        head = lies.get("head", struct.pack("<II", 0x184D2A5D, len(index)))
        path.write_bytes(content + lies.get("padding", b"") + head + index + table)
    return path


def _seek_table(frames: list[Frame], entries: bytes, offsets: bytes, metadata: bytes) -> bytes:
    index_bytes = len(entries) + len(offsets) + len(metadata) + TRAILER_BYTES
    rows = [(len(frame.stored), frame.raw) for frame in frames] + [(8 + index_bytes, 0)]
    body = b"".join(struct.pack("<II", *row) for row in rows) + struct.pack("<IBI", len(rows), 0, 0x8F92EAB1)
    return struct.pack("<II", 0x184D2A5E, len(body)) + body


TRAILER = struct.Struct("<IIQQQQIQQQ")
TRAILER_BYTES = TRAILER.size + struct.calcsize("<QI8s")


def _index(
    codec: str,
    entries: bytes,
    offsets: bytes,
    metadata: bytes,
    table: bytes,
    end: int,
    records: int,
    frames: list[Frame],
    lies: dict[str, Any],
) -> bytes:
    digest = xxhash.xxh3_64_intdigest
    truth = {
        "codec_number": CODEC_NUMBERS[codec],
        "frame_records": 0,
        "frames": len(frames),
        "records": records,
        "frames_end": end,
        "raw_bytes": sum(frame.raw for frame in frames),
        "metadata_bytes": len(metadata),
        "metadata_xxh3": digest(metadata),
        "index_xxh3": digest(entries + offsets),
        "seek_table_xxh3": digest(table) if table else 0,
    }
    fields = TRAILER.pack(*(lies.get(name, value) for name, value in truth.items()))
    trailer_end = struct.pack("<QI8s", digest(fields), lies.get("version", 1), lies.get("magic", b"FTDBPACK"))
    return entries + offsets + metadata + fields + trailer_end
