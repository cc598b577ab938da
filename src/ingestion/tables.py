"""Rows of tables as blocks with named cells, and the test for a header row.

A row's text is one "header: value" line per filled column; no Markdown, so a value stands in it as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, repeat
from operator import add
from typing import NamedTuple

from src.ingestion.pieces import NEW_BLOCK, SAME_TABLE, Piece, clean
from src.records import Cell

LOOKAHEAD = 20  # rows from which a header is told

_ROLE_WORDS = {"user", "assistant", "system", "customer", "agent", "human", "ai", "bot", "q", "a", "client", "support"}
# Names that tables of questions, instructions and dialogues give their columns: two of them make a header for sure.
_CLEAR_NAMES = {
    "question", "questions", "answer", "answers", "prompt", "completion", "instruction", "response", "reply", "input",
    "output", "context", "message", "content", "text", "role", "speaker", "utterance", "turn", "dialogue_id",
    "dialogue id", "dialog_id", "conversation_id", "conversation id", "frage", "antwort", "pregunta", "respuesta",
} | _ROLE_WORDS  # fmt: skip
_CLEAR_WITHIN = 6  # a clear header may stand below so many rows about the table
_YEAR = re.compile(r"(19|20)\d\d")
_NUMBER = re.compile(r"[-+]?[\d.,:/%$€£ -]*\d[\d.,:/%$€£ -]*")
_KEPT_SHAPES = 2048
_KEPT_CELLS = 256
_FEW_ROWS = 32
_FEW_MASKS = 8
_new = tuple.__new__  # a NamedTuple's own constructor takes twice the time


class _Shape(NamedTuple):
    """What the rows of one table with the same filled columns share.

    `columns` are the names with the number of characters before each value; `cells` are kept by the lengths of
    the values, on which alone they depend.
    """

    template: str
    place: str
    columns: tuple[tuple[str, int], ...]
    cells: dict[tuple[int, ...], tuple[Cell, ...]]


_NO_SHAPE = _Shape("", "", (), {})


class RowWriter:
    """Makes the row pieces of one table, many times faster than row_piece: a shape is worked out once.

    `names` and `places` belong to the columns, a place being all before the row's number ("Sheet1!A", "row ").
    A column beyond the names is "column N"; one beyond the places has the last place.
    """

    def __init__(self, names: Sequence[str], places: Sequence[str]) -> None:
        self._names, self._places = names, places
        self._shapes: dict[tuple[bool, ...], _Shape] = {}
        self._whole: dict[int, _Shape] = {}
        self._varied = False
        self.filled: set[int] = set()  # the columns, counted from 0, that had a value in some row

    def pieces(self, rows: Iterable[tuple[str, tuple[str, ...]]], gap: int = SAME_TABLE) -> Iterator[Piece]:
        """A piece per (number, values) with a value in it. The values must be clean and stripped already."""
        shapes, whole, known = self._shapes, self._whole, None
        template, place, columns, kept = _NO_SHAPE
        for number, filled in rows:
            if "" in filled or not filled:
                mask = tuple(map(bool, filled))
                filled = tuple(filter(None, filled))
                if not filled:
                    continue
                shape = shapes.get(mask) or self._shape(mask)
            else:
                shape = whole.get(len(filled)) or self._whole_shape(len(filled))
            if shape is not known:
                template, place, columns, kept = known = shape
            lengths = tuple(map(len, filled))
            cells = kept.get(lengths)
            if cells is None:
                placed, end = [], 0
                for (name, lead), length in zip(columns, lengths):  # noqa: B905 (as many; strict costs time)
                    start = end + lead
                    end = start + length
                    placed.append(_new(Cell, (name, start, end)))
                cells = tuple(placed)
                if len(kept) < _KEPT_CELLS:
                    kept[lengths] = cells
                else:
                    self._varied = True
            yield _new(Piece, (template % filled, "row", place + number, cells, gap))
            gap = SAME_TABLE

    def block(self, numbers: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Iterator[Piece]:
        """What `pieces` gives, for rows of equal length; of texts nearly twice as fast.

        The lengths of short values recur, and so do their cells; those of texts do not, and are made by column.
        """
        if not self._varied or len(rows) < _FEW_ROWS:
            return self.pieces(zip(numbers, rows, strict=True))
        columns = list(zip(*rows, strict=True))
        if all(map(all, columns)):
            return _by_column(self._shape((True,) * len(columns)), numbers, columns)
        masks = list(zip(*(map(bool, column) for column in columns), strict=True))
        kinds = set(masks)
        if len(kinds) > _FEW_MASKS:
            return self.pieces(zip(numbers, rows, strict=True))
        streams: dict[tuple[bool, ...], Iterator[Piece]] = {}
        for mask in kinds:
            chosen = list(map(mask.__eq__, masks))
            filled = list(compress(zip(*compress(rows, chosen), strict=True), mask))
            streams[mask] = _by_column(self._shape(mask), compress(numbers, chosen), filled)
        # The rows of each mask come from a stream of their own, in their order.
        return map(next, map(streams.__getitem__, filter(any, masks)))

    def _whole_shape(self, width: int) -> _Shape:
        shape = self._shape((True,) * width)
        self._whole[width] = shape
        return shape

    def _shape(self, mask: tuple[bool, ...]) -> _Shape:
        if known := self._shapes.get(mask):
            return known
        columns = list(compress(range(len(mask)), mask))
        self.filled.update(columns)
        names = [self._names[at] if at < len(self._names) else f"column {at + 1}" for at in columns]
        template = "\n".join(name.replace("%", "%%") + ": %s" for name in names)
        leads = tuple((name, len(name) + 2 + (at > 0)) for at, name in enumerate(names))
        place = self._places[min(columns[0], len(self._places) - 1)] if columns else ""
        shape = _Shape(template, place, leads, {})
        if len(self._shapes) < _KEPT_SHAPES:
            self._shapes[mask] = shape
        return shape


def _by_column(shape: _Shape, numbers: Iterable[str], columns: Sequence[tuple[str, ...]]) -> Iterator[Piece]:
    """The pieces of rows of one shape, whose values are given column by column."""
    cells: list[Iterator[Cell]] = []
    ends = [0] * len(columns[0]) if columns else []
    for (name, lead), values in zip(shape.columns, columns, strict=True):
        starts = list(map(lead.__add__, ends))
        ends = list(map(add, starts, map(len, values)))
        cells.append(map(_new, repeat(Cell), zip(repeat(name), starts, ends, strict=False)))
    texts = map(shape.template.__mod__, zip(*columns, strict=True))
    places = map(shape.place.__add__, numbers)
    parts = zip(texts, repeat("row"), places, zip(*cells, strict=True), repeat(SAME_TABLE), strict=False)
    return map(_new, repeat(Piece), parts)


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


def header_at(rows: Sequence[Sequence[str]]) -> int | None:
    """The index of the row that names the columns, or None. `rows` are the first rows with something in them.

    Rows of one value above it are a title or a remark. A clear header (question, answer) may also stand below
    rows of more values, like "Exported by, Ada". A table of one column has a header of one or two words.
    """
    for at, row in enumerate(rows[:_CLEAR_WITHIN]):
        others = rows[at + 1 :]
        if others and _is_clear(row, others) and all(_filled(above) <= _filled(row) for above in rows[:at]):
            return at
    for at, row in enumerate(rows):
        if _filled(row) > 1:
            others = rows[at + 1 :]
            return at if others and is_header(row, others) else None
    return 0 if len(rows) > 2 and _names_one_column(rows) else None


def _names_one_column(rows: Sequence[Sequence[str]]) -> bool:
    name, *below = ["".join(row).strip() for row in rows]
    return len(name.split()) <= 2 and _is_name(name) and name not in below


def is_header(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Whether a table's first row names its columns: short, distinct words, and not the first turn of a chat."""
    if _is_clear(first, others):
        return True
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


def _is_clear(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Whether it has two names only a header has, and the rows below are not turns that begin with their speaker."""
    names = [clean(cell).lower() for cell in first]
    known = _CLEAR_NAMES.intersection(names)
    filled = list(filter(None, names))
    if len(known) < 2 or len(set(filled)) < len(filled) or not all(map(_is_name, filled)):
        return False
    below = {clean(row[0]).lower() for row in others if row}
    return not (names[0] in _ROLE_WORDS and below & _ROLE_WORDS) and names[0] not in below


def _is_name(cell: str) -> bool:
    if len(cell) > 60 or "\n" in cell or (cell[-1] in ".?!" and len(cell.split()) > 3):
        return False
    return not _NUMBER.fullmatch(cell) or bool(_YEAR.fullmatch(cell))


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())


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
