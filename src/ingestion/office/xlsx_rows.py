"""Read the rows of a sheet from its XML, fast and in bounded memory.

The rows of a sheet mostly look alike, so a pattern is made of the columns seen so far that takes a whole row in one
match; rows it does not fit are given to expat, and widen the pattern. The values are shown column by column.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import add

from src.ingestion.office.number_formats import (
    NOT_SHOWN,
    PlainNumber,
    Show,
    general,
    generals,
    show_iso_date,
    show_or_general,
)
from src.ingestion.office.xlsx_parts import Workbook, cut_before, decoded, refuse, strict_parser, tidy

_MAX_HEAD = 8 << 20  # what stands before the rows: views and column widths
_PATTERN_COLUMNS = 256
_MAX_PATTERNS = 8  # for one sheet
_SMALL = 1 << 14  # XML that expat has read before a pattern is made
_SAMPLE = 1 << 13
_ODD_ROWS = 4  # in a block; more of them widen the pattern
_HEAD = r'<row r="(\d+)"[^>]*>'
# A column whose cells all have the same attributes, no formulas and no empty ones among them. Kept: the value.
_SAME_CELL = r'(?:<c r="{0}\d+"{1}<(?:v>|is><t>)([^<]*)</(?:v|t></is)></c>)'
# Kept: what stands in the cell's tag up to the value, and the value. A formula stands before its value.
_ANY_CELL = (
    r'(?:<c r="{0}\d+"([^<]*)<(?:v>|is><t>|(?:(?:f[^>]*>(?:[^<]*</f>)?<)?v|is><t)(?: [^>]*)?>)'
    r"([^<]*)</(?:v|t></is)></c>"
    r'|<c r="{0}\d+"[^<]*(?:/>|>(?:<f[^>]*>(?:[^<]*</f>)?)?(?:<v ?/>)?</c>))'
)
_OTHER_ROW = r"</row>|<row\b[^>]*/>|(<row\b.*?</row>)"
_CELL = re.compile(r'<c r="([A-Z]{1,3})\d+"([^<>]*>)(<v>|<is><t>)?')
_ROWS_START = re.compile(rb"<sheetData\b[^>]*>")
_STYLE, _TYPE = re.compile(r'\bs="(\d+)"'), re.compile(r'\bt="(\w+)"')
_TRUTH = {"1": "TRUE", "0": "FALSE", "true": "TRUE", "false": "FALSE"}
# White space that XML printed prettily has between the tags of cells; that in texts stays.
_BETWEEN = re.compile(r"\s*\n\s*(?=<(?:c |/c>|row|/row>|v>|v/>|f|is>|/is>))|(?<=<is>)\s*\n\s*")
_FORMULA_ALONE = re.compile(r"<f(?:[^>]*/>|(?: [^>]*)?>[^<]*</f>)(?:<v ?/>|<v></v>)?</c>")


@dataclass(frozen=True, slots=True)
class Rows:
    """Consecutive rows that have the same columns (counted from 0). A row without a value may be among them."""

    columns: tuple[int, ...]
    numbers: Sequence[str]
    values: Sequence[tuple[str, ...]]


class SheetRows:
    """The rows of one sheet. `uncalculated` counts the formulas without a stored result, when all are read.

    With `careful`, expat reads every row.
    """

    def __init__(self, book: Workbook, part: str, careful: bool = False) -> None:
        self.uncalculated = 0
        self._book = book
        self._part = part
        self._careful = careful
        self._shown = _Values(book)
        self._pattern = _RowPattern()
        self._number = 0

    def __iter__(self) -> Iterator[Rows]:
        for raw in _row_blocks(self._book, self._part):
            block = decoded(raw)
            if self._careful or (len(block) < _SMALL and not self._pattern.columns):
                yield from self._by_expat(block)
            else:
                yield from self._by_pattern(block)

    def _by_pattern(self, block: str) -> Iterator[Rows]:
        # A look for one character takes hardly any time, one for two or more as long as a fifth of the reading.
        care = "&" in block or ("_" in block and "_x" in block)
        if "\n" in block:
            block = _BETWEEN.sub("", block)
        found = self._pattern.rows(block)
        fitting = [row for row in found if row[0]]
        if len(fitting) < len(found):
            found = [row for row in found if row[0] or row[-1]]  # without those that have no cells
        if len(fitting) <= len(found) // 2:
            yield from self._by_expat(block)
            return
        # In columns of like cells a formula makes its row an odd one.
        counted = "" in self._pattern.attributes
        self.uncalculated += _uncalculated(block) if counted else 0
        numbers, rows = self._shown_rows(fitting, care)
        columns, start, odd = self._pattern.columns, 0, 0
        for at in [at for at, row in enumerate(found) if row[-1]] if len(fitting) < len(found) else ():
            stop = at - odd
            yield Rows(columns, numbers[start:stop], rows[start:stop])
            self._number = int(numbers[stop - 1]) if stop else self._number
            yield from self._by_expat(found[at][-1], counted)
            start, odd = stop, odd + 1
        yield Rows(columns, numbers[start:], rows[start:])
        self._number = max(self._number, int(numbers[-1]))

    def _shown_rows(self, found: list[tuple[str, ...]], care: bool) -> tuple[Sequence[str], list[tuple[str, ...]]]:
        """The numbers and values of rows that fit the pattern."""
        numbers, *fields = zip(*found, strict=True)
        shown: list[Sequence[str]] = []
        at = 0
        for attributes in self._pattern.attributes:
            if attributes:
                shown.append(self._shown.alike(attributes, fields[at], care))
            else:
                shown.append(self._shown.various(fields[at], fields[at + 1], care))
            at += 1 if attributes else 2
        return numbers, list(zip(*shown, strict=True)) if shown else [()] * len(numbers)

    def _by_expat(self, block: str, counted: bool = False) -> Iterator[Rows]:
        self.uncalculated += 0 if counted else _uncalculated(block)
        reader = _RowReader(self._book, self._shown, self._number)
        for number, cells in reader.rows(block):
            columns, values = zip(*sorted(cells.items()), strict=True) if cells else ((), ())
            yield Rows(columns, [str(number)], [values])
        self._number = reader.number


class _RowPattern:
    """A regular expression for the rows of a sheet, made of the cells seen so far.

    `columns` are those it knows; `attributes` those that all cells of a column have, "" when they differ.
    """

    def __init__(self) -> None:
        self.columns: tuple[int, ...] = ()
        self.attributes: list[str] = []
        self._seen: dict[str, Counter[str]] = {}
        self._rows = 0
        self._made = 0
        self._pattern = re.compile("")

    def rows(self, block: str) -> list[tuple[str, ...]]:
        """Each row's number, then for each column the value, before it the attributes where they differ.

        A row that does not fit has nothing in these places; it stands as it is in the last.
        """
        if not self._made:
            self._widen(_below_header(block[:_SAMPLE]))
        found = self._pattern.findall(block)
        odd = [row[-1] for row in found if row[-1]]
        if len(odd) > _ODD_ROWS and self._widen("".join(odd)[: 4 * _SAMPLE]):
            found = self._pattern.findall(block)
        return found

    def _widen(self, rows: str) -> bool:
        """Take these rows' cells in; whether that changed the pattern."""
        if self._made == _MAX_PATTERNS:
            return False
        self._rows += rows.count("</row>")
        for column, attributes, simple in _CELL.findall(rows[: rows.rfind("</row>")]):
            if column in self._seen or len(self._seen) < _PATTERN_COLUMNS:
                self._seen.setdefault(column, Counter())[attributes if simple else ""] += 1
        before = self._pattern
        self._made += 1
        self._compile()
        return self._pattern is not before  # the re module gives the same object for the same pattern

    def _compile(self) -> None:
        letters = sorted(self._seen, key=lambda column: (len(column), column))
        alike = {column: self._alike(self._seen[column]) for column in letters}
        cells = [
            _SAME_CELL.format(column, re.escape(alike[column])) if alike[column] else _ANY_CELL.format(column)
            for column in letters
        ]
        optional = ["" if self._is_everywhere(self._seen[column]) else "?" for column in letters]
        self.columns = tuple(map(column_index, letters))
        self.attributes = list(alike.values())
        pattern = "".join(map(add, cells, optional))
        self._pattern = re.compile(_HEAD + pattern + _OTHER_ROW, re.DOTALL | re.ASCII)

    def _alike(self, seen: Counter[str]) -> str:
        return next(iter(seen)) if len(seen) == 1 and self._made < _MAX_PATTERNS else ""

    def _is_everywhere(self, seen: Counter[str]) -> bool:
        return sum(seen.values()) == self._rows and self._made < _MAX_PATTERNS


def _below_header(rows: str) -> str:
    """Without the first rows, whose cells often are of other kinds than those below."""
    start = 0
    for _ in range(_ODD_ROWS):
        start = rows.find("</row>", start) + 6
        if start < 6:
            return rows
    return rows[start:] if "</row>" in rows[start:] else rows


def _uncalculated(block: str) -> int:
    """How many formulas have no result. An empty text (t="str") is one."""
    alone = (match.start() for match in _FORMULA_ALONE.finditer(block))
    return sum('t="str"' not in block[max(0, block.rfind("<c ", 0, at)) : at] for at in alone)


def column_index(letters: str) -> int:
    """The place of a column, counted from 0: "A" is 0, "AB" is 27."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def column_letters(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _row_blocks(book: Workbook, part: str) -> Iterator[bytes]:
    """The XML of the sheet's rows in blocks of whole rows. Raises ValueError when the sheet ends too early."""
    blocks = book.blocks(part)
    head = b""
    while not (start := _ROWS_START.search(head)):
        if not (block := next(blocks, b"")):
            raise ValueError(f"{part} holds no rows")
        head += block
        if len(head) > _MAX_HEAD:
            refuse(book.path, f"has more than {_MAX_HEAD >> 20} MB before the first row of a sheet")
    if b"<!DOCTYPE" in head[: start.start()]:
        refuse(book.path, "declares XML entities of its own, which no spreadsheet program does")
    if not start[0].endswith(b"/>"):
        inside = _up_to_end(chain([head[start.end() :]], blocks), part)
        yield from cut_before((b"<row ", b"<row>"), inside, book.path, "a row")
    for _ in blocks:  # to its end, so that the checksum is looked at
        pass


def _up_to_end(blocks: Iterable[bytes], part: str) -> Iterator[bytes]:
    for block in blocks:
        # The end stands behind the last row's; a look at all of each block would take a tenth of the reading.
        end = block.find(b"</sheetData", max(0, block.rfind(b"</row>")))
        if end >= 0:
            yield block[:end]
            return
        yield block
    raise ValueError(f"{part} ends in the middle of its rows")


class _Values:
    """Shows stored values as the cells do, by the attributes of the cells."""

    def __init__(self, book: Workbook) -> None:
        self._strings, self._formats = book.strings, book.formats
        self._kinds: dict[str, tuple[str, Show | None]] = {}
        self._ways: dict[str, Show] = {}

    def various(self, attributes: Sequence[str], stored: Sequence[str], care: bool) -> Sequence[str]:
        """The values of cells with these attributes. `care` when texts may hold references or escapes."""
        kinds = set(attributes)
        kinds.discard("")
        if not kinds:
            return stored
        if len(kinds) > 1:
            ways = {kind: self._way(kind) for kind in kinds}
            cells = zip(attributes, stored, strict=True)
            return [ways[kind](value) if value else "" for kind, value in cells]
        return self.alike(kinds.pop(), stored, care)

    def alike(self, attributes: str, stored: Sequence[str], care: bool) -> Sequence[str]:
        """The values of cells that all have these attributes, or are empty."""
        kind, show = self._kind(attributes)
        if kind == "s":
            strings = self._strings
            if "" not in stored:
                return list(map(strings.__getitem__, map(int, stored)))
            return [strings[int(value)] if value else "" for value in stored]
        if kind == "b":
            return [_TRUTH.get(value, "") for value in stored]
        if kind in ("inlineStr", "str", "e"):
            return [tidy(value) for value in stored] if care else list(map(str.strip, stored))
        if kind == "n" and show is None:
            return generals(stored)
        if kind == "n" and show is not None:
            try:
                values = _column(show, stored)
            except NOT_SHOWN:
                values = [""]
            if values.count("") == stored.count(""):
                return values
        way = self._way(attributes)
        return [way(value) if value else "" for value in stored]

    def one(self, kind: str, style: str, stored: str) -> str:
        """A single value, whose references are resolved."""
        if kind not in "snbd":
            stored = stored.replace("&", "&amp;")
        return self._make_way(kind, self._format(style))(stored) if stored else ""

    def _kind(self, attributes: str) -> tuple[str, Show | None]:
        known = self._kinds.get(attributes)
        if known is None:
            style, kind = _STYLE.search(attributes), _TYPE.search(attributes)
            known = kind[1] if kind else "n", self._format(style[1] if style else "0")
            self._kinds[attributes] = known
        return known

    def _way(self, attributes: str) -> Show:
        way = self._ways.get(attributes)
        if way is None:
            way = self._ways[attributes] = self._make_way(*self._kind(attributes))
        return way

    def _make_way(self, kind: str, show: Show | None) -> Show:
        ways: dict[str, Show] = {
            "s": lambda stored: self._strings[int(stored)],
            "b": lambda stored: _TRUTH.get(stored, ""),
            "n": (lambda stored: show_or_general(stored, show)) if show else general,
            "d": lambda stored: show_iso_date(stored, show),
        }
        return ways.get(kind, tidy)

    def _format(self, style: str) -> Show | None:
        number = int(style) if style.isdigit() else 0
        return self._formats[number] if number < len(self._formats) else None


def _column(show: Show, stored: Sequence[str]) -> list[str]:
    if isinstance(show, PlainNumber):
        return show.column(stored)
    return [show(value) if value else "" for value in stored]


class _RowReader:
    """Reads rows of any form from their XML, with expat."""

    def __init__(self, book: Workbook, shown: _Values, number: int) -> None:
        self.number = number
        self._shown = shown
        self._rows: list[tuple[int, dict[int, str]]] = []
        self._cells: dict[int, str] = {}
        self._column = -1
        self._kind = self._style = ""
        self._value: list[str] = []
        self._silent = 0
        self._parser = strict_parser(book.path)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def rows(self, block: str) -> Iterator[tuple[int, dict[int, str]]]:
        self._parser.Parse(b"<rows>", False)
        step = 1 << 16
        for at in range(0, len(block), step):
            self._parser.Parse(block[at : at + step].encode(), False)
            yield from self._rows
            self._rows.clear()
        self._parser.Parse(b"</rows>", True)
        yield from self._rows

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "row":
            number = attributes.get("r", "")
            self.number = int(number) if number.isdigit() else self.number + 1
            self._cells, self._column = {}, -1
        elif name == "c":
            letters = re.match(r"[A-Z]{1,3}", attributes.get("r", "").upper())
            self._column = column_index(letters[0]) if letters else self._column + 1
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")
            self._value.clear()
        elif name == "rPh":
            self._silent += 1
        elif name in ("v", "t") and not self._silent:
            self._parser.CharacterDataHandler = self._value.append

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name == "row":
            self._rows.append((self.number, self._cells))
        elif name == "c" and self._value:
            value = self._shown.one(self._kind, self._style, "".join(self._value))
            if value:
                self._cells[self._column] = value
        elif name == "rPh":
            self._silent -= 1
        elif name in ("v", "t"):
            self._parser.CharacterDataHandler = None
