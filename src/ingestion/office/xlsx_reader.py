"""Read an Excel workbook: each row of a visible sheet is a row block with named cells, values as shown."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING
from warnings import catch_warnings, simplefilter

from src.ingestion.pieces import NEW_BLOCK, SAME_TABLE, Piece, ReadOptions, Remarks, damage_refused
from src.ingestion.tables import column_names, is_header, row_piece

if TYPE_CHECKING:
    from openpyxl.cell.read_only import ReadOnlyCell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

MAX_COLUMNS = 256
MAX_BLANK_ROWS = 10_000  # a stray cell in the last row would otherwise mean a million empty ones
_LOOKAHEAD = 20
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how Excel stores control characters in a string
_LITERAL = re.compile(r'\[\$([^\]-]*)[^\]]*\]|"([^"]*)"|\\(.)')
_UNCALCULATED = re.compile(rb"</f>\s*(?:<v\s*/>|<v></v>)?\s*</c>|<f[^>]*/>\s*(?:<v\s*/>|<v></v>)?\s*</c>")


@dataclass(frozen=True, slots=True)
class Row:
    """A row with something in it: its number, its first filled column's letter, its values as shown."""

    number: int
    column: str
    values: list[str]


def read(path: Path, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """Per visible sheet a heading with its name, then a block per row: "header: value" lines, place "Sheet1!A7".

    The header is the first row that names two or more columns; single cells above it are paragraphs. Dates are
    given as 2026-03-31, numbers with the decimals, percent and currency signs of their cell format. Hidden sheets
    are left out with a note; formulas that were never calculated are counted in a warning.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    # openpyxl warns on the screen of every feature it does not keep when saving; nothing is saved here.
    with damage_refused(path, "an Excel workbook", InvalidFileException), path.open("rb") as file, catch_warnings():
        simplefilter("ignore", UserWarning)
        workbook = load_workbook(file, read_only=True, data_only=True)
        try:
            yield from _sheets(workbook, remarks)
        finally:
            workbook.close()
        uncalculated = _count_uncalculated(path)
    if uncalculated:
        remarks.warnings.append(
            f"{uncalculated} formulas have no stored result; open the file in a spreadsheet program and save it"
        )


def _sheets(workbook: Workbook, remarks: Remarks) -> Iterator[Piece]:
    for sheet in workbook.worksheets:
        if sheet.sheet_state != "visible":
            remarks.notes.append(f"sheet '{sheet.title}' is hidden and was left out")
            continue
        rows = _rows(sheet, remarks)
        first = next(rows, None)
        if first:
            yield Piece(sheet.title, "heading", sheet.title)
            yield from _row_pieces(chain([first], rows), sheet.title)


def _rows(sheet: ReadOnlyWorksheet, remarks: Remarks) -> Iterator[Row]:
    from openpyxl.utils import get_column_letter

    sheet.reset_dimensions()  # the stored dimension may be wrong, and cells beyond it would be lost
    blank, cut = 0, False
    for number, cells in enumerate(_cells(sheet), start=1):
        values = [_shown(cell) for cell in cells]
        filled = [index for index, value in enumerate(values) if value]
        blank = 0 if filled else blank + 1
        if blank > MAX_BLANK_ROWS:
            remarks.notes.append(f"sheet '{sheet.title}' was read up to {MAX_BLANK_ROWS:,} blank rows in a row")
            break
        if filled and filled[-1] >= MAX_COLUMNS and not cut:
            cut = True
            remarks.warnings.append(f"sheet '{sheet.title}': columns beyond the {MAX_COLUMNS}th were left out")
        if filled and filled[0] < MAX_COLUMNS:
            yield Row(number, get_column_letter(filled[0] + 1), values[: min(filled[-1] + 1, MAX_COLUMNS)])


def _cells(sheet: ReadOnlyWorksheet) -> Iterator[Sequence[ReadOnlyCell]]:
    # The type stubs borrow iter_rows from the writable sheet, whose cells are others.
    rows: Iterator[Sequence[ReadOnlyCell]] = sheet.iter_rows(max_col=MAX_COLUMNS + 1)  # type: ignore[assignment,misc]
    return rows


def _row_pieces(rows: Iterable[Row], sheet: str) -> Iterator[Piece]:
    rows = iter(rows)
    head = list(islice(rows, _LOOKAHEAD))
    at = _header_at(head)
    names = column_names(head[at].values) if at is not None else []
    for row in head[: at or 0]:
        yield Piece("\n".join(filter(None, row.values)), "paragraph", _place(sheet, row))
    gap = NEW_BLOCK
    for row in chain(head[at + 1 :] if at is not None else head, rows):
        yield row_piece(names, row.values, _place(sheet, row), gap)
        gap = SAME_TABLE


def _header_at(head: list[Row]) -> int | None:
    """The index of the header row: the first with two or more values, when these look like names."""
    for index, row in enumerate(head):
        if len(list(filter(None, row.values))) > 1:
            named = is_header(row.values, [other.values for other in head[index + 1 :]])
            return index if named and index + 1 < len(head) else None
    single = len(head) > 2 and len(head[0].values[-1].split()) <= 2
    return 0 if single else None


def _place(sheet: str, row: Row) -> str:
    return f"{sheet}!{row.column}{row.number}"


def _shown(cell: ReadOnlyCell) -> str:
    value = cell.value
    if value is None:
        return ""
    return show(value, cell.number_format or "General").strip()


def show(value: object, number_format: str = "General") -> str:
    """A cell's value as its number format shows it; dates in ISO form, whatever the format's order."""
    if isinstance(value, str):
        return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), value).replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, (date, time)):
        return f"{value:%H:%M}" if isinstance(value, time) else value.isoformat()
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02d}"
    return _show_number(value, number_format) if isinstance(value, (int, float)) else str(value)


def _show_number(value: float, number_format: str) -> str:
    literals = [next(filter(None, groups), "") for groups in _LITERAL.findall(number_format.split(";")[0])]
    form = _LITERAL.sub("\0", number_format.split(";")[0])
    digits = re.search(r"[#0?,]*0(?:\.([0#?]+))?", form)
    if "/" in form or "E" in form or digits is None or "@" in form:
        return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else format(value, ".15g")
    decimals = len(digits[1] or "")
    shown = 100 * value if "%" in form else value
    text = f"{shown:{',' if ',' in digits[0] else ''}.{decimals}f}"
    text = text.zfill(digits[0].split(".")[0].count("0")) if "," not in digits[0] else text
    before, after = form[: digits.start()], form[digits.end() :]
    signs = iter(literals)
    before, after = (re.sub("\0", lambda _: next(signs, ""), _visible(part)) for part in (before, after))
    return f"{before}{text}{after}".strip()


def _visible(part: str) -> str:
    """What a number format prints around the digits: currency, percent and literal marks."""
    return re.sub(r"\[[^\]]*\]|[*_].|[^\0%$€£¥ ()+-]", "", part)


def _count_uncalculated(path: Path) -> int:
    """How many formulas carry no value: data_only reads them as empty cells."""
    found = 0
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                with archive.open(name) as sheet:
                    rest = b""
                    while block := sheet.read(2**20):
                        block = rest + block
                        matches = list(_UNCALCULATED.finditer(block))
                        found += len(matches)
                        # A match may straddle two blocks; it is shorter than this.
                        rest = block[max(matches[-1].end() if matches else 0, len(block) - 200) :]
    return found
