"""JSONL to pack in tests."""

from __future__ import annotations

import json
from pathlib import Path

from src.export.packing.dataset_packer import DatasetPacker, Packed

CODECS = ("none", "lz4", "zstd")
# The sixteen cases of facts/packing.md and a few more: what typed containers change or lose.
AWKWARD = (
    b'{"text": "\\u00fc \xc3\xbc \xf0\x9f\x98\x80 \\ud83d\\ude00"}',
    b'{"text": null, "n": 1, "f": 1.5}',
    b'{"text": "missing the others"}',
    b'{"n": 9223372036854775808}',
    b'{"n": 1180591620717411303424, "m": -1180591620717411303424}',
    b'{"n": 0.1, "m": 1e-7, "o": -0.0, "p": 1.0, "q": 123456789.123456789012345678}',
    b'{"content": "text"}',
    b'{"content": [{"type": "text", "text": "part"}, {"type": "image_url", "image_url": {"url": "https://x"}}]}',
    b'{"tool_calls": [{"function": {"name": "f", "arguments": "{\\"a\\": 1}"}}], "content": null}',
    b'{"tools": [{"parameters": {"type": "object", "properties": {"\\u00e9": {"enum": [1, "1", null, 1.5]}}}}]}',
    b'{"date": "2026-11-21T10:00:00Z", "": "no name", " ": 1}',
    b'{"z": 1, "a": 2, "m": {"z": 1, "a": 2}}',
    b'{"contents": [{"role": "user", "parts": [{"text": "Gemini"}]}]}',
    b'{"lone": "\\ud800", "other": "\\udfff!"}',
    b'{"mixed": [1, "1", 1.0, true, null, {}, []], "deep": [[[[[[[[]]]]]]]]}',
    b'{"a": 1, "a": 2, "control": "\\u0000\\u001f", "del": "\x7f"}',
    b'  {"space" : "around" }  ',
    b'{"infinite": 1e400}',
    b'{"__proto__": {}, "constructor": 1, "n": 12345678901234567890123}',
)


def chat_lines(count: int) -> list[bytes]:
    """Chat records of different lengths; every seventh has an integer beyond 64 bits."""
    return [
        json.dumps(
            {
                "messages": [
                    {"role": "user", "content": f"Frage {number} " + "wie so? " * (number % 5)},
                    {"role": "assistant", "content": f"Antwort {number} ü " + "weil. " * (number % 7)},
                ],
                "n": 2**70 + number if number % 7 == 0 else number,
            },
            ensure_ascii=False,
        ).encode()
        for number in range(count)
    ]


def write_jsonl(path: Path, lines: list[bytes], end: bytes = b"\n") -> Path:
    path.write_bytes(b"\n".join(lines) + (end if lines else b""))
    return path


def pack_lines(
    folder: Path, lines: list[bytes], codec: str, frame_records: int = 16, shards: int | None = None
) -> Packed:
    """The lines packed in the folder, as source.jsonl -> packed."""
    folder.mkdir(exist_ok=True)
    source = write_jsonl(folder / "source.jsonl", lines)
    return DatasetPacker().pack(
        source, folder / "packed", compression=codec, frame_records=frame_records, shards=shards, overwrite=True
    )
