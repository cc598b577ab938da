"""Read an Excel workbook: each row of a visible sheet is a row block with named cells, values as shown."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from xml.parsers.expat import ExpatError

from src.ingestion.office.xlsx_parts import Workbook, open_workbook
from src.ingestion.office.xlsx_rows import Rows, SheetRows, column_index, column_letters
from src.ingestion.pieces import NEW_BLOCK, Piece, ReadOptions, Remarks, damage_refused
from src.ingestion.tables import LOOKAHEAD, RowWriter, column_names, header_at

_MERGE = re.compile(rb'<(?:[\w.-]+:)?mergeCell [^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_MAX_FILLED = 256  # columns to which one merged cell is repeated
_MAX_OPEN = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """A row with something in it: its number, and its values by column (counted from 0)."""

    number: int
    cells: dict[int, str]


@dataclass(frozen=True, slots=True)
class Merged:
    """A range of merged cells; its value stands in the first."""

    top: int
    bottom: int
    left: int
    right: int


def read(path: Path, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """Per visible sheet a heading with its name, then a block per row: "header: value" lines, place "Sheet1!A7".

    The header is the first row that names two or more columns; single cells above it are paragraphs. Dates are
    given as 2026-03-31, numbers with the decimals, percent and currency signs of their cell format. A merged
    cell's value stands in each row and column it covers. Hidden sheets are left out with a note unless asked for;
    formulas that were never calculated are counted in a warning. With `options.safe`, expat reads every row.
    """
    with damage_refused(path, "an Excel workbook", ExpatError), zipfile.ZipFile(path) as archive:
        book = open_workbook(path, archive)
        uncalculated = 0
        for sheet in book.sheets:
            if sheet.hidden and not options.hidden_sheets:
                remarks.note(f"sheet '{sheet.name}' is hidden and was left out")
            elif sheet.part and sheet.part not in book:
                remarks.warn(f"sheet '{sheet.name}' is missing in the file; open it in its program and save it again")
            elif sheet.part:
                rows = SheetRows(book, sheet.part, options.safe)
                # Streams of pieces instead of pieces: a million rows need not pass through each function here.
                yield from chain.from_iterable(_sheet(rows, _merged(book, sheet.part), sheet.name, remarks))
                uncalculated += rows.uncalculated
    if uncalculated:
        remarks.warn(
            f"{uncalculated:,} formulas have no stored result; open the file in a spreadsheet program and save it"
        )


def _sheet(rows: Iterable[Rows], merged: list[Merged], name: str, remarks: Remarks) -> Iterator[Iterable[Piece]]:
    batches = iter(rows)
    head, rest = _first_rows(batches)
    if not head:
        return
    yield [Piece(name, "heading", name)]
    at = header_at(_aligned(head))
    filler, names = _Filler(merged), dict[int, str]()
    for row in head[: at + 1] if at is not None else ():
        names = _names(filler.fill(row.number, row.cells))
    for row in head[: at or 0]:  # a title in merged cells is said once
        place = f"{name}!{column_letters(min(row.cells))}{row.number}"
        yield [Piece("\n".join(row.cells.values()), "paragraph", place)]
    writers = _Writers(name, names)
    behind = _as_rows(head[at + 1 :] if at is not None else head)
    yield from writers.streams(filler.filled(chain(behind, rest, batches)))
    empty = [title for column, title in names.items() if column not in writers.filled()]
    if empty:
        remarks.note(f"sheet '{name}' has columns without values: {', '.join(empty)}")


def _first_rows(batches: Iterator[Rows]) -> tuple[list[Row], list[Rows]]:
    """The rows a header is sought in, and the batches that follow them of those taken."""
    head: list[Row] = []
    for batch in batches:
        for at, (number, values) in enumerate(zip(batch.numbers, batch.values, strict=True)):
            if any(values):
                head.append(Row(int(number), _filled(batch.columns, values)))
            if len(head) == LOOKAHEAD:
                return head, [Rows(batch.columns, batch.numbers[at + 1 :], batch.values[at + 1 :])]
    return head, []


def _filled(columns: Sequence[int], values: Sequence[str]) -> dict[int, str]:
    return {column: value for column, value in zip(columns, values, strict=True) if value}


def _as_rows(rows: Iterable[Row]) -> Iterator[Rows]:
    for row in rows:
        yield Rows(tuple(row.cells), [str(row.number)], [tuple(row.cells.values())])


def _aligned(rows: Sequence[Row]) -> list[list[str]]:
    """The rows' values from the first column any of them has, so that equal columns stand at equal places."""
    columns = sorted({column for row in rows for column in row.cells})
    return [[row.cells.get(column, "") for column in columns] for row in rows]


def _names(header: dict[int, str]) -> dict[int, str]:
    return dict(zip(header, column_names(list(header.values())), strict=True))


class _Writers:
    """The row pieces of one sheet, with a RowWriter for each set of columns its rows come in."""

    def __init__(self, sheet: str, names: dict[int, str]) -> None:
        self._sheet, self._names = sheet, names
        self._known: dict[tuple[int, ...], RowWriter] = {}
        self._filled: set[int] = set()

    def filled(self) -> set[int]:
        """The columns that had a value in some row."""
        for columns, writer in self._known.items():
            self._filled.update(columns[at] for at in writer.filled)
        return self._filled

    def streams(self, batches: Iterable[Rows]) -> Iterator[Iterable[Piece]]:
        """The pieces of each batch; the first of all has the gap of a new block."""
        begun = False
        for batch in batches:
            writer = self._writer(batch.columns)
            if begun:
                yield writer.block(batch.numbers, batch.values)
            else:
                first = list(writer.pieces(zip(batch.numbers, batch.values, strict=True), NEW_BLOCK))
                begun = bool(first)
                yield first

    def _writer(self, columns: tuple[int, ...]) -> RowWriter:
        writer = self._known.get(columns)
        if writer is None:
            names = [self._names.get(column) or f"column {column + 1}" for column in columns]
            places = [f"{self._sheet}!{column_letters(column)}" for column in columns]
            writer = RowWriter(names, places or [""])
            if len(self._known) == LOOKAHEAD:
                self.filled()
                self._known.clear()
            self._known[columns] = writer
        return writer


def _merged(book: Workbook, part: str) -> list[Merged]:
    """The merged ranges of a sheet. They stand behind its rows, so that its XML is gone through for them."""
    tail = book.behind_rows(part)
    ranges = (
        Merged(int(top), int(bottom), column_index(left.decode()), column_index(right.decode()))
        for left, top, right, bottom in (_MERGE.findall(tail) if b"mergeCell" in tail else ())
    )
    return sorted(ranges, key=lambda merged: (merged.top, merged.left))


class _Filler:
    """Repeats the values of merged cells in the rows they cover, which must come in order."""

    def __init__(self, merged: list[Merged]) -> None:
        self._merged = merged
        self._next = 0
        self._open: list[Merged] = []
        self._values: dict[Merged, str] = {}

    def filled(self, batches: Iterable[Rows]) -> Iterator[Rows]:
        for batch in batches:
            if not self._touches(batch):
                yield batch
                continue
            for number, values in zip(batch.numbers, batch.values, strict=True):
                if any(values):
                    cells = self.fill(int(number), _filled(batch.columns, values))
                    yield Rows(tuple(cells), [number], [tuple(cells.values())])

    def _touches(self, batch: Rows) -> bool:
        if self._open:
            return True
        return (
            bool(batch.numbers)
            and self._next < len(self._merged)
            and (self._merged[self._next].top <= int(batch.numbers[-1]))
        )

    def fill(self, number: int, cells: dict[int, str]) -> dict[int, str]:
        """The row's values, those of merged cells in every column they cover."""
        while self._next < len(self._merged) and self._merged[self._next].top <= number:
            self._open.append(self._merged[self._next])
            self._next += 1
        # More than this at a time only a file made to be slow has.
        self._open = [merged for merged in self._open if merged.bottom >= number][:_MAX_OPEN]
        whole = dict(cells)
        for merged in self._open:
            if number == merged.top:
                self._values[merged] = cells.get(merged.left, "")
            value = self._values.get(merged, "")
            for column in range(merged.left, min(merged.right + 1, merged.left + _MAX_FILLED)) if value else ():
                whole.setdefault(column, value)
        return dict(sorted(whole.items())) if self._open else cells
