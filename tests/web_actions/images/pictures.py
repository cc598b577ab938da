"""Pictures for the tests: a white page with a red target whose pixels can be looked for."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

RED = (255, 0, 0)


def screenshot(size: tuple[int, int] = (1000, 800), box: tuple[int, int, int, int] = (300, 200, 80, 40)) -> Image.Image:
    """A white picture with a red box: left, top, width, height."""
    image = Image.new("RGB", size, "white")
    left, top, width, height = box
    image.paste(RED, (left, top, left + width, top + height))
    return image


def encoded(image: Image.Image, form: str = "PNG", **how: Any) -> bytes:
    stream = BytesIO()
    image.save(stream, form, **how)
    return stream.getvalue()


def red_box(image: Image.Image) -> tuple[int, int, int, int]:
    """Where the red is: left, top, width, height."""
    _, green, blue = image.split()
    red = Image.eval(green, lambda value: 255 if value < 128 else 0)
    found = red.getbbox()
    assert found is not None and blue.getbbox() is not None
    return found[0], found[1], found[2] - found[0], found[3] - found[1]


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has so many pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
