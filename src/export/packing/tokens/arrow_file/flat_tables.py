"""Read FlatBuffers tables (flatbuffers.dev, "FlatBuffer Internals") out of bytes that may be hostile.

Numbers are little endian. A table begins with the distance back to its vtable: u16 size of the vtable, u16 size of
the table, then for each field its u16 place in the table, 0 where it is absent. Every access is checked by struct or by
a slice, and what is taken out at once is bounded, so that the worst that comes of bad bytes is a LayoutError.
"""

from __future__ import annotations

import struct

_U16, _U32, _I32 = struct.Struct("<H"), struct.Struct("<I"), struct.Struct("<i")
_LONGEST_TEXT = 16 << 20
_MOST_TABLES = 16


class LayoutError(ValueError):
    """The bytes are not what the layout says they are."""


class FlatTable:
    """A table at a place in `content`. All fields are asked for by their number in the schema."""

    __slots__ = ("_content", "_place", "_vtable", "_vtable_bytes")

    def __init__(self, content: memoryview, place: int) -> None:
        self._content, self._place = content, place
        self._vtable = place - _number(_I32, content, place)
        self._vtable_bytes = _number(_U16, content, self._vtable)

    def scalar(self, field: int, layout: struct.Struct, default: int = 0) -> int:
        """A number; the default where it is absent."""
        place = self._field(field)
        return _number(layout, self._content, place) if place else default

    def table(self, field: int) -> FlatTable | None:
        """An inner table, None where it is absent."""
        place = self._field(field)
        return FlatTable(self._content, place + _number(_U32, self._content, place)) if place else None

    def text(self, field: int) -> bytes:
        """A string's bytes, b"" where it is absent. 16 MiB are too many."""
        start, length = self.vector(field, 1)
        if length > _LONGEST_TEXT:
            raise LayoutError("a text is longer than any that is written")
        return bytes(self._content[start : start + length])

    def tables(self, field: int) -> list[FlatTable]:
        """The tables of a vector, of which there may be 16."""
        start, count = self.vector(field, _U32.size)
        if count > _MOST_TABLES:
            raise LayoutError("a list is longer than any that is written")
        places = range(start, start + count * _U32.size, _U32.size)
        return [FlatTable(self._content, place + _number(_U32, self._content, place)) for place in places]

    def vector(self, field: int, size: int) -> tuple[int, int]:
        """Where the elements of a vector begin, and how many there are, each of `size` bytes and all of them there."""
        place = self._field(field)
        if not place:
            return 0, 0
        place += _number(_U32, self._content, place)
        count = _number(_U32, self._content, place)
        if place + 4 + count * size > len(self._content):
            raise LayoutError("a list is longer than what holds it")
        return place + 4, count

    def has(self, field: int) -> bool:
        return self._field(field) != 0

    def _field(self, field: int) -> int:
        """The place of a field, 0 where it is absent."""
        entry = 4 + 2 * field
        if entry + 2 > self._vtable_bytes:
            return 0
        inner = _number(_U16, self._content, self._vtable + entry)
        return self._place + inner if inner else 0


def root_table(content: memoryview) -> FlatTable:
    """The table that a buffer is about. Raises LayoutError, as all that is asked of tables does."""
    return FlatTable(content, _number(_U32, content, 0))


def _number(layout: struct.Struct, content: memoryview, place: int) -> int:
    if place < 0:
        raise LayoutError("an offset leads out of what holds it")
    try:
        number: int = layout.unpack_from(content, place)[0]
    except struct.error as error:
        raise LayoutError("an offset leads out of what holds it") from error
    return number
