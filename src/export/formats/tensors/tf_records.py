"""TFRecord files: each record framed by its length and checksums.

u64 length | masked CRC-32C of the length | record | masked CRC-32C of the record, little-endian
(tensorflow.org, "TFRecord and tf.train.Example", read 2026-11-21).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from src.errors import ExportError

_HEAD, _SUM = struct.Struct("<Q"), struct.Struct("<I")
# Larger than any sample; a length beyond it is damage, whatever its checksum says.
_MOST_BYTES = 1 << 31


def framed(record: bytes) -> bytes:
    """A record with its frame."""
    from google_crc32c import value

    head = _HEAD.pack(len(record))
    return b"".join((head, _SUM.pack(_masked(value(head))), record, _SUM.pack(_masked(value(record)))))


def read_records(path: Path) -> Iterator[bytes]:
    """The records of a file, their checksums verified. Raises ExportError that names the first bad one."""
    try:
        yield from _records(path)
    except OSError as error:
        raise ExportError(f"{path}: cannot be read ({error.strerror}).") from error


def _records(path: Path) -> Iterator[bytes]:
    from google_crc32c import value

    with path.open("rb") as stream:
        number = 0
        while head := stream.read(_HEAD.size):
            number += 1
            if len(head) < _HEAD.size or stream.read(_SUM.size) != _SUM.pack(_masked(value(head))):
                raise ExportError(f"{path}: the length of record {number} is damaged.")
            length = _HEAD.unpack(head)[0]
            record = stream.read(length) if length < _MOST_BYTES else b""
            if len(record) < length or stream.read(_SUM.size) != _SUM.pack(_masked(value(record))):
                raise ExportError(f"{path}: record {number} is damaged or cut off.")
            yield record


def _masked(checksum: int) -> int:
    return ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF
