"""Read a Word document: the body in order, with tables, lists, text boxes and footnotes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from src.ingestion.pieces import Piece, ReadOptions, Remarks, clean, damage_refused
from src.ingestion.tables import table_pieces
from src.records import BlockKind

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from lxml.etree import _Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# Deleted and moved-away text, the second copy of a text box, phonetic guides, and properties.
_SKIPPED = {W + "del", W + "moveFrom", MC + "Fallback", W + "rt", W + "pPr", W + "rPr", W + "txbxContent"}
_CHARACTERS = {W + "tab": "\t", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-"}
_PARTS = {"footnotes": "footnote", "endnotes": "endnote"}
_LEFT_OUT = {"header": "header", "footer": "footer", "comments": "comment part"}
_MAX_SPAN = 63  # Word's own limit of columns; a file may claim millions


def read(path: Path, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """Paragraphs and table rows in document order; `place` is the heading path ("Setup > Water", else "paragraph 4").

    Insertions are in, deletions out. Footnotes and endnotes follow as notes. List items begin with "- " or
    their number. Headers, footers and comments are left out, with a note.
    """
    from docx import Document
    from docx.exceptions import PythonDocxError
    from docx.opc.exceptions import OpcError

    with damage_refused(path, "a Word document", PythonDocxError, OpcError), path.open("rb") as file:
        document = Document(file)
        yield from _Walk(_Styles.of(document)).pieces(document)
        for note in _left_out(document):
            remarks.note(note)


@dataclass(frozen=True)
class _Styles:
    """Which paragraph styles are titles, headings (with their level) and lists, and how lists are numbered."""

    headings: dict[str, int]
    lists: dict[str, str]
    formats: dict[tuple[str, str], str]

    @classmethod
    def of(cls, document: WordDocument) -> _Styles:
        headings: dict[str, int] = {}
        lists: dict[str, str] = {}
        for style in document.styles.element.iter(W + "style"):
            name = _value(style.find(W + "name")).lower()
            identity = str(style.get(W + "styleId"))
            if name == "title":
                headings[identity] = 0
            elif match := re.fullmatch(r"heading ([1-9])", name):
                headings[identity] = int(match[1])
            elif match := re.match(r"list (bullet|number)", name):
                lists[identity] = "bullet" if match[1] == "bullet" else "decimal"
        return cls(headings, lists, _list_formats(document))


def _list_formats(document: WordDocument) -> dict[tuple[str, str], str]:
    """The number format ("bullet", "decimal", ...) of each list and level."""
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/numbering") and not relation.is_external:
            root = _parse(relation.target_part.blob)
            break
    else:
        return {}
    abstract = {
        (str(definition.get(W + "abstractNumId")), str(level.get(W + "ilvl"))): _value(level.find(W + "numFmt"))
        for definition in root.iter(W + "abstractNum")
        for level in definition.iter(W + "lvl")
    }
    used = {str(num.get(W + "numId")): _value(num.find(W + "abstractNumId")) for num in root.iter(W + "num")}
    return {(num, level): name for num, of in used.items() for (which, level), name in abstract.items() if which == of}


@dataclass
class _Walk:
    """Where the walk through the body stands: the headings above, the counters of lists, paragraphs and tables."""

    styles: _Styles
    path: list[tuple[int, str]] = field(default_factory=list)
    counters: Counter[tuple[str, str]] = field(default_factory=Counter)
    paragraphs: int = 0
    tables: int = 0

    def pieces(self, document: WordDocument) -> Iterator[Piece]:
        yield from self._children(document.element.body)
        for relation in document.part.rels.values():
            word = _PARTS.get(relation.reltype.rsplit("/", 1)[-1])
            if word and not relation.is_external:
                yield from _notes(_parse(relation.target_part.blob), word)

    def _children(self, parent: _Element) -> Iterator[Piece]:
        for element in parent:
            if element.tag == W + "p":
                yield from self._paragraph(element)
            elif element.tag == W + "tbl":
                self.tables += 1
                above = self._place()
                place = f"{above}, table {self.tables}" if self.path else f"table {self.tables}"
                yield from table_pieces(_table_rows(element), place)
            elif element.tag not in _SKIPPED and isinstance(element.tag, str):
                yield from self._children(element)  # content controls, insertions, custom XML

    def _paragraph(self, element: _Element) -> Iterator[Piece]:
        text = clean(_text(element))
        if text:
            self.paragraphs += 1
            yield self._piece(element, text)
        for box in _own_text_boxes(element):
            yield from self._children(box)

    def _piece(self, element: _Element, text: str) -> Piece:
        style = _value(element.find(f"{W}pPr/{W}pStyle"))
        level = self._level(element, style)
        if level is not None:
            self.path = [(above, name) for above, name in self.path if 0 < above < level]
            self.path.append((level, " ".join(text.split())))
            return Piece(text, "heading" if level else "title", self._place())
        mark = self._list_mark(element, style)
        kind: BlockKind = "list_item" if mark else "paragraph"
        return Piece(mark + text, kind, self._place())

    def _level(self, element: _Element, style: str) -> int | None:
        if style in self.styles.headings:
            return self.styles.headings[style]
        outline = _value(element.find(f"{W}pPr/{W}outlineLvl"))
        return int(outline) + 1 if outline.isdigit() and int(outline) < 9 else None

    def _list_mark(self, element: _Element, style: str) -> str:
        number = _value(element.find(f"{W}pPr/{W}numPr/{W}numId")) or style
        level = _value(element.find(f"{W}pPr/{W}numPr/{W}ilvl")) or "0"
        form = self.styles.formats.get((number, level)) or self.styles.lists.get(style, "")
        if number == "0" or form in ("", "none"):
            return ""
        if form == "bullet":
            return "- "
        for which, deeper in list(self.counters):
            if which == number and deeper > level:
                del self.counters[which, deeper]  # a deeper level starts again
        self.counters[number, level] += 1
        return f"{self.counters[number, level]}. "

    def _place(self) -> str:
        return " > ".join(name for _, name in self.path) or f"paragraph {max(1, self.paragraphs)}"


def _text(element: _Element) -> str:
    """The text a reader of the page sees in this element, without the text boxes anchored in it."""
    parts: list[str] = []
    for child in element:
        if child.tag in (W + "t", M + "t"):
            parts.append(child.text or "")
        elif child.tag in _CHARACTERS:
            parts.append(_CHARACTERS[child.tag])
        elif child.tag not in _SKIPPED:
            parts.append(_text(child))
    return "".join(parts)


def _own_text_boxes(paragraph: _Element) -> Iterator[_Element]:
    for child in paragraph:
        if child.tag == W + "txbxContent":
            yield child
        elif child.tag != MC + "Fallback":
            yield from _own_text_boxes(child)


def _table_rows(table: _Element) -> list[list[str]]:
    """The rows of a table as texts at their grid column; a merged cell stands once, at its first column."""
    rows = _nested(table, W + "tr")
    return [_row_values(row) for row in rows if row.find(f"{W}trPr/{W}del") is None]


def _row_values(row: _Element) -> list[str]:
    values = [""] * _count(row.find(f"{W}trPr/{W}gridBefore"), 0)
    for cell in _nested(row, W + "tc"):
        values.append(_cell_text(cell))
        values.extend([""] * (_count(cell.find(f"{W}tcPr/{W}gridSpan"), 1) - 1))
    return values


def _nested(parent: _Element, tag: str) -> Iterator[_Element]:
    """The rows of a table or cells of a row, also inside content controls and insertions, not of inner tables."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag not in _SKIPPED and child.tag not in (W + "tbl", W + "tc", W + "p"):
            yield from _nested(child, tag)


def _cell_text(cell: _Element) -> str:
    hidden = {id(p) for skipped in _SKIPPED - {W + "txbxContent"} for e in cell.iter(skipped) for p in e.iter(W + "p")}
    return "\n".join(filter(None, (clean(_text(p)) for p in cell.iter(W + "p") if id(p) not in hidden)))


def _count(element: _Element | None, default: int) -> int:
    value = _value(element)
    return min(int(value), _MAX_SPAN) if value.isdigit() and int(value) > 0 else default


def _value(element: _Element | None) -> str:
    return "" if element is None else str(element.get(W + "val") or "")


def _notes(root: _Element, word: str) -> Iterator[Piece]:
    for number, note in enumerate((n for n in root if n.get(W + "type") is None), start=1):
        text = "\n".join(filter(None, (clean(_text(p)) for p in note.iter(W + "p"))))
        yield Piece(text, "note", f"{word} {number}")


def _left_out(document: WordDocument) -> Iterator[str]:
    found: Counter[str] = Counter()
    for relation in document.part.rels.values():
        word = _LEFT_OUT.get(relation.reltype.rsplit("/", 1)[-1])
        if word and not relation.is_external:
            found[word] += any((t.text or "").strip() for t in _parse(relation.target_part.blob).iter(W + "t"))
    parts = [f"{number} {word}{'s' * (number > 1)}" for word, number in sorted(found.items()) if number]
    if parts:
        yield f"{', '.join(parts)} left out"


def _parse(blob: bytes) -> _Element:
    from lxml import etree

    return etree.fromstring(blob, etree.XMLParser(resolve_entities=False, no_network=True))
