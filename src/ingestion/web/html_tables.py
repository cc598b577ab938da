"""The tables of an HTML page: which are tables of facts, and their rows with merged cells filled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from src.ingestion.pieces import NEW_BLOCK, SAME_TABLE, Piece
from src.ingestion.tables import column_names, row_piece, table_pieces

# A cell may claim more columns and rows than there are (HTML Standard, 4.9.11, allows 1,000 and 65,534).
MAX_SPAN = 1000
MAX_CELLS = 1_000_000


@dataclass(slots=True)
class _Cell:
    """A cell: which of the page's pieces stand in it, and how many columns and rows it covers."""

    is_header: bool
    begin: int
    end: int
    columns: int
    rows: int


@dataclass(slots=True)
class Table:
    """A table while its elements come; `begin` is the number of pieces before it."""

    begin: int
    for_layout: bool = False
    holds_table: bool = False
    rows: list[list[_Cell]] = field(default_factory=list)
    _in_cell: bool = False

    def start_row(self, at: int) -> None:
        """A row begins after `at` pieces of the page."""
        self.end_cell(at)
        self.rows.append([])

    def start_cell(self, is_header: bool, attributes: Mapping[str, str], at: int) -> None:
        """A cell begins."""
        self.end_cell(at)
        if not self.rows:
            self.rows.append([])
        columns, rows = _span(attributes.get("colspan")), _span(attributes.get("rowspan"))
        self.rows[-1].append(_Cell(is_header, at, at, columns, rows))
        self._in_cell = True

    def end_cell(self, at: int) -> None:
        """The open cell, if there is one, ends."""
        if self._in_cell:
            self.rows[-1][-1].end = at
            self._in_cell = False

    def is_layout(self, pieces: Sequence[Piece]) -> bool:
        """Whether the table only arranges the page: it holds tables or headings, or has a single column."""
        if self.for_layout or self.holds_table or max(map(len, self.rows), default=0) < 2:
            return True
        return any(pieces[at].kind == "heading" for at in range(self.begin, len(pieces)))

    def as_pieces(self, inside: Sequence[Piece], place: str) -> Iterator[Piece]:
        """The table as rows; `inside` are the pieces from `begin` on. What stands in no cell comes first."""
        held = {at - self.begin for row in self.rows for cell in row for at in range(cell.begin, cell.end)}
        yield from (piece for at, piece in enumerate(inside) if at not in held)
        rows = [row for row in self._filled_rows(inside) if any(row)]
        first = next((row for row in self.rows if row), [])
        if len(rows) > 1 and all(cell.is_header for cell in first) and all(rows[0]):
            yield from _named_rows(rows, place)
        else:
            yield from table_pieces(rows, place)

    def _filled_rows(self, inside: Sequence[Piece]) -> Iterator[list[str]]:
        """The values of each row; a cell over several rows or columns is in all of its rows, and its first column."""
        above: dict[int, tuple[int, str]] = {}  # by column: in how many more rows, and the value
        room = MAX_CELLS
        for row in self.rows:
            values: list[str] = []
            cells = iter(row)
            below: dict[int, tuple[int, str]] = {}
            cell = next(cells, None)
            while (cell is not None or len(values) in above) and room > 0:
                column = len(values)
                if column in above:
                    rows, value = above[column]
                    values.append(value)
                    if rows > 1:
                        below[column] = (rows - 1, value)
                    continue
                assert cell is not None
                text = "\n".join(inside[at - self.begin].text for at in range(cell.begin, cell.end))
                wide = [text] + [""] * (cell.columns - 1)
                if cell.rows > 1:
                    below.update({column + n: (cell.rows - 1, value) for n, value in enumerate(wide)})
                values += wide
                room -= len(wide)
                cell = next(cells, None)
            above = below
            yield values


def _named_rows(rows: Sequence[Sequence[str]], place: str) -> Iterator[Piece]:
    """Rows under a header that the page itself marks as one."""
    names = column_names(rows[0])
    gap = NEW_BLOCK
    for number, row in enumerate(rows[1:], start=2):
        yield row_piece(names, row, f"{place} row {number}", gap)
        gap = SAME_TABLE


def _span(written: str | None) -> int:
    written = (written or "1").strip()
    return max(1, min(int(written), MAX_SPAN)) if written.isdecimal() and len(written) < 6 else 1
