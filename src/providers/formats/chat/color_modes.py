"""Tell how a picture stores its colours, from the head of its bytes."""

from __future__ import annotations

_PNG_MODES = {0: "grey", 2: "RGB", 3: "palette", 4: "grey with alpha", 6: "RGBA"}
_JPEG_MODES = {1: "grey", 3: "RGB", 4: "CMYK"}
_PNG_COLOUR_TYPE = 25  # after the signature, the length and name of the first chunk, width, height and depth
# Start-of-frame markers of JPEG; C4, C8 and CC in between mean other things (ITU-T T.81, table B.1).
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def color_mode(content: bytes, mime_type: str) -> str:
    """RGB, RGBA, grey, grey with alpha, palette or CMYK; "" where the head does not tell."""
    if mime_type == "image/png" and len(content) > _PNG_COLOUR_TYPE:
        return _PNG_MODES.get(content[_PNG_COLOUR_TYPE], "")
    if mime_type == "image/jpeg":
        return _JPEG_MODES.get(_jpeg_components(content), "")
    return "RGB" if mime_type == "image/webp" else ""  # WebP has no other


def _jpeg_components(content: bytes) -> int:
    """How many colours the first frame of a JPEG has; 0 where none is found."""
    place = 2
    while place + 9 < len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker in _FRAMES:
            return content[place + 9]
        place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")
    return 0
