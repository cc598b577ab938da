"""Put the lines of a page whose columns were drawn row by row into the order in which they are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from src.ingestion.pdf.layout import Line

_LEAST_ROWS = 5  # rows of side by side text that make columns
_PROSE = 18  # characters: the least middle length of a column's lines; a table's cells are shorter
_SHORT_HEADER = 3  # words: a first row of cells so short is a table's header
_INDENT = 24.0  # points by which the lines of a column may begin apart


def reading_order(lines: Sequence[Line]) -> list[Line]:
    """The lines in reading order: PDFium's, which is the file's, unless that goes across columns or upwards."""
    if _goes_down(lines):
        return list(lines)
    lines = _beside_joined(lines)
    gutters = _gutters(lines)
    if gutters:
        return list(_by_columns(lines, gutters))
    return _downwards(lines)


def _goes_down(lines: Sequence[Line]) -> bool:
    """Whether each line is under the one before or begins a column to its right: most pages, so it is asked first."""
    before_right, before_bottom, before_top = 1e9, 1e9, 1e9
    for _, left, right, bottom, top, _, parts in lines:
        if parts:
            return False
        if left > before_right:
            if bottom < before_top and top > before_bottom:
                return False
        elif bottom >= before_top:
            return False
        before_right, before_bottom, before_top = right, bottom, top
    return True


def _beside_joined(lines: Sequence[Line]) -> list[Line]:
    """Lines that follow each other in the file and stand side by side become one line with parts."""
    done: list[Line] = []
    for line in lines:
        if done and _is_right_of(done[-1], line):
            before = done.pop()
            parts = _fused([*(before.parts or (before,)), *(line.parts or (line,))])
            bottom, top = min(before.bottom, line.bottom), max(before.top, line.top)
            text = " ".join(part.text for part in parts)
            parts = parts if len(parts) > 1 else ()
            done.append(Line(text, before.left, line.right, bottom, top, before.first_word, parts))
        else:
            done.append(line)
    return done


def _fused(parts: Sequence[Line]) -> tuple[Line, ...]:
    """The parts, those without a gap between them as one: a raised letter makes PDFium begin a new line."""
    done = [parts[0]]
    for part in parts[1:]:
        before, gap = done[-1], part.left - done[-1].right
        if gap < 0.8 * part.height:
            text = before.text + (" " if gap > 0.15 * part.height else "") + part.text
            done[-1] = before._replace(text=text, right=part.right)
        else:
            done.append(part)
    return tuple(done)


def _is_right_of(before: Line, line: Line) -> bool:
    if line.left <= before.right - 0.2 * line.height:
        return False
    height = min(before.top - before.bottom, line.top - line.bottom)
    return abs(before.bottom - line.bottom) < 0.4 * height and abs(before.top - line.top) < 0.6 * height


def _gutters(lines: Sequence[Line]) -> list[float]:
    """Where the columns after the first begin, when the lines go across columns of prose; else nothing."""
    rows = [sorted(line.parts, key=lambda part: part.left) for line in lines if len(line.parts) > 1]
    if len(rows) < _LEAST_ROWS:
        return []
    count = Counter(map(len, rows)).most_common(1)[0][0]
    rows = [row for row in rows if len(row) == count]
    if len(rows) < _LEAST_ROWS or not all(is_prose([row[n].text for row in rows]) for n in range(count)):
        return []
    if all(len(part.text.split()) <= _SHORT_HEADER and len(part.text) < _PROSE for part in rows[0]):
        return []
    starts = [median(row[n].left for row in rows) for n in range(1, count)]
    gutters = [min(row[n].left for row in rows if abs(row[n].left - at) < _INDENT) for n, at in enumerate(starts, 1)]
    clear = sum(all(row[n].right < at <= row[n + 1].left for n, at in enumerate(gutters)) for row in rows)
    return gutters if clear >= 0.8 * len(rows) else []


def is_prose(texts: Sequence[str]) -> bool:
    """Whether these are lines of a column of text rather than cells."""
    return median(map(len, texts)) >= _PROSE and median(len(text.split()) for text in texts) >= 3


def _by_columns(lines: Sequence[Line], gutters: Sequence[float]) -> Iterator[Line]:
    """Column after column, between lines that go across all of them."""
    pieces = [part for line in lines for part in line.parts or (line,)]
    columns: list[list[Line]] = [[] for _ in range(len(gutters) + 1)]
    for line in sorted(pieces, key=lambda piece: -piece.top):
        if any(line.left < at - 1 and line.right > at + 1 for at in gutters):
            for column in columns:
                yield from column
                column.clear()
            yield line
        else:
            columns[sum(line.left >= at - 1 for at in gutters)].append(line)
    for column in columns:
        yield from column


def _downwards(lines: list[Line]) -> list[Line]:
    """The lines as they are, or from the top where the file gives most of them from below."""
    steps = [(a, b) for a, b in pairwise(lines) if a.left < b.right and b.left < a.right]
    upwards = sum(b.bottom >= a.top - 0.2 * a.height for a, b in steps)
    if len(steps) < 3 or upwards < 0.6 * len(steps):
        return lines
    return sorted(lines, key=lambda line: -line.top)
