"""Find the buffers of an Arrow IPC file's record batches, without copying them and without trusting a byte.

Not pyarrow, although it writes these files: a hostile file can make it unpack gigabytes or crash (it cannot be told to
refuse compression), and its import alone takes longer than the rest of opening a file.
Layout: Arrow columnar format, "IPC File Format", with format/{File,Message,Schema}.fbs (apache/arrow 26, read
2026-11-21): "ARROW1\\0\\0" | schema message | record batch messages | end mark | footer | i32 its length | "ARROW1".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from src.export.packing.tokens.arrow_file.flat_tables import FlatTable, LayoutError, root_table

_MAGIC = b"ARROW1"
_TAIL = struct.Struct("<i6s")
_PREFIX = struct.Struct("<ii")
_BLOCK, _PAIR = struct.Struct("<qi4xq"), struct.Struct("<qq")
_I8, _I16, _I32, _I64 = (struct.Struct("<" + code) for code in "bhiq")
_SCHEMA_MESSAGE, _BATCH_MESSAGE = 1, 3
_INT, _LIST = 2, 12
_V5 = 4
# What a batch of three columns holds is less.
_MOST_BUFFERS = 64


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its name and its type, as "int64", "uint32" or "list<uint32>"; anything else is "other"."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Schema:
    fields: tuple[Field, ...]
    metadata: dict[bytes, bytes]


@dataclass(frozen=True, slots=True)
class BatchLayout:
    """A record batch: its rows, its (length, nulls) of each field, its buffers as (start in the file, length)."""

    rows: int
    nodes: list[tuple[int, ...]]
    buffers: list[tuple[int, int]]
    metadata: dict[bytes, bytes]


class ArrowLayout:
    """An uncompressed Arrow IPC file in `content`. Raises LayoutError for anything else, here and later."""

    def __init__(self, content: memoryview) -> None:
        self._content = content
        size = len(content)
        if size < 2 * 8 + _TAIL.size or bytes(content[:8]) != _MAGIC + b"\0\0":
            raise LayoutError("it does not begin as an Arrow file does")
        length, magic = _TAIL.unpack_from(content, size - _TAIL.size)
        if magic != _MAGIC:
            raise LayoutError("it does not end as an Arrow file does: it was cut off")
        start = size - _TAIL.size - length
        if length <= 0 or start < 8:
            raise LayoutError("its footer is longer than the file")
        self._footer = content[start : start + length]
        footer = root_table(self._footer)
        self._end = start
        self.schema = _schema(_wanted(footer.table(1)), footer.scalar(0, _I16))
        self._blocks, self.batches = footer.vector(3, _BLOCK.size)
        if footer.vector(2, _BLOCK.size)[1]:
            raise LayoutError("it holds dictionaries")
        if self._leading_schema() != self.schema:
            raise LayoutError("its two schemas differ")

    def batch(self, number: int) -> BatchLayout:
        """Where the buffers of a record batch are; within the file, and uncompressed."""
        start, metadata_bytes, body_bytes = _BLOCK.unpack_from(self._footer, self._blocks + number * _BLOCK.size)
        body = start + metadata_bytes
        if start < 8 or metadata_bytes < _PREFIX.size or body_bytes < 0 or body + body_bytes > self._end:
            raise LayoutError("a record batch lies outside the file")
        content = self._message(start, metadata_bytes)
        message = root_table(content)
        table = message.table(2)
        if message.scalar(1, _I8) != _BATCH_MESSAGE or table is None or message.scalar(0, _I16) != _V5:
            raise LayoutError("what should be a record batch is none")
        if table.has(3):
            raise LayoutError("a record batch is compressed")
        buffers = []
        for offset, length in _structs(table, 2, content):
            if offset < 0 or length < 0 or offset + length > body_bytes:
                raise LayoutError("a buffer lies outside its record batch")
            buffers.append((body + offset, length))
        return BatchLayout(table.scalar(0, _I64), _structs(table, 1, content), buffers, _pairs(message, 4))

    def _leading_schema(self) -> Schema:
        """The schema in front of the batches, which readers of streams go by."""
        _, length = _PREFIX.unpack_from(self._content, 8)
        message = root_table(self._message(8, length + _PREFIX.size))
        if message.scalar(1, _I8) != _SCHEMA_MESSAGE:
            raise LayoutError("it does not begin with a schema")
        return _schema(_wanted(message.table(2)), message.scalar(0, _I16))

    def _message(self, start: int, size: int) -> memoryview:
        mark, length = _PREFIX.unpack_from(self._content, start)
        if mark != -1 or length <= 0 or length + _PREFIX.size != size or start + size > self._end:
            raise LayoutError("a message is not where it should be")
        return self._content[start + _PREFIX.size : start + size]


def _wanted(table: FlatTable | None) -> FlatTable:
    if table is None:
        raise LayoutError("it has no schema")
    return table


def _schema(table: FlatTable, version: int) -> Schema:
    if version != _V5 or table.scalar(0, _I16):
        raise LayoutError("it is of another version or byte order")
    fields = [Field(field.text(0).decode("utf-8", "replace"), _type(field, 0)) for field in table.tables(1)]
    return Schema(tuple(fields), _pairs(table, 2))


def _type(field: FlatTable, depth: int) -> str:
    kind, inner = field.scalar(2, _I8), field.table(3)
    if field.has(4) or inner is None or depth > 1:
        return "other"
    if kind == _INT:
        return f"{'' if inner.scalar(1, _I8) else 'u'}int{inner.scalar(0, _I32)}"
    children = field.tables(5) if kind == _LIST else []
    return f"list<{_type(children[0], depth + 1)}>" if len(children) == 1 else "other"


def _pairs(table: FlatTable, field: int) -> dict[bytes, bytes]:
    return {pair.text(0): pair.text(1) for pair in table.tables(field)}


def _structs(table: FlatTable, field: int, content: memoryview) -> list[tuple[int, ...]]:
    """Pairs of numbers: field nodes and buffers."""
    start, count = table.vector(field, _PAIR.size)
    if count > _MOST_BUFFERS:
        raise LayoutError("a record batch has more buffers than any that is written")
    return list(_PAIR.iter_unpack(content[start : start + count * _PAIR.size]))
