"""Lines that were not packed: all counted, the first ones told, and each written down where they are skipped."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import BinaryIO

TOLD = 5


class Rejects:
    """Lines that are no records. `first` holds the first five with their numbers, from 1."""

    def __init__(self, path: Path | None) -> None:
        self.count = 0
        self.first: list[str] = []
        self._path = path
        self._stream: BinaryIO | None = None

    def add(self, number: int, line: bytes, reason: str) -> None:
        """Take note of a line; with a path, one row of JSON goes to that file."""
        self.count += 1
        if len(self.first) < TOLD:
            self.first.append(f"line {number} {reason}")
        if self._path is not None:
            self._stream = self._stream or self._path.open("xb")
            self._stream.write(_row(number, line, reason))

    @property
    def kept(self) -> bool:
        """Whether such lines are written down, and the others packed."""
        return self._path is not None

    def close(self) -> Path | None:
        """Where the rows are, on the disk; None when there are none."""
        if self._stream is None:
            return None
        if not self._stream.closed:
            with self._stream as stream:
                stream.flush()
                os.fsync(stream.fileno())
        return self._path

    def told(self) -> str:
        """The first lines, and how many more there are."""
        more = self.count - len(self.first)
        return "; ".join(self.first) + (f"; and {more:,} more" if more else "")


def _row(number: int, line: bytes, reason: str) -> bytes:
    try:
        content = {"text": line.decode("utf-8")}
    except UnicodeDecodeError:
        content = {"base64": base64.b64encode(line).decode()}
    return json.dumps({"line": number, "reason": reason, **content}, ensure_ascii=True).encode() + b"\n"
