"""Rows of tables as blocks with named cells, and the test for a header row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from src.ingestion.pieces import NEW_BLOCK, SAME_TABLE, Piece, clean
from src.records import Cell

_ROLE_WORDS = {"user", "assistant", "system", "customer", "agent", "human", "ai", "bot", "q", "a", "client", "support"}
_YEAR = re.compile(r"(19|20)\d\d")
_NUMBER = re.compile(r"[-+]?[\d.,:/%$€£ -]*\d[\d.,:/%$€£ -]*")


def row_piece(names: Sequence[str], values: Sequence[str], place: str, gap: int = SAME_TABLE) -> Piece:
    """One table row as "name: value" lines with a Cell for each value; empty values are left out."""
    lines: list[str] = []
    cells: list[Cell] = []
    position = 0
    for number, value in enumerate(map(clean, values)):
        if not value:
            continue
        name = names[number] if number < len(names) else f"column {number + 1}"
        start = position + len(name) + 2
        lines.append(f"{name}: {value}")
        cells.append(Cell(name, start, start + len(value)))
        position = start + len(value) + 1
    return Piece("\n".join(lines), "row", place, tuple(cells), gap)


def column_names(header: Sequence[str]) -> list[str]:
    """The header cells as names on one line; an empty one becomes "column 3"."""
    return [" ".join(clean(cell).split()) or f"column {number}" for number, cell in enumerate(header, start=1)]


def is_header(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Whether a table's first row names its columns: short, distinct words, and not the first turn of a chat."""
    names = [clean(cell).lower() for cell in first]
    while names and not names[-1]:
        names.pop()
    filled = [name for name in names if name]
    if len(filled) < 2 or len(filled) < len(names) - 1 or len(set(filled)) < len(filled):
        return False
    if not all(map(_is_name, filled)):
        return False
    below = {clean(row[0]).lower() for row in others if row}
    return names[0] not in below and not (names[0] in _ROLE_WORDS and below & _ROLE_WORDS)


def _is_name(cell: str) -> bool:
    if len(cell) > 60 or "\n" in cell or (cell[-1] in ".?!" and len(cell.split()) > 3):
        return False
    return not _NUMBER.fullmatch(cell) or bool(_YEAR.fullmatch(cell))


def table_pieces(rows: Sequence[Sequence[str]], place: str) -> Iterator[Piece]:
    """A table's rows: named cells when its first row is a header, else one block of "a: b" or "a | b" lines."""
    if len(rows) > 1 and is_header(rows[0], rows[1:]):
        names = column_names(rows[0])
        gap = NEW_BLOCK
        for number, row in enumerate(rows[1:], start=2):
            yield row_piece(names, row, f"{place} row {number}", gap)
            gap = SAME_TABLE
    else:
        lines = (_plain_row(row) for row in rows)
        yield Piece("\n".join(line for line in lines if line), "table", place)


def _plain_row(row: Sequence[str]) -> str:
    filled = [clean(cell) for cell in row if clean(cell)]
    return (": " if len(row) == 2 and len(filled[0]) <= 40 else " | ").join(filled) if filled else ""
