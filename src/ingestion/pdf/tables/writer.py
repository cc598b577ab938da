"""Tables as Markdown, a piece for each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from src.ingestion.pdf.layout import Table
from src.ingestion.pieces import NEW_BLOCK, SAME_TABLE, Piece, clean
from src.ingestion.tables import column_names, is_header
from src.records import Cell

_NEAR = 12.0  # points by which the columns of a table's next part may be off


class TableWriter:
    """Tables as pieces. A table that runs on over the page keeps the names of its columns."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._columns: tuple[float, ...] = ()
        self._header: Sequence[str] = ()
        self._is_open = False

    def text_follows(self) -> None:
        """What comes next is not the next part of the last table."""
        self._is_open = False

    def pieces(self, table: Table, place: str) -> Iterator[Piece]:
        """A "table" piece with the header, then a "row" piece for each row: together a Markdown table.

        Without a header row the header's cells are empty and the columns named "column 1" and so on.
        """
        rows = list(table.rows)
        if not self._runs_on(table) or rows[0] == self._header:
            has_header = is_header(rows[0], rows[1:])
            self._header = rows.pop(0) if has_header else ()
            self._names = column_names(self._header or [""] * len(table.columns))
            yield _header_piece(self._header or [""] * len(table.columns), place)
        self._columns = table.columns
        self._is_open = True
        for row in rows:
            yield _row_piece(self._names, row, place)

    def _runs_on(self, table: Table) -> bool:
        if not self._is_open or len(table.columns) != len(self._columns):
            return False
        return all(abs(a - b) < _NEAR for a, b in zip(table.columns, self._columns, strict=True))


def _header_piece(header: Sequence[str], place: str) -> Piece:
    text = _row_piece(header, header, place).text
    return Piece(f"{text}\n| {' | '.join('---' for _ in header)} |", "table", place, gap=NEW_BLOCK)


def _row_piece(names: Sequence[str], row: Sequence[str], place: str) -> Piece:
    parts = ["|"]
    cells: list[Cell] = []
    position = 2
    for name, value in zip(names, row, strict=True):
        value = " ".join(clean(value).split()).replace("|", "\\|")
        if value:
            cells.append(Cell(name, position, position + len(value)))
        parts.append(f" {value} |")
        position += len(value) + 3
    return Piece("".join(parts), "row", place, tuple(cells), SAME_TABLE)
