"""What the rows of a file look like: columns, lists and members, and the kinds of their values."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["nothing", "boolean", "integer", "float", "text", "list", "members", "mixed"]

# Rows of one format are alike; these many show every key.
_ROWS, _BYTES = 1000, 1 << 22
_TABLE_DELIMITER = ","


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of values: `items` of lists, `members` of objects. `single`: every list has one item at most."""

    kind: Kind
    items: Shape | None = None
    members: Mapping[str, Shape] = field(default_factory=dict)
    single: bool = True


NOTHING = Shape("nothing")


def columns_of(path: Path) -> dict[str, Shape]:
    """The columns of a .jsonl, .parquet or .csv file; {} for a file that common readers do not take for a table.

    Those of a .jsonl file are its first rows'. Raises OSError.
    """
    if path.suffix == ".jsonl":
        return dict(_merge_all(map(shape_of, _first_rows(path))).members)
    if path.suffix == ".parquet":
        return _parquet_columns(path)
    return _csv_columns(path) if path.suffix == ".csv" else {}


def shape_of(value: object) -> Shape:
    """The shape of a JSON value."""
    if isinstance(value, Mapping):
        return Shape("members", members={str(key): shape_of(item) for key, item in value.items()})
    if isinstance(value, list):
        return Shape("list", _merge_all(map(shape_of, value)), single=len(value) <= 1)
    kinds: dict[type, Kind] = {bool: "boolean", int: "integer", float: "float", str: "text"}
    return Shape(kinds.get(type(value), "nothing"))


def _merge_all(shapes: Iterable[Shape]) -> Shape:
    return reduce(_merge, shapes, NOTHING)


def _merge(one: Shape, other: Shape) -> Shape:
    """The shape of values of which some have one shape and some the other."""
    if "nothing" in (one.kind, other.kind):
        return other if one.kind == "nothing" else one
    if {one.kind, other.kind} == {"integer", "float"}:
        return Shape("float")
    if one.kind != other.kind:
        return Shape("mixed")
    if one.kind == "list":
        return Shape("list", _merge(one.items or NOTHING, other.items or NOTHING), single=one.single and other.single)
    names = dict.fromkeys([*one.members, *other.members])
    merged = {name: _merge(one.members.get(name, NOTHING), other.members.get(name, NOTHING)) for name in names}
    return Shape(one.kind, members=merged)


def _first_rows(path: Path) -> Iterator[Any]:
    from msgspec import DecodeError
    from msgspec.json import decode

    with path.open("rb") as stream:
        for _, line in zip(range(_ROWS), stream, strict=False):
            try:
                yield decode(line)
            except DecodeError:
                return
            if stream.tell() > _BYTES:
                return


def _parquet_columns(path: Path) -> dict[str, Shape]:
    import pyarrow.parquet as pq

    schema = pq.read_schema(path)
    return {found.name: _arrow_shape(found.type) for found in schema}


def _arrow_shape(found: pa.DataType) -> Shape:
    import pyarrow.types as types

    if types.is_list(found) or types.is_large_list(found):
        return Shape("list", _arrow_shape(found.value_type), single=False)
    if types.is_struct(found):
        return Shape("members", members={member.name: _arrow_shape(member.type) for member in found})
    if types.is_dictionary(found):
        return _arrow_shape(found.value_type)
    if types.is_boolean(found):
        return Shape("boolean")
    if types.is_integer(found):
        return Shape("integer")
    return Shape("float" if types.is_floating(found) else "text")


def _csv_columns(path: Path) -> dict[str, Shape]:
    """The columns of a table in UTF-8 with commas, which needs no explanation to be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            names = next(csv.reader(stream, delimiter=_TABLE_DELIMITER), [])
    except (UnicodeDecodeError, csv.Error):
        return {}
    if len(names) < 2 or len(set(names)) != len(names):
        return {}
    return {name: Shape("integer" if name == "token_length" else "text") for name in names}
