"""The shapes of a slide: their reading order, what they inherit from layout and master, their marked paragraphs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from src.ingestion.office.office_texts import MAX_FILLED, MC, A, choice, drawn_text, spelled, whole
from src.ingestion.pieces import NEW_BLOCK, SAME_TABLE, Piece, clean

if TYPE_CHECKING:
    from lxml.etree import _Element

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"

TITLES = ("title", "ctrTitle")
FURNITURE = ("dt", "ftr", "hdr", "sldNum")  # date, footer, header, slide number
_BODIES = ("body", "obj", "subTitle", "")  # placeholders whose bullets stand in the master's body style
_SAME_ROW = 91_440  # shapes whose tops differ by less than a tenth of an inch were meant to stand side by side
_MAX_PLACEHOLDERS = 200  # of a layout; each shape of each slide is compared with them
_MARKS = (A + "buNone", A + "buChar", A + "buAutoNum", A + "buBlip")
_HOLDERS = (P + "spPr", P + "grpSpPr")


def placeholder(shape: _Element) -> _Element | None:
    """What makes the shape a placeholder, None for any other shape."""
    return next(shape.iter(P + "ph"), None) if shape.tag != P + "grpSp" else None


def placeholder_type(shape: _Element) -> str | None:
    """Its type ("" for a general one), None for a shape that is no placeholder."""
    found = placeholder(shape)
    return None if found is None else str(found.get("type") or "")


def is_hidden(shape: _Element) -> bool:
    """Whether the selection pane shows it as hidden."""
    properties = next(shape.iter(P + "cNvPr"), None)
    return properties is not None and properties.get("hidden") in ("1", "true")


def shapes_of(tree: _Element) -> Iterator[_Element]:
    """The shapes of a slide or group as drawn, one of each set of alternatives."""
    for child in tree:
        if child.tag == MC + "AlternateContent":
            form = choice(child)
            yield from shapes_of(form) if form is not None else ()
        elif child.tag in (P + "sp", P + "grpSp", P + "graphicFrame", P + "cxnSp"):
            yield child


class Layout:
    """What the placeholders of a slide inherit: positions and bullets, from its layout first, then the master."""

    def __init__(self, layout: _Element | None, master: _Element | None) -> None:
        self._levels = [
            list(islice((shape for shape in root.iter(P + "sp") if placeholder(shape) is not None), _MAX_PLACEHOLDERS))
            for root in (layout, master)
            if root is not None
        ]
        self._body_style = None if master is None else master.find(f"{P}txStyles/{P}bodyStyle")

    def ancestors(self, shape: _Element) -> Iterator[_Element]:
        """The placeholders the shape takes after, nearest first."""
        own = placeholder(shape)
        for level in self._levels:
            found = None if own is None else _match(own, level)
            if found is not None:
                yield found
                own = placeholder(found)

    def position(self, shape: _Element) -> tuple[int, int]:
        """Top and left in the coordinates of the group or slide the shape stands in."""
        return _own_position(shape) or next(filter(None, map(_own_position, self.ancestors(shape))), (0, 0))

    def reading_order(self, shapes: Iterable[_Element]) -> list[_Element]:
        """From top to bottom, shapes of one row from left to right. A group stays together at its own place."""
        rows: list[list[tuple[int, int, _Element]]] = []
        placed = [(*self.position(shape), shape) for shape in shapes]
        for item in sorted(placed, key=lambda place: place[0]):
            if rows and item[0] - rows[-1][0][0] < _SAME_ROW:
                rows[-1].append(item)
            else:
                rows.append([item])
        return [shape for row in rows for _, _, shape in sorted(row, key=lambda place: place[1])]

    def list_styles(self, shape: _Element) -> list[_Element]:
        """Where the shape's bullets may be set, nearest first."""
        styles = [body.find(A + "lstStyle") for line in (shape, *self.ancestors(shape)) for body in _bodies(line)]
        if self._body_style is not None and placeholder_type(shape) in _BODIES:
            styles.append(self._body_style)
        return [style for style in styles if style is not None]


def _match(own: _Element, level: list[_Element]) -> _Element | None:
    """The placeholder of a layout or master that stands for this one: of the same number, else of the same type."""
    index, kind = own.get("idx"), str(own.get("type") or "")
    alike = "title" if kind in TITLES else "body" if kind in _BODIES else kind
    by_type = None
    for shape in level:
        other = placeholder(shape)
        if other is not None:
            if index is not None and other.get("idx") == index:
                return shape
            if by_type is None and str(other.get("type") or "body").replace("ctrTitle", "title") == alike:
                by_type = shape
    return by_type


def _bodies(shape: _Element) -> Iterator[_Element]:
    return shape.iterchildren(P + "txBody")


def _own_position(shape: _Element) -> tuple[int, int] | None:
    frames = (holder.find(A + "xfrm") for holder in shape.iterchildren(*_HOLDERS))
    frame = next((found for found in frames if found is not None), None)
    if frame is None:
        frame = next(shape.iterchildren(P + "xfrm"), None)
    offset = None if frame is None else frame.find(A + "off")
    if offset is None:
        return None
    return _coordinate(offset.get("y")), _coordinate(offset.get("x"))


def _coordinate(text: str | None) -> int:
    plain = text or "0"
    return (-1 if plain.startswith("-") else 1) * (whole(plain.lstrip("-"), 0) or 0)


@dataclass
class Marks:
    """The bullets and numbers of one shape's paragraphs."""

    styles: list[_Element]
    counts: dict[int, int] = field(default_factory=dict)

    def mark(self, paragraph: _Element) -> str:
        """The paragraph's mark with its indentation ("  - ", "2. "), "" for plain text."""
        properties = next(paragraph.iterchildren(A + "pPr"), None)
        level = min(8, whole("" if properties is None else str(properties.get("lvl") or ""), 0) or 0)
        how = self._how(properties, level)
        numbered = how is not None and how.tag == A + "buAutoNum"
        self.counts = {n: count for n, count in self.counts.items() if n < level or (n == level and numbered)}
        if how is None or how.tag == A + "buNone":
            return ""
        indent = "  " * level
        if not numbered:
            return f"{indent}- "
        start = whole(str(how.get("startAt") or ""), 1) or 1
        self.counts[level] = self.counts[level] + 1 if level in self.counts else start
        return f"{indent}{_numbered(str(how.get('type') or ''), self.counts[level])} "

    def _how(self, properties: _Element | None, level: int) -> _Element | None:
        said = _said(properties)
        if said is not None:
            return said
        levels = (style.find(f"{A}lvl{level + 1}pPr") for style in self.styles)
        return next((found for found in map(_said, levels) if found is not None), None)


def _said(properties: _Element | None) -> _Element | None:
    return None if properties is None else next(properties.iterchildren(*_MARKS), None)


def _numbered(form: str, number: int) -> str:
    """A number as PowerPoint's schemes show it ("alphaLcParenR": a)"""
    kind = {"alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman", "romanUc": "upperRoman"}
    text = spelled(kind.get(form[:7], "decimal"), number)
    if form.endswith("ParenBoth"):
        return f"({text})"
    if form.endswith("ParenR"):
        return f"{text})"
    return text if form.endswith("Plain") else f"{text}."


def text_pieces(body: _Element, place: str, styles: list[_Element]) -> Iterator[Piece]:
    """The paragraphs of a shape on consecutive lines; those with a bullet or number are list items."""
    marks = Marks(styles)
    gap = NEW_BLOCK
    for paragraph in body.iterchildren(A + "p"):
        text = clean(drawn_text(paragraph))
        if text:  # PowerPoint neither shows nor counts the mark of an empty paragraph
            mark = marks.mark(paragraph)
            yield Piece(mark + text, "list_item" if mark else "paragraph", place, gap=gap)
            gap = SAME_TABLE


def table_rows(table: _Element) -> list[list[str]]:
    """The texts of a table; a cell merged sideways stands once, one merged downwards in each of its rows."""
    rows: list[list[str]] = []
    for row in table.iterchildren(A + "tr"):
        values: list[str] = []
        for column, cell in enumerate(row.iterchildren(A + "tc")):
            text = "\n".join(filter(None, (clean(drawn_text(line)) for line in cell.iter(A + "p"))))
            if not text and cell.get("vMerge") in ("1", "true") and rows and column < len(rows[-1]):
                text = rows[-1][column] if len(rows[-1][column]) <= MAX_FILLED else ""
            values.append(text)
        rows.append(values)
    return rows
