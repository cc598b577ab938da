"""Tables without drawn lines, by their aligned columns."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from src.ingestion.pdf.columns import is_prose
from src.ingestion.pdf.layout import Line, Table
from src.ingestion.tables import is_header

_LEAST_ROWS = 3
_LEAST_FILLED = 0.4  # of the cells
_LOOK_BACK = 8  # rows
_MAX_CELL = 60  # characters of a middling cell; more is prose that happens to be aligned


def aligned_tables(items: Sequence[Line | Table]) -> list[Line | Table]:
    """The items, runs of lines with aligned cells replaced by tables."""
    done: list[Line | Table] = []
    run: list[Line] = []
    for item in (*items, None):
        if isinstance(item, Line) and _goes_on(run, item):
            run.append(item)
            continue
        done += _resolve(run)
        run = [item] if isinstance(item, Line) and item.parts else []
        if item is not None and not run:
            done.append(item)
    return done


def _goes_on(run: Sequence[Line], line: Line) -> bool:
    """Whether the line is the next row; one cell alone must stand under the others at a row's distance."""
    if not run:
        return False
    above = run[-1]
    step = above.top - line.top
    if not 0 < step < 3.2 * above.height:
        return False
    if line.parts:
        return True
    cells = [cell for row in run[-_LOOK_BACK:] for cell in row.parts[1:]]
    return len(line.text) < _MAX_CELL and any(
        abs(cell.left - line.left) < 2 or abs(cell.right - line.right) < 2 for cell in cells
    )


def _resolve(run: Sequence[Line]) -> Sequence[Line | Table]:
    """The run as a table, without single lines at its end; as it is when its columns are not clear."""
    size = len(run)
    while size and not run[size - 1].parts:
        size -= 1
    rows, rest = run[:size], run[size:]
    table = _aligned(rows)
    return [table, *rest] if table else run


def _aligned(rows: Sequence[Line]) -> Table | None:
    cells = [part for row in rows for part in (row.parts or (row,))]
    if len(rows) < 2 or median(len(cell.text) for cell in cells) > _MAX_CELL:
        return None
    if any(abs(cell.bottom - row.bottom) > 0.5 * cell.height for row in rows for cell in row.parts):
        return None
    columns = _columns(cells, 0.3 * rows[0].height)
    grid = [_placed(row, columns) for row in rows]
    texts = tuple(tuple(" ".join(cell) for cell in row) for row in grid)
    if any(len(cell) > 1 for row in grid for cell in row) or not _is_table(texts):
        return None
    return Table(texts, rows[-1].bottom, rows[0].top, tuple(left for left, _ in columns))


def _columns(cells: Sequence[Line], least: float) -> list[tuple[float, float]]:
    """The stretches of the page's width in which cells stand, with clear gaps between them."""
    columns: list[tuple[float, float]] = []
    for left, right in sorted((cell.left, cell.right) for cell in cells):
        if columns and left < columns[-1][1] + least:
            columns[-1] = (columns[-1][0], max(right, columns[-1][1]))
        else:
            columns.append((left, right))
    return columns


def _placed(row: Line, columns: Sequence[tuple[float, float]]) -> list[list[str]]:
    return [[p.text for p in (row.parts or (row,)) if left <= p.left <= right] for left, right in columns]


def _is_table(rows: Sequence[Sequence[str]]) -> bool:
    """Three columns, or two with a header; a form's "Name: ..." list is better read as lines."""
    width = len(rows[0])
    filled = sum(bool(cell) for row in rows for cell in row)
    if width < 2 or filled < _LEAST_FILLED * width * len(rows):
        return False
    if sum(sum(map(bool, row)) > 1 for row in rows) < 0.6 * len(rows):
        return False
    if sum(is_prose([row[n] for row in rows if row[n]]) for n in range(width)) > 1:
        return False
    labels = [row[0] for row in rows if row[0]]
    if not labels or sum(label.endswith(":") for label in labels) >= 0.5 * len(labels):
        return False
    if width > 2 and len(rows) >= _LEAST_ROWS:
        return True
    # The header makes up for what a small table lacks in rows or columns.
    has_header = all(map(all, rows)) and is_header(rows[0], rows[1:])
    return has_header and (width > 3 or (width == 2 and len(rows) > _LEAST_ROWS))
