"""Read a Word document: the body in order, with tables, lists, text boxes, charts, footnotes and comments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING

from src.errors import IngestionError
from src.ingestion.office.docx_styles import NUM_PR, OUTLINE, TITLE, VAL, Lists, Styles, W, outline_level, switch
from src.ingestion.office.docx_text import (
    Anchored,
    ParagraphText,
    drawn_text_lines,
    paragraph_style,
    paragraph_text,
)  # fmt: skip
from src.ingestion.office.office_texts import (
    MAX_FILLED,
    MC,
    M,
    R,
    chart_pieces,
    choice,
    diagram_pieces,
    whole,
    whole_table,
)
from src.ingestion.office.package import Package, open_package
from src.ingestion.pieces import Piece, ReadOptions, Remarks, clean, damage_refused
from src.records import BlockKind

if TYPE_CHECKING:
    from lxml.etree import _Element

_FAMILY = "wordprocessingml|ms-word"
_P, _TBL, _TR, _TC, _TR_PR, _TC_PR = (W + name for name in ("p", "tbl", "tr", "tc", "trPr", "tcPr"))
_ALTERNATIVES = MC + "AlternateContent"
# What only wraps paragraphs, rows and cells; a wrapper that is deleted is not among them.
_WRAPPERS = ("body", "sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")
_CONTAINERS = frozenset(W + name for name in _WRAPPERS) | {_TBL}
_LOOSE = frozenset(W + name for name in ("r", "hyperlink", "fldSimple")) | {M + "oMath", M + "oMathPara"}
_RARE = _LOOSE | {_ALTERNATIVES, W + "altChunk"}
_SOME_TEXT = re.compile(rb"<(?:\w+:)?t(?: [^>]*)?>")
_SEPARATORS = ("separator", "continuationSeparator", "continuationNotice")
_CHUNKS = {"html": "web page", "plain": "text", "rtf": "RTF text", "word": "Word document"}
_MAX_SPAN = 63  # Word's own limit of columns; a file may claim millions
_MAX_NAME = 120  # of a heading in a place; whole paragraphs are set as headings too


def read(path: Path, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """Paragraphs and table rows in document order; `place` is the heading path ("Setup > Water", else "paragraph 4").

    Insertions are in, deletions and hidden text out. List items begin with their mark ("- ", "2.1. "), numbered
    headings with their number. A text box follows the paragraph it is anchored in. Footnotes and endnotes follow
    the body as notes ("footnote 2"), then headers and footers and comments ("comment 1 by Ann") when they are
    asked for. What is left out is counted in a note.
    """
    with damage_refused(path, "a Word document"), open_package(path) as package:
        main = package.main_part(_FAMILY)
        walk = _Walk.through(package, main)
        holds_text = False
        for piece in _pieces(package, main, walk, options):
            holds_text = holds_text or bool(piece.text)
            yield piece
        _tell(package, walk.left_out, remarks)
        if not holds_text and walk.left_out["picture"]:
            raise IngestionError(f"{path.name} holds pictures and no text; run OCR on it first.", "needs_ocr")


def _pieces(package: Package, main: str, walk: _Walk, options: ReadOptions) -> Iterator[Piece]:
    with closing(package.elements(main, W + "document", _CONTAINERS)) as elements:
        yield from walk.pieces(elements)
    for kind, word in (("footnotes", "footnote"), ("endnotes", "endnote")):
        for name in package.related(main, kind):
            yield from _notes(package, name, walk, word)
    for kind in ("header", "footer"):
        for name in package.related(main, kind):
            yield from _running(package, name, walk, kind, read=options.headers_footers)
    for name in package.related(main, "comments"):
        yield from _comments(package, name, walk, read=options.comments)


def _notes(package: Package, name: str, walk: _Walk, word: str) -> Iterator[Piece]:
    """Footnotes by the number the page shows: the order in which the text refers to them."""
    numbers = walk.references[word]
    for note in package.elements(name, f"{W}{word}s", frozenset()):
        if note.get(W + "type") in _SEPARATORS:
            continue
        number = numbers.setdefault(str(note.get(W + "id")), len(numbers) + 1)
        place = f"{word} {number}"
        with walk.inside(name, place):
            text = walk.inner_text(note)
        yield Piece(text, "note", place)


def _running(package: Package, name: str, walk: _Walk, kind: str, *, read: bool) -> Iterator[Piece]:
    """A header or footer, its blocks in order; only counted unless it is to be read."""
    if read:
        with walk.inside(name, place=kind):
            yield from walk.pieces(_flat(package.root(name)))
    elif any(_SOME_TEXT.search(block) for block in package.blocks(name)):
        walk.left_out[kind] += 1


def _comments(package: Package, name: str, walk: _Walk, *, read: bool) -> Iterator[Piece]:
    number = 0
    for comment in package.elements(name, W + "comments", frozenset()):
        if comment.tag != W + "comment":
            continue
        number += 1
        if read:
            author = clean(str(comment.get(W + "author") or ""))
            place = f"comment {number} by {author}" if author else f"comment {number}"
            with walk.inside(name, place):
                text = walk.inner_text(comment)
            yield Piece(text, "note", place)
    if number and not read:
        walk.left_out["comment"] += number


def _tell(package: Package, left_out: Counter[str], remarks: Remarks) -> None:
    parts = [
        f"{number:,} {what if number == 1 else _plural(what)}" for what, number in sorted(left_out.items()) if number
    ]
    if parts:
        remarks.note(f"{', '.join(parts)} left out")
    if package.missing:
        remarks.warn(f"the file refers to parts it does not hold: {', '.join(sorted(package.missing)[:5])}")


def _plural(what: str) -> str:
    first, blank, rest = what.partition(" of ")
    return what if first.startswith("text ") else f"{first}s{blank}{rest}"


@dataclass(slots=True)
class _Table:
    """A table while its rows come in. `above` holds the text of each cell that is merged downwards, by column."""

    element: _Element | None
    rows: list[list[str]] = field(default_factory=list)
    above: dict[int, str] = field(default_factory=dict)


@dataclass
class _Walk:
    """Where the walk through the text stands: the headings above, the part, the counters of paragraphs and tables.

    `fixed_place` is the place of everything inside a text box, cell, note or header, whose headings are no chapters.
    """

    package: Package
    styles: Styles
    lists: Lists
    part: str
    left_out: Counter[str] = field(default_factory=Counter)
    references: dict[str, dict[str, int]] = field(default_factory=lambda: {"footnote": {}, "endnote": {}})
    path: list[tuple[int, str]] = field(default_factory=list)
    fixed_place: str = ""
    paragraphs: int = 0
    tables: int = 0

    @classmethod
    def through(cls, package: Package, main: str) -> _Walk:
        styles = Styles(package, b"".join(map(package.xml, package.related(main, "styles")[:1])))
        numbering = next(map(package.root, package.related(main, "numbering")), None)
        return cls(package, styles, Lists(numbering, styles), main)

    def pieces(self, elements: Iterable[_Element]) -> Iterator[Piece]:
        """Blocks of a flat series of paragraphs and table rows; rows below the same table make one table."""
        table: _Table | None = None
        for element in elements:
            tag = element.tag
            if tag == _TR:
                owner = next(element.iterancestors(_TBL), None)
                if table is None or table.element is not owner:
                    if table is not None:
                        yield from self._finished(table)
                    table = _Table(owner)
                self._add_row(element, table)
            elif tag == _P or tag in _RARE:
                if table is not None:
                    yield from self._finished(table)
                    table = None
                yield from self._paragraph(element) if tag == _P else self._rare(element)
        if table is not None:
            yield from self._finished(table)

    def inner_text(self, parent: _Element) -> str:
        """All the text of a cell or note, a line per paragraph, tables inside included. To be asked `inside`."""
        return "\n".join(piece.text for piece in self.pieces(_flat(parent)) if piece.text)

    @contextmanager
    def inside(self, part: str, place: str = "") -> Iterator[None]:
        before = self.part, self.fixed_place
        self.part, self.fixed_place = part, place or self._place()
        try:
            yield
        finally:
            self.part, self.fixed_place = before

    def _rare(self, element: _Element) -> Iterator[Piece]:
        if element.tag == _ALTERNATIVES:
            form = choice(element)
            yield from self.pieces(_flat(form)) if form is not None else ()
        elif element.tag == W + "altChunk":
            self._count_chunk(element)
        else:
            found = ParagraphText(self.styles, self.left_out)
            found.collect([element])
            yield from self._blocks(found, "", None)

    def _count_chunk(self, element: _Element) -> None:
        name = self.package.target(self.part, str(element.get(R + "id")))
        content_type = self.package.content_type(name)
        kind = next((kind for word, kind in _CHUNKS.items() if word in content_type), "file")
        self.left_out[f"embedded {kind}"] += 1

    def _paragraph(self, element: _Element) -> Iterator[Piece]:
        style, properties = paragraph_style(element)
        yield from self._blocks(paragraph_text(element, style, self.styles, self.left_out), style, properties)

    def _blocks(self, found: ParagraphText, style: str, properties: _Element | None) -> Iterator[Piece]:
        for word, identity in found.references:
            self.references[word].setdefault(identity, len(self.references[word]) + 1)
        text = clean(found.text)
        mark = self._mark(style, properties)  # an empty item counts too
        if text:
            self.paragraphs += not self.fixed_place
            yield self._piece(text, mark, self._level(style, properties))
        for anchored in found.anchored:
            yield from self._anchored(anchored)

    def _piece(self, text: str, mark: str, level: int | None) -> Piece:
        if level is None:
            kind: BlockKind = "list_item" if mark else "paragraph"
            return Piece(mark + text, kind, self._place())
        text = text if mark == "- " else mark + text
        if not self.fixed_place:
            self.path = [(above, name) for above, name in self.path if TITLE < above < level]
            self.path.append((level, shorten(text, _MAX_NAME, placeholder=" ...")))
        return Piece(text, "title" if level == TITLE else "heading", self._place())

    def _anchored(self, anchored: Anchored) -> Iterator[Piece]:
        kind, element = anchored
        if kind == "box":
            with self.inside(self.part):
                yield from self.pieces(_flat(element))
        elif kind == "drawn":
            yield Piece(clean("\n".join(drawn_text_lines(element))), "paragraph", self._place())
        else:
            name = self.package.target(self.part, str(element.get(R + ("id" if kind == "chart" else "dm"))))
            if name:
                read_drawing = chart_pieces if kind == "chart" else diagram_pieces
                yield from read_drawing(self.package, name, self._place())

    def _level(self, style: str, properties: _Element | None) -> int | None:
        outline = None if properties is None else next(properties.iterchildren(OUTLINE), None)
        if outline is not None:
            level = outline_level(str(outline.get(VAL)))
            return level if level is not None and level <= 9 else None
        return self.styles.of(style).level

    def _mark(self, style: str, properties: _Element | None) -> str:
        _, _, number, level = self.styles.of(style)
        own = None if properties is None else next(properties.iterchildren(NUM_PR), None)
        if own is not None:
            said = {child.tag: str(child.get(VAL)) for child in own}
            number = said.get(W + "numId", number)
            level = whole(said.get(W + "ilvl", ""), level)
        if not number or number == "0":
            return ""
        return self.lists.mark(number, self.lists.level_of(number, style) if level is None else level)

    def _place(self) -> str:
        if self.fixed_place:
            return self.fixed_place
        return " > ".join(name for _, name in self.path) or f"paragraph {max(1, self.paragraphs)}"

    def _finished(self, table: _Table) -> Iterator[Piece]:
        if not table.rows:
            return
        if self.fixed_place:
            place = f"{self.fixed_place}, table"
        else:
            self.tables += 1
            place = f"{self._place()}, table {self.tables}" if self.path else f"table {self.tables}"
        yield from whole_table(table.rows, place)

    def _add_row(self, row: _Element, table: _Table) -> None:
        properties = next(row.iterchildren(_TR_PR), None)
        if properties is not None and next(properties.iterchildren(W + "del"), None) is not None:
            self.left_out["deleted table row"] += 1
            return
        if properties is not None and switch(properties.find(W + "hidden")):
            self.left_out["hidden table row"] += 1
            return
        before = 0 if properties is None else _count(properties.find(W + "gridBefore"), 0)
        values = [""] * before
        with self.inside(self.part):
            for cell in _flat(row):
                if cell.tag == _TC:
                    self._add_cell(cell, values, table.above)
        table.rows.append(values)

    def _add_cell(self, cell: _Element, values: list[str], above: dict[int, str]) -> None:
        """Add a cell's text and the empty columns it spans; a cell merged with the one above repeats its text."""
        properties = next(cell.iterchildren(_TC_PR), None)
        text, column, span = self.inner_text(cell), len(values), 1
        merged = None
        if properties is not None:
            if next(properties.iterchildren(W + "cellDel"), None) is not None:
                self.left_out["deleted table cell"] += 1
                return
            span = _count(properties.find(W + "gridSpan"), 1)
            merged = properties.find(W + "vMerge")
        if merged is None:
            above.pop(column, None)
        elif merged.get(VAL) == "restart":
            above[column] = text if len(text) <= MAX_FILLED else ""
        else:
            text = text or above.get(column, "")
        values.append(text)
        values.extend([""] * (span - 1))


def _flat(parent: _Element) -> Iterator[_Element]:
    """The children of a part of the text, those of wrappers and tables instead of the wrappers and tables."""
    for child in parent:
        if child.tag in _CONTAINERS:
            yield from _flat(child)
        else:
            yield child


def _count(element: _Element | None, default: int) -> int:
    found = whole("" if element is None else str(element.get(VAL)), default) or default
    return min(found, _MAX_SPAN)
