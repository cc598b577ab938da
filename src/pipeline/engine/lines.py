"""Records as lines of JSON on their way to other processes, texts that are no Unicode among them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any


def encode_lines(records: Iterable[Any]) -> bytes:
    """A line of JSON for each record."""
    from msgspec.json import Encoder

    encode = Encoder().encode
    lines = []
    for record in records:
        try:
            lines.append(encode(record))
        except UnicodeEncodeError:  # half of a surrogate pair: only with escapes can it be written
            lines.append(json.dumps(record).encode())
    return b"".join(line + b"\n" for line in lines)


def decode_lines(content: bytes) -> Iterator[Any]:
    """The records of these lines."""
    from msgspec import DecodeError
    from msgspec.json import Decoder

    decode = Decoder().decode
    for line in content.splitlines():
        try:
            yield decode(line)
        except DecodeError:
            yield json.loads(line)
