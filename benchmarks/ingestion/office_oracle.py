"""What a DOCX or PPTX file says according to its raw XML: every visible paragraph with the category it belongs to.

Written apart from the readers, on the standard library's parser, and knowing nothing of how they walk.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_PREFIXES = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
    "http://schemas.openxmlformats.org/drawingml/2006/main": "a",
    "http://schemas.openxmlformats.org/drawingml/2006/chart": "c",
    "http://schemas.openxmlformats.org/drawingml/2006/diagram": "dgm",
    "http://schemas.openxmlformats.org/presentationml/2006/main": "p",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships": "r",
}
_CHARACTERS = {"w:noBreakHyphen": "-"}
_GONE = {"w:del", "w:moveFrom", "w:rt", "w:instrText", "w:delText", "w:pPr", "w:rPr"}
_INLINE = {"w:sdt": "inline control", "w:smartTag": "inline control", "w:fldSimple": "inline control"}
_RUNNING = ("dt", "ftr", "hdr", "sldNum")


@dataclass(frozen=True)
class Needle:
    """A paragraph's text without white space, cut where a symbol stands whose letter only its font knows."""

    category: str
    parts: tuple[str, ...]

    def is_in(self, text: str) -> bool:
        return all(part in text for part in self.parts)


@dataclass(frozen=True)
class _Where:
    """What lies above an element on the way down from the root."""

    tables: int = 0
    box: bool = False
    control: bool = False
    kind: str = ""


def squeezed(text: str) -> str:
    """The text without white space and characters no text may hold."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\ufffe\uffff]+", "", text)


def docx_needles(path: Path) -> list[Needle]:
    """The visible paragraphs of a Word document."""
    with zipfile.ZipFile(path) as archive:
        main = _main(archive)
        hidden = _hidden_styles(archive, main)
        found = list(_word_paragraphs(_parse(archive, main), _Where(), hidden))
        for kind, target in _targets(archive, main):
            if kind in ("footnotes", "endnotes", "header", "footer", "comments"):
                found += _word_paragraphs(_parse(archive, target), _Where(kind=_KINDS[kind]), hidden)
    return [needle for needle in found if needle.parts]


_KINDS = {"footnotes": "note", "endnotes": "note", "header": "header or footer", "footer": "header or footer",
          "comments": "comment"}  # fmt: skip


def pptx_needles(path: Path) -> list[Needle]:
    """The visible paragraphs of all slides of the show, with their charts, diagrams, notes and comments."""
    found: list[Needle] = []
    with zipfile.ZipFile(path) as archive:
        main = _main(archive)
        by_id = dict(_ids(archive, main))
        for slide in _parse(archive, main).iter(_full("p:sldId")):
            name = by_id.get(slide.get(_full("r:id"), ""), "")
            if name in archive.namelist():
                found += _slide(archive, name)
    return [needle for needle in found if needle.parts]


def _word_paragraphs(element: ElementTree.Element, where: _Where, hidden: set[str]) -> Iterator[Needle]:
    for child in element:
        tag = _name(child)
        if tag in _GONE and tag != "w:pPr":
            continue
        if tag == "w:tr" and child.find(f"{_full('w:trPr')}/{_full('w:del')}") is not None:
            continue
        if tag in ("w:footnote", "w:endnote") and child.get(_full("w:type"), "normal") != "normal":
            continue
        if tag == "mc:AlternateContent":
            child = next((form for form in child if len(form)), child)
        if tag == "w:p":
            yield from _word_paragraph(child, where, hidden)
        yield from _word_paragraphs(child, _below(where, tag), hidden)


def _below(where: _Where, tag: str) -> _Where:
    if tag == "w:tbl":
        return replace(where, tables=where.tables + 1)
    if tag == "w:txbxContent":
        return replace(where, box=True, tables=0)
    return replace(where, control=True) if tag == "w:sdt" else where


def _word_paragraph(paragraph: ElementTree.Element, where: _Where, hidden: set[str]) -> Iterator[Needle]:
    style = paragraph.find(f"{_full('w:pPr')}/{_full('w:pStyle')}")
    if style is not None and style.get(_full("w:val")) in hidden:
        return
    pieces: list[str] = []
    marks: set[str] = set()
    _word_text(paragraph, pieces, marks, hidden)
    parts = tuple(filter(None, map(squeezed, "".join(pieces).split("\0"))))
    for category in {_category(where), *marks}:
        yield Needle(category, parts)


def _category(where: _Where) -> str:
    if where.kind:
        return where.kind
    if where.box:
        return "text box"
    if where.tables:
        return "nested table" if where.tables > 1 else "table cell"
    return "content control" if where.control else "plain"


def _word_text(element: ElementTree.Element, pieces: list[str], marks: set[str], hidden: set[str]) -> None:
    """Add the texts below an element, "\\0" for what has no letter of its own; text boxes are left to themselves."""
    for child in element:
        tag = _name(child)
        if tag in _GONE or tag == "w:txbxContent" or (tag == "w:r" and _is_hidden(child, hidden)):
            continue
        if tag in ("w:t", "m:t"):
            pieces.append(child.text or "")
        elif tag == "w:sym":
            pieces.append("\0")
        elif tag in _CHARACTERS:
            pieces.append(_CHARACTERS[tag])
        elif tag == "mc:AlternateContent":
            _word_text(next((form for form in child if len(form)), child), pieces, marks, hidden)
        else:
            if tag in ("w:ins", "w:moveTo"):
                marks.add("tracked insertion")
            if tag in _INLINE:
                marks.add(_INLINE[tag])
            _word_text(child, pieces, marks, hidden)


def _is_hidden(run: ElementTree.Element, hidden: set[str]) -> bool:
    vanish = run.find(f"{_full('w:rPr')}/{_full('w:vanish')}")
    if vanish is not None:
        return vanish.get(_full("w:val"), "1") not in ("0", "false", "off")
    style = run.find(f"{_full('w:rPr')}/{_full('w:rStyle')}")
    return style is not None and style.get(_full("w:val")) in hidden


def _hidden_styles(archive: zipfile.ZipFile, main: str) -> set[str]:
    found = set()
    for kind, target in _targets(archive, main):
        for style in _parse(archive, target).iter(_full("w:style")) if kind == "styles" else ():
            vanish = style.find(f"{_full('w:rPr')}/{_full('w:vanish')}")
            if vanish is not None and vanish.get(_full("w:val"), "1") not in ("0", "false", "off"):
                found.add(style.get(_full("w:styleId"), ""))
    return found


def _slide(archive: zipfile.ZipFile, name: str) -> Iterator[Needle]:
    root = _parse(archive, name)
    yield from _drawn(root, "slide text")
    for kind, target in _targets(archive, name):
        if kind == "chart":
            yield from _chart(_parse(archive, target))
        elif kind == "diagramData" and any(e.get(_full("r:dm")) for e in root.iter(_full("dgm:relIds"))):
            yield from _drawn(_parse(archive, target), "SmartArt")
        elif kind == "notesSlide":
            yield from _drawn(_parse(archive, target), "notes")
        elif kind == "comments":
            yield from _comments(_parse(archive, target))


def _drawn(element: ElementTree.Element, category: str) -> Iterator[Needle]:
    for child in element:
        tag = _name(child)
        if tag == "mc:AlternateContent":
            child = next((form for form in child if len(form)), child)
        if tag in ("p:sp", "p:grpSp", "p:graphicFrame") and _is_left_out(child):
            continue
        if tag == "a:p":
            yield _needle(category, _drawn_text(child))
            continue
        within = {"p:grpSp": "grouped shape", "a:tbl": "table cell"}.get(tag, category)
        yield from _drawn(child, within)


def _is_left_out(shape: ElementTree.Element) -> bool:
    """Slide numbers, dates, footers and hidden shapes."""
    for own in shape:
        for properties in own.iter(_full("p:cNvPr")) if _name(own).startswith("p:nv") else ():
            if properties.get("hidden") in ("1", "true"):
                return True
        for ph in own.iter(_full("p:ph")) if _name(own) == "p:nvSpPr" else ():
            if ph.get("type") in _RUNNING:
                return True
    return False


def _drawn_text(element: ElementTree.Element) -> str:
    if _name(element) == "mc:AlternateContent":
        element = next((form for form in element if len(form)), element)
    own = (element.text or "") if _name(element) in ("a:t", "m:t") else ""
    return own + "".join(map(_drawn_text, element))


def _chart(root: ElementTree.Element) -> Iterator[Needle]:
    for title in root.iter(_full("c:title")):
        yield from _drawn(title, "chart title")
    for value in root.iter(_full("c:v")):
        yield _needle("chart label", value.text or "")


def _comments(root: ElementTree.Element) -> Iterator[Needle]:
    for text in root.iter(_full("p:text")):
        yield _needle("comment", text.text or "")
    for paragraph in root.iter(_full("a:p")):
        yield _needle("comment", _drawn_text(paragraph))


def _needle(category: str, text: str) -> Needle:
    found = squeezed(text)
    return Needle(category, (found,) if found else ())


def _main(archive: zipfile.ZipFile) -> str:
    return next(target for kind, target in _targets(archive, "") if kind == "officeDocument")


def _targets(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, str]]:
    """The kind and name of every part this one refers to."""
    for row, target in _rows(archive, part):
        yield row.get("Type", "").rsplit("/", 1)[-1], target


def _ids(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, str]]:
    for row, target in _rows(archive, part):
        yield row.get("Id", ""), target


def _rows(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[ElementTree.Element, str]]:
    folder, base = posixpath.split(part)
    name = posixpath.join(folder, "_rels", f"{base}.rels")
    names = archive.namelist()
    for row in _parse(archive, name) if name in names else ():
        target = posixpath.normpath(posixpath.join("/", folder, unquote(row.get("Target", "")))).lstrip("/")
        if row.get("TargetMode") != "External" and target in names:
            yield row, target


def _parse(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    xml = _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", archive.read(name))
    return ElementTree.fromstring(xml)


def _name(element: ElementTree.Element) -> str:
    space, _, local = str(element.tag)[1:].partition("}")
    return f"{_PREFIXES.get(space, '?')}:{local}"


def _full(name: str) -> str:
    prefix, _, local = name.partition(":")
    return next(f"{{{space}}}{local}" for space, short in _PREFIXES.items() if short == prefix)
