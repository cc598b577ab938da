"""What the tests of exports share: documents as the readers make them, and the turns found in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from src.agents.recognisers.conversation import Conversation
from src.agents.recognisers.roles import Roles
from src.ingestion.pieces import Piece, lay_out
from src.ingestion.tables import row_piece
from src.records import Cell, Document, Role

Recogniser = Callable[[Document, Roles], Iterator[Conversation]]
Turns = list[list[tuple[str, str]]]


def document(pieces: Sequence[Piece], name: str) -> Document:
    return Document("d" * 64, name, lay_out(pieces))


def text_document(text: str) -> Document:
    return document([Piece(text, "paragraph", "line 1")], "a.txt")


def json_document(value: Any) -> Document:
    """One block for each element of a list, or one for an object, with a line "path: value" for each value."""
    records = value if isinstance(value, list) else [value]
    return document([_record(record, f"record {n}") for n, record in enumerate(records, start=1)], "a.json")


def table_document(names: Sequence[str], rows: Sequence[Sequence[str]], place: str = "row {}") -> Document:
    pieces = [row_piece(names, row, place.format(n)) for n, row in enumerate(rows, start=2)]
    return document(pieces, "a.csv")


def turns(recognise: Recogniser, source: Document, chosen: Mapping[str, Role] | None = None) -> Turns:
    found = recognise(source, Roles(chosen or {}))
    return [[(turn.role, turn.text(source)) for turn in one.turns] for one in found]


def _record(value: Any, place: str) -> Piece:
    lines: list[str] = []
    cells: list[Cell] = []
    position = 0
    for path, text in _values(value, ""):
        start = position + len(path) + 2
        lines.append(f"{path}: {text}")
        cells.append(Cell(path, start, start + len(text)))
        position = start + len(text) + 1
    return Piece("\n".join(lines), "row", place, tuple(cells), 1)


def _values(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _values(below, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from _values(below, f"{path}[{number}]")
    elif value not in (None, ""):
        yield path, value if isinstance(value, str) else json.dumps(value)
