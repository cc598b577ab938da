"""Read a file of any size as lists of lines, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

_BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines without their newlines; `ended` is False for a last line that has none."""

    lines: list[bytes]
    ended: bool = True


def read_lines(stream: BinaryIO, longest: int, on_block: Callable[[bytes], None]) -> Iterator[Lines]:
    """The lines of a stream, about 256 KiB at a time. `on_block` is given every byte of it.

    Of a line that is longer than `longest`, the first `longest` + 1 bytes are given and the rest is dropped.
    """
    begun = _BegunLine(longest)
    while block := stream.read(_BLOCK):
        on_block(block)
        lines = block.split(b"\n")
        last = lines.pop()
        if lines:
            lines[0] = begun.finished_by(lines[0])
            yield Lines(lines)
        begun.add(last)
    if begun.length:
        yield Lines([begun.finished_by(b"")], ended=False)


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
