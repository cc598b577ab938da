"""The tokens of a picture, where a provider publishes a formula and the picture itself lies in the row.

Sizes are read from the head of a data URI; behind an address they are not known, and the count says so. The formulas
are the providers', read 2026-11-21: OpenAI, "Images and vision" (tiles of 512 for GPT-4o and GPT-4.1, patches of 32
for GPT-4.1 mini and nano); Anthropic, "Vision" (width x height / 750); mistral_common 1.13.1, image.py (patches of 16,
at most 1,024 to a side). Google's 258 a tile says nothing of tuning jobs and is not used.
"""

from __future__ import annotations

import base64
import binascii
import math
import struct
from collections.abc import Iterator
from functools import partial

from src.providers.formats.training_example import MediaPart
from src.providers.tokenizers.frames.framed import PictureRule, unknown_size

# How much of a picture is looked at: a JPEG's size comes after its thumbnail and colour profile.
_HEAD_BYTES = 256 << 10


def openai_pictures(model: str) -> PictureRule:
    """The rule of an OpenAI model."""
    if model.startswith("gpt-4o-mini"):
        return partial(_tiles, whole=2833, tile=5667)
    if model.startswith("gpt-4.1-mini"):
        return partial(_patches, multiplier=1.62)
    if model.startswith("gpt-4.1-nano"):
        return partial(_patches, multiplier=2.46)
    if model.startswith(("gpt-4o", "gpt-4.1")):
        return partial(_tiles, whole=85, tile=170)
    return unknown_size


def claude_pictures(part: MediaPart) -> int | None:
    """A picture is first shrunk to 1,568 pixels on its longer side."""
    size = picture_size(part)
    if size is None:
        return None
    width, height = _shrunk(size, 1568)
    return math.ceil(width * height / 750)


def mistral_pictures(part: MediaPart) -> int | None:
    """A token for each patch, and one to end each row of them."""
    size = picture_size(part)
    if size is None:
        return None
    ratio = max(side / 1024 for side in size)
    width, height = (max(round(side / ratio), 1) for side in size) if ratio > 1 else size
    return ((width - 1) // 16 + 2) * ((height - 1) // 16 + 1)


def picture_size(part: MediaPart) -> tuple[int, int] | None:
    """Width and height of a PNG, JPEG, GIF or WebP picture in a base64 data URI, None where they cannot be read."""
    head = _first_bytes(part.uri)
    try:
        if head.startswith(b"\x89PNG\r\n\x1a\n"):
            return struct.unpack_from(">II", head, 16)
        if head.startswith((b"GIF87a", b"GIF89a")):
            return struct.unpack_from("<HH", head, 6)
        if head.startswith(b"\xff\xd8"):
            return next(_jpeg_sizes(head), None)
        if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
            return _webp_size(head)
    except struct.error:  # the picture ends within its own head
        return None
    return None


def _tiles(part: MediaPart, whole: int, tile: int) -> int | None:
    if part.detail == "low":
        return whole
    size = picture_size(part)
    if size is None:
        return None
    width, height = _shrunk(size, 2048)
    shrink = min(1.0, 768 / min(width, height))
    return whole + tile * math.ceil(width * shrink / 512) * math.ceil(height * shrink / 512)


def _patches(part: MediaPart, multiplier: float) -> int | None:
    size = picture_size(part)
    if size is None:
        return None
    width, height = size
    patches = math.ceil(width / 32) * math.ceil(height / 32)
    if patches > 1536:
        shrink = math.sqrt(1536 * 32**2 / (width * height))
        # One side is brought down to a whole number of patches.
        across, down = width * shrink / 32, height * shrink / 32
        shrink *= min(math.floor(across) / across, math.floor(down) / down)
        patches = math.ceil(round(width * shrink / 32, 6)) * math.ceil(round(height * shrink / 32, 6))
    return math.ceil(min(patches, 1536) * multiplier)


def _shrunk(size: tuple[int, int], longest: int) -> tuple[float, float]:
    shrink = min(1.0, longest / max(size))
    return size[0] * shrink, size[1] * shrink


def _first_bytes(uri: str) -> bytes:
    head, comma, content = uri.partition(",")
    if not (comma and head.startswith("data:") and head.endswith(";base64")):
        return b""
    try:
        return base64.b64decode(content[: _HEAD_BYTES // 3 * 4], validate=True)
    except binascii.Error:
        return b""


def _jpeg_sizes(head: bytes) -> Iterator[tuple[int, int]]:
    position = 2
    while position + 9 <= len(head) and head[position] == 0xFF:
        marker = head[position + 1]
        # SOF0 to SOF15 hold the size; 0xC4, 0xC8 and 0xCC lie between them and do not.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", head, position + 5)
            yield width, height
        position += 2 + struct.unpack_from(">H", head, position + 2)[0]


def _webp_size(head: bytes) -> tuple[int, int] | None:
    kind = head[12:16]
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", head, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", head, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X" and len(head) >= 30:
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    return None
