"""Tables with drawn lines: pdfplumber tells the cells from PDFium's lines, PDFium's words fill them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from src.ingestion.pdf.hyphens import HYPHENS, HyphenatedWords
from src.ingestion.pdf.layout import Line, Table
from src.ingestion.pdf.page_lines import PageText, Word
from src.ingestion.pdf.pdfium import Box

_NEAR = 3.0  # points; pdfplumber's own tolerance for lines that should meet
_MAX_EDGES = 1500  # more is a drawing; a table of 100 rows and 20 columns has 121 once its lines are joined
_MAX_CROSSINGS = 5000
_LEAST_FILLED = 0.3  # of the cells; the squares of a chart are nearly all empty
_LAYOUT_CELL = 600  # characters: two cells so long beside each other are columns of text in a frame
_MAX_SHARE = 0.85  # of a table's text in one cell: that is a frame around text


@dataclass(slots=True)
class _Grid:
    """The cells of one table in rows; a cell is None where another one reaches over. y grows downwards."""

    rows: list[list[Box | None]]
    box: Box
    words: dict[tuple[int, int], list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))

    def cell_at(self, x: float, y: float, row_numbers: Iterable[int]) -> tuple[int, int] | None:
        for row in row_numbers:
            for column, cell in enumerate(self.rows[row]):
                if cell and cell.left <= x < cell.right and cell.bottom <= y < cell.top:
                    return row, column
        return None


def ruled_tables(text: PageText, edges: Sequence[Box], hyphenated: HyphenatedWords) -> list[Line | Table]:
    """The page's lines, those inside of tables replaced by the tables. What only looks like a table stays lines."""
    items: list[Line | Table] = list(text.lines)
    numbers = {id(line): number for number, line in enumerate(text.lines)}
    for grid in _grids(edges):
        inside = [line for line in items if isinstance(line, Line) and id(line) in numbers and _is_inside(line, grid)]
        words = text.words(numbers[id(line)] for line in inside)
        filled = zip(inside, words.items(), strict=True)
        outside = [rest for line, found in filled if (rest := _fill(grid, text, line, *found)) is not None]
        table = _table(grid, hyphenated)
        if table and len(outside) == len(inside):
            gone = set(map(id, inside))
            at = next(n for n, item in enumerate(items) if id(item) in gone)
            before = [item for item in items[:at] if id(item) not in gone]
            after = [item for item in items[at:] if id(item) not in gone]
            items = [*before, table, *(line for line in outside if line.text), *after]
    return items


def _grids(edges: Sequence[Box]) -> Iterator[_Grid]:
    """The tables the edges make, from the top of the page."""
    upright = [e for e in edges if e.right - e.left < 1 and e.top - e.bottom > _NEAR]
    level = [e for e in edges if e.top - e.bottom < 1 and e.right - e.left > _NEAR]
    # Two columns have three upright lines; looking first spares most pages with underlines the import.
    if len({round(e.left / _NEAR) for e in upright}) < 3 or len({round(e.top / _NEAR) for e in level}) < 3:
        return
    from pdfplumber.table import Table as Cells
    from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

    merged = merge_edges([*map(_plumber_edge, upright), *map(_plumber_edge, level)], *[_NEAR] * 4)
    if len(merged) > _MAX_EDGES:
        return
    crossings = edges_to_intersections(merged, _NEAR, _NEAR)
    if len(crossings) > _MAX_CROSSINGS:
        return
    page: Any = None  # only the cells' places are asked for, never the page's characters
    for cells in cells_to_tables(intersections_to_cells(crossings)):
        found = Cells(page, cells)
        rows = [[Box(*cell) if cell else None for cell in row.cells] for row in found.rows]
        if len(rows) >= 2 and len(rows[0]) >= 2:
            yield _Grid(rows, Box(*found.bbox))


def _plumber_edge(edge: Box) -> dict[str, Any]:
    """As pdfplumber has them: y downwards, here from 0."""
    upright = edge.right - edge.left < 1
    return {
        "x0": edge.left, "x1": edge.right, "top": -edge.top, "bottom": -edge.bottom, "width": edge.right - edge.left,
        "height": edge.top - edge.bottom, "orientation": "v" if upright else "h", "object_type": "line",
    }  # fmt: skip


def _is_inside(line: Line, grid: _Grid) -> bool:
    middle = -(line.bottom + line.top) / 2
    across = min(line.right, grid.box.right) - max(line.left, grid.box.left)
    return grid.box.bottom < middle < grid.box.top and across > 0


def _fill(grid: _Grid, text: PageText, line: Line, number: int, words: Sequence[Word]) -> Line | None:
    """Put the line's words into cells; what stands beside the table as a line. None when a word has no cell."""
    y = -(line.bottom + line.top) / 2
    rows = [n for n, row in enumerate(grid.rows) if any(cell and cell.bottom <= y < cell.top for cell in row)]
    beside: list[Word] = []
    for word in words:
        for part in _cut_at_cells(grid, text, word, rows, y):
            x = (part.left + part.right) / 2
            place = grid.cell_at(x, y, rows)
            if place:
                grid.words[place].append((number, part.text))
            elif x < grid.box.left or x > grid.box.right:
                beside.append(part)
            else:
                return None
    if not beside:
        return line._replace(text="", parts=())
    return Line(" ".join(w.text for w in beside), beside[0].left, beside[-1].right, line.bottom, line.top)


def _cut_at_cells(grid: _Grid, text: PageText, word: Word, rows: Sequence[int], y: float) -> Iterator[Word]:
    """The word, in pieces where it reaches over from cell to cell: PDFium saw no space between them."""
    first, last = grid.cell_at(word.left + 1, y, rows), grid.cell_at(word.right - 1, y, rows)
    if first == last or not first or not last:
        yield word
        return
    pieces: dict[tuple[int, int] | None, list[Word]] = {}
    for offset, character in enumerate(word.text, start=word.start):
        if offset >= len(text.text):
            break
        left, _, right, _ = text.box(offset)
        place = grid.cell_at((left + right) / 2, y, rows)
        pieces.setdefault(place, []).append(word._replace(text=character, left=left, right=right, start=offset))
    for run in pieces.values():
        yield run[0]._replace(text="".join(w.text for w in run), right=run[-1].right)


def _table(grid: _Grid, hyphenated: HyphenatedWords) -> Table | None:
    """The table, without rows and columns that hold nothing; None when it is none."""
    texts = {place: _cell_text(words, hyphenated) for place, words in grid.words.items()}
    rows = sorted({row for row, _ in texts})
    columns = sorted({column for _, column in texts})
    if len(rows) < 2 or len(columns) < 2 or len(texts) < _LEAST_FILLED * len(rows) * len(columns):
        return None
    sizes = [len(cell) for cell in texts.values()]
    if max(sizes) > _LAYOUT_CELL and max(sizes) > _MAX_SHARE * sum(sizes):
        return None
    if any(sum(len(texts.get((row, column), "")) > _LAYOUT_CELL for column in columns) > 1 for row in rows):
        return None
    if sum(sum((row, column) in texts for column in columns) > 1 for row in rows) < len(rows) / 2:
        return None
    lefts = tuple(min(row[column].left for row in grid.rows if row[column]) for column in columns)  # type: ignore[union-attr]
    cells = tuple(tuple(texts.get((row, column), "") for column in columns) for row in rows)
    return Table(cells, -grid.box.top, -grid.box.bottom, lefts)


def _cell_text(words: Sequence[tuple[int, str]], hyphenated: HyphenatedWords) -> str:
    """A cell's words on one line, those parted at a line's end mended."""
    text = ""
    for number, (_, word) in enumerate(words):
        if number == 0:
            text = word
        else:
            text = hyphenated.join(text, word) if text[-1:] in HYPHENS and text else f"{text} {word}"
    return text.rstrip(HYPHENS) + "-" * text.endswith(tuple(HYPHENS))
