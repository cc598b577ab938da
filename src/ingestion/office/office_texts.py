"""What Word and PowerPoint write in the same way: drawn paragraphs, tables, charts, SmartArt, list numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from src.ingestion.office.package import Package
from src.ingestion.pieces import SAME_TABLE, Piece, clean
from src.ingestion.tables import is_header, table_pieces

if TYPE_CHECKING:
    from lxml.etree import _Element

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
C15 = "{http://schemas.microsoft.com/office/drawing/2012/chart}"
CX = "{http://schemas.microsoft.com/office/drawing/2014/chartex}"
DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"

# A longer text of a cell merged downwards stands once: repeated in each row it could fill the memory.
MAX_FILLED = 300
_TEXTS = (A + "t", M + "t")
_Points = dict[int, str]
_Column = tuple[str, _Points]
_MAX_LEVELS = 10  # of categories; Office shows fewer, a file may claim any number


def choice(alternatives: _Element) -> _Element | None:
    """The one of several forms of the same content to read: the first that holds something."""
    for form in alternatives.iterchildren(MC + "Choice", MC + "Fallback"):
        if len(form):
            return form
    return None


def drawn_text(element: _Element) -> str:
    """The text of a DrawingML paragraph, its line breaks as newlines."""
    parts: list[str] = []
    for child in element:
        tag = child.tag
        if tag in _TEXTS:
            parts.append(child.text or "")
        elif tag == A + "br":
            parts.append("\n")
        elif tag == MC + "AlternateContent":
            form = choice(child)
            parts.append(drawn_text(form) if form is not None else "")
        else:
            parts.append(drawn_text(child))
    return "".join(parts)


def drawn_lines(element: _Element) -> Iterator[str]:
    """The texts of all DrawingML paragraphs below an element; empty ones are left out."""
    return filter(None, (clean(drawn_text(paragraph)) for paragraph in element.iter(A + "p")))


def whole_table(rows: Sequence[Sequence[str]], place: str) -> Iterator[Piece]:
    """The rows as blocks, below the line of the header where it names a column that no row has a value in."""
    if len(rows) > 1 and is_header(rows[0], rows[1:]):
        named = [number for number, name in enumerate(rows[0]) if name]
        if not all(any(number < len(row) and row[number] for row in rows[1:]) for number in named):
            yield Piece(" | ".join(rows[0][number] for number in named), "table", place)
    yield from table_pieces(rows, place)


def chart_pieces(package: Package, name: str, place: str) -> Iterator[Piece]:
    """A chart: its title and axis titles as paragraphs, its series as a table with a row per category."""
    root = package.root(name)
    if root.tag == CX + "chartSpace":
        yield from _new_chart(root, place)
    else:
        for title in root.iter(C + "title"):
            yield Piece(_title(title), "paragraph", place)
        for rows in _series_tables(root):
            yield from whole_table(rows, f"{place}, chart")
        yield from _lines(_labels(root), place)
    for shapes in package.related(name, "chartUserShapes"):
        yield from _lines(drawn_lines(package.root(shapes)), place)


def _lines(lines: Iterator[str], place: str) -> Iterator[Piece]:
    text = "\n".join(lines)
    if text:
        yield Piece(text, "paragraph", place)


def _title(title: _Element) -> str:
    linked = (value.text or "" for value in title.iter(C + "v"))
    return "\n".join(drawn_lines(title)) or clean(" ".join(linked))


def _labels(root: _Element) -> Iterator[str]:
    """The data labels someone wrote, or took from cells, instead of the values."""
    for label in root.iter(C + "dLbl"):
        yield from drawn_lines(label)
    for labels in root.iter(C15 + "dlblRangeCache"):
        yield from filter(None, (clean(value.text or "") for value in labels.iter(C + "v")))


def _series_tables(root: _Element) -> Iterator[list[list[str]]]:
    """Series that share their categories make one table."""
    columns: list[_Column] = []
    shared: _Points = {}
    for series in root.iter(C + "ser"):
        name = clean(
            " ".join(value.text or "" for text in series.iterchildren(C + "tx") for value in text.iter(C + "v"))
        )
        categories = _first_points(series, "cat", "xVal")
        if columns and categories and categories != shared:
            yield from _tables(shared, columns)
            columns = []
        shared = categories or shared
        columns.append((name, _first_points(series, "val", "yVal")))
        if sizes := _first_points(series, "bubbleSize"):
            columns.append((f"{name} size".strip(), sizes))
    yield from _tables(shared, columns)


def _series_name(series: _Element) -> str:
    holders = series.iterchildren(C + "tx")
    return clean(" ".join(value.text or "" for holder in holders for value in holder.iter(C + "v")))


def _tables(categories: _Points, columns: list[_Column]) -> Iterator[list[list[str]]]:
    """One table, or one per series where they have so few points in common that it would be mostly empty."""
    numbers = set().union(*(points for _, points in columns))
    if len(columns) * len(numbers) > 1000 + 4 * sum(len(points) for _, points in columns):
        for name, points in columns:
            yield _table({number: categories.get(number, "") for number in points}, [(name, points)])
    elif columns:
        yield _table(categories, columns)


def _table(categories: _Points, columns: list[_Column]) -> list[list[str]]:
    numbers = sorted(set(categories).union(*(points for _, points in columns)))
    names = [name for name, _ in columns]
    if not numbers:  # the file keeps the names of the series but not what they show
        return [names]
    rows = [["category", *names]]
    rows += [[categories.get(n, ""), *(points.get(n, "") for _, points in columns)] for n in numbers]
    return rows


def _first_points(series: _Element, *kinds: str) -> _Points:
    for holder in series.iterchildren(*(C + kind for kind in kinds)):
        levels = [_points(level) for level in islice(holder.iter(C + "lvl"), _MAX_LEVELS)]
        return _joined(levels) if levels else _points(holder)
    return {}


def _points(holder: _Element) -> _Points:
    points: _Points = {}
    for point in holder.iter(C + "pt"):
        index = point.get("idx", "")
        value = point.find(C + "v")
        if index.isdecimal() and len(index) < 10 and value is not None:
            points[int(index)] = clean(value.text or "")
    return points


def _joined(levels: list[_Points]) -> _Points:
    """Categories of several levels (innermost first in the file) as one text each, outermost first."""
    numbers = sorted(set().union(*levels))
    joined: _Points = {}
    above: list[str] = [""] * len(levels)
    for number in numbers:
        for depth, level in enumerate(levels):
            above[depth] = level.get(number, above[depth] if depth else "")
        joined[number] = " ".join(filter(None, reversed(above)))
    return joined


def _new_chart(root: _Element, place: str) -> Iterator[Piece]:
    """The charts of Office 2016 and later (waterfall, tree map, ...), whose data stand apart from their series."""
    yield from _lines(drawn_lines(root), place)
    texts = (clean(value.text or "") for value in root.iter(CX + "v", CX + "pt"))
    yield from _lines(filter(None, texts), place)


def diagram_pieces(package: Package, name: str, place: str) -> Iterator[Piece]:
    """The points of a SmartArt, each a list item below the point it belongs to."""
    root = package.root(name)
    points = {str(point.get("modelId")): point for point in root.iter(DGM + "pt")}
    gap = 2
    for level, identity in _hierarchy(root, points):
        text = "\n".join(drawn_lines(points[identity]))
        if text:
            yield Piece(f"{'  ' * level}- {text}", "list_item", place, gap=gap)
            gap = SAME_TABLE


def _hierarchy(root: _Element, points: dict[str, _Element]) -> Iterator[tuple[int, str]]:
    """Every point once, in the order of the drawing, with its depth; points no line leads to come last."""
    children: dict[str, list[tuple[int, str]]] = {}
    for line in root.iter(DGM + "cxn"):
        if line.get("type", "parOf") == "parOf":
            order = line.get("srcOrd", "")
            place = int(order) if order.isdecimal() and len(order) < 10 else 0
            children.setdefault(str(line.get("srcId")), []).append((place, str(line.get("destId"))))
    tops = [identity for identity, point in points.items() if point.get("type") == "doc"]
    seen: set[str] = set()
    waiting = [(-1, identity) for identity in reversed(tops)]
    while waiting:
        level, identity = waiting.pop()
        if identity in seen or identity not in points:
            continue
        seen.add(identity)
        yield max(0, level), identity
        waiting += [(level + 1, child) for _, child in sorted(children.get(identity, ()), reverse=True)]
    for identity in points:
        if identity not in seen:
            yield 0, identity


def spelled(form: str, number: int) -> str:
    """A number as a list shows it. Forms we do not know are shown as decimal figures."""
    lower = form.lower()
    if lower == "none":
        return ""
    if lower == "decimalzero":
        return f"{number:02d}"
    if lower in ("lowerletter", "upperletter") and 0 < number <= 26 * 30:
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters if lower == "lowerletter" else letters.upper()
    if lower in ("lowerroman", "upperroman") and 0 < number < 4000:
        return _roman(number) if lower == "lowerroman" else _roman(number).upper()
    if lower == "ordinal":
        return f"{number}{_ordinal_ending(number)}"
    return str(number)


def _roman(number: int) -> str:
    signs = (
        (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
        (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
    )  # fmt: skip
    shown = ""
    for value, sign in signs:
        shown += sign * (number // value)
        number %= value
    return shown


def _ordinal_ending(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def whole(text: str, default: int | None) -> int | None:
    """A stored count; what is no plain number of up to nine figures gives the default."""
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else default
