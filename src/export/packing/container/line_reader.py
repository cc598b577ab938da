"""Read a file of any size as lists of lines, in bounded memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import BinaryIO

_BLOCK = 1 << 18


def read_lines(stream: BinaryIO, longest: int, on_block: Callable[[bytes], None]) -> Iterator[list[bytes]]:
    """The lines of a stream with their newlines, about 256 KiB at a time. `on_block` is given every byte of it.

    Of a line that is longer than `longest`, the first `longest` + 1 bytes are given and the rest is dropped.
    """
    begun = _BegunLine(longest)
    while block := stream.read(_BLOCK):
        on_block(block)
        # Finds newlines three times as fast as split does.
        lines = io.BytesIO(block).readlines()
        last = b"" if lines[-1].endswith(b"\n") else lines.pop()
        if lines:
            lines[0] = begun.finished_by(lines[0])
            yield lines
        begun.add(last)
    if begun.length:
        yield [begun.finished_by(b"")]


class _BegunLine:
    """What was read of a line whose end has not come yet."""

    def __init__(self, longest: int) -> None:
        self._room = longest + 1
        self._pieces: list[bytes] = []
        self.length = 0

    def add(self, piece: bytes) -> None:
        piece = piece[: self._room - self.length]
        if piece:
            self._pieces.append(piece)
            self.length += len(piece)

    def finished_by(self, piece: bytes) -> bytes:
        self.add(piece)
        line = b"".join(self._pieces)
        self._pieces, self.length = [], 0
        return line
