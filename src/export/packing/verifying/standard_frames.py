"""Would other programs take a frame, and find out when it is damaged? Read from its bytes alone."""

from __future__ import annotations

import struct

_LZ4_HEAD = struct.Struct("<IBBQB")  # magic, FLG, BD, content size, header checksum
_LZ4_MAGIC = 0x184D2204
# FLG: version 1 in the two highest bits, blocks that stand alone, content size, content checksum; no dictionary.
_LZ4_FLAGS, _LZ4_FLAGS_LOOKED_AT = 0b01_1_0_1_1_0_0, 0b11_1_0_1_1_1_1
_ZSTD_MAGIC = 0xFD2FB528
_FOUR = struct.Struct("<I")


def lz4_objection(stored: bytes, raw: bytes) -> str:
    """What is wrong with an LZ4 frame for other decoders (LZ4 frame format 1.6.3); "" when it is as it should be."""
    import xxhash

    magic, flags, blocks, size, check = _LZ4_HEAD.unpack_from(stored)
    if magic != _LZ4_MAGIC or flags & _LZ4_FLAGS_LOOKED_AT != _LZ4_FLAGS:
        return "it has no content size or content checksum, or is no LZ4 frame"
    if check != xxhash.xxh32_intdigest(bytes(stored[4 : _LZ4_HEAD.size - 1])) >> 8 & 255:
        return "the checksum of its head is wrong"
    if size != len(raw):
        return f"it declares {size:,} bytes and holds {len(raw):,}"
    end = _end_of_blocks(stored, 4 << 20 if blocks == 0x70 else 0)
    if end + _FOUR.size != len(stored):
        return "its blocks do not fill it"
    if _FOUR.unpack_from(stored, end)[0] != xxhash.xxh32_intdigest(raw):
        return "its content checksum is wrong"
    return ""


def _end_of_blocks(stored: bytes, most: int) -> int:
    """Where the content checksum begins; -1 when the blocks lead elsewhere."""
    place = _LZ4_HEAD.size
    while place + _FOUR.size <= len(stored):
        length = _FOUR.unpack_from(stored, place)[0] & 0x7FFFFFFF
        place += _FOUR.size
        if not length:
            return place
        if length > most:
            return -1
        place += length
    return -1


def zstd_objection(stored: bytes, raw: bytes) -> str:
    """The same for a zstd frame (RFC 8878, 3.1.1.1). Its content checksum is verified when it is unpacked."""
    import zstandard

    if _FOUR.unpack_from(stored)[0] != _ZSTD_MAGIC:
        return "it is no zstd frame"
    head = zstandard.get_frame_parameters(bytes(stored[:18]))
    if not head.has_checksum:
        return "it has no content checksum"
    if head.content_size != len(raw):
        return f"it declares {head.content_size:,} bytes and holds {len(raw):,}"
    return "it needs a dictionary" if head.dict_id else ""
