"""Messages, tools and pictures that the tests of the chat formats share."""

from __future__ import annotations

import base64
import struct
import zlib

from src.providers.formats.fitting.abilities import Fitted
from src.providers.formats.row_format import RowFormat

SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "What time is it?"}
ANSWER = {"role": "assistant", "content": "It is noon."}
CALL = {"id": "abcdefghi", "type": "function", "function": {"name": "now", "arguments": "{}"}}
CALLING = {"role": "assistant", "tool_calls": [CALL]}
RESULT = {"role": "tool", "content": "12:00", "tool_call_id": "abcdefghi"}
TOOL = {
    "type": "function",
    "function": {
        "name": "now",
        "description": "The time.",
        "parameters": {"type": "object", "properties": {"zone": {"type": "string"}}, "required": []},
    },
}


def picture(colour_type: int = 2, mime_type: str = "image/png") -> str:
    """The data URI of a PNG of one pixel; its colour type is 2 for RGB, 6 for RGBA, 0 for grey, 3 for a palette."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, colour_type, 0, 0, 0)
    chunks = b"".join(_chunk(name, data) for name, data in ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 5))))
    content = b"\x89PNG\r\n\x1a\n" + chunks + _chunk(b"IEND", b"")
    return f"data:{mime_type};base64,{base64.b64encode(content).decode()}"


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def shows(*uris: str) -> dict[str, object]:
    """A user's message with a text and pictures."""
    parts = [{"type": "image_url", "image_url": {"url": uri}} for uri in uris]
    return {"role": "user", "content": [{"type": "text", "text": "What is this?"}, *parts]}


def faults(form: RowFormat, row: object, severity: str = "error") -> set[tuple[str, str]]:
    """The (path, rule) of each finding of that severity."""
    return {(finding.path, finding.rule) for finding in form.check(row) if finding.severity == severity}


def rules_of(fitted: Fitted) -> set[str]:
    """The rules of the choices that were made to fit an example."""
    return {choice.rule for choice in fitted.choices}
