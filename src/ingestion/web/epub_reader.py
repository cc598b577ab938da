"""Read an EPUB book: its chapters in reading order, each as a page."""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from src.errors import IngestionError
from src.ingestion.pieces import Piece, ReadOptions, Remarks, damage_refused
from src.ingestion.web.element_walk import ElementWalk
from src.ingestion.web.html_reader import decoded_page, tell_left_out, walk_html

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_PART = 64 << 20
MAX_TOTAL = 512 << 20
_MOST_CHAPTERS = 10_000
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
# Fonts are scrambled in open books, too (EPUB 3.3, 4.3.4; Adobe's older way): that is no encryption of the text.
_SCRAMBLED_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_HEAD = 1 << 16  # a longer document type is left to the parser, which resolves nothing either
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{0,31});")


@dataclass(frozen=True, slots=True)
class _Part:
    """A file of the book as its manifest names it."""

    name: str
    is_page: bool
    is_contents: bool  # the table of contents, which only repeats the headings


def read(path: Path, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """The chapters of the spine; place is the path of headings, in a chapter without one its title or file name.

    Raises IngestionError for a book with copy protection (status "encrypted"), and when its parts inflate to more
    than a book holds. Document type definitions are never loaded nor their entities resolved.
    """
    with damage_refused(path, "EPUB"), zipfile.ZipFile(path) as archive:
        book = _Book(path, archive)
        chapters = book.chapters()
        book.refuse_protection(chapters)
        left_out: Counter[str] = Counter()
        for part in chapters:
            walk = ElementWalk(root=posixpath.basename(part.name))
            yield from _chapter(decoded_page(book.content(part.name), path.name, remarks), walk)
            left_out += walk.left_out
        tell_left_out(ElementWalk(left_out=left_out), remarks)
        for missing in book.missing[:5]:
            remarks.warn(f"a chapter is missing: {missing}")


def _chapter(text: str, walk: ElementWalk) -> Iterator[Piece]:
    """A chapter as the XML it should be; one that is none is read as browsers read a page."""
    from lxml import etree

    strict = ElementWalk(root=walk.root)
    target: Any = strict
    parser = etree.XMLParser(target=target, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    text = _without_declaration(text)
    try:
        # Names like &nbsp; are declared in a definition that is not loaded.
        parser.feed(_NAMED.sub(_entity, text).encode("utf-8", "replace"))
        parser.close()
    except etree.XMLSyntaxError:
        yield from walk_html(text, walk)
        return
    walk.left_out = strict.left_out
    yield from strict.take()


def _entity(match: re.Match[str]) -> str:
    known = html.unescape(match[0])
    return known if known != match[0] else ""


def _without_declaration(text: str) -> str:
    """Without the XML declaration, whose encoding is no longer true, and without a document type and its entities."""
    text = re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", text)
    begin = text[:_HEAD].upper().find("<!DOCTYPE")
    found = _DOCTYPE.match(text, begin, _HEAD) if begin >= 0 else None
    return text[:begin] + text[found.end() :] if found else text


class _Book:
    """The zip file of a book."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path = path
        self._archive = archive
        self._names = {info.filename for info in archive.infolist()}
        self._inflated = 0
        self.missing: list[str] = []

    def content(self, name: str) -> bytes:
        """A part, inflated. Counts what comes out, since the directory of a zip file can lie."""
        info = self._archive.getinfo(name)
        if info.flag_bits & 1:
            raise self._protected()
        with self._archive.open(info) as part:
            content = part.read(MAX_PART + 1)
        self._inflated += len(content)
        if len(content) > MAX_PART or self._inflated > MAX_TOTAL:
            raise IngestionError(
                f"{self._path.name} inflates to more text than a book holds; open it in its program and save it again.",
                "refused",
            )
        return content

    def chapters(self) -> list[_Part]:
        """The pages of the spine, without the table of contents. A missing one is put down in `missing`."""
        package = self._package_name()
        root = self._xml(package)
        parts = {item.get("id", ""): self._part(item, package) for item in root.iter("{*}item")}
        order = [part for one in root.iter("{*}itemref") if (part := parts.get(one.get("idref", "")))]
        wanted = [part for part in dict.fromkeys(order) if part.is_page and not part.is_contents][:_MOST_CHAPTERS]
        self.missing = [part.name for part in wanted if part.name not in self._names]
        return [part for part in wanted if part.name in self._names]

    def refuse_protection(self, chapters: list[_Part]) -> None:
        """Raise IngestionError when a chapter is encrypted."""
        if "META-INF/encryption.xml" not in self._names:
            return
        names = {part.name for part in chapters}
        for entry in self._xml("META-INF/encryption.xml").iter("{*}EncryptedData"):
            method = next((one.get("Algorithm", "") for one in entry.iter("{*}EncryptionMethod")), "")
            encrypted = {unquote(one.get("URI", "")) for one in entry.iter("{*}CipherReference")}
            if method not in _SCRAMBLED_FONTS and encrypted & names:
                raise self._protected()

    def _protected(self) -> IngestionError:
        message = f"{self._path.name} is copy-protected (encrypted); save a copy without protection."
        return IngestionError(message, "encrypted")

    def _package_name(self) -> str:
        roots = [one.get("full-path", "") for one in self._xml("META-INF/container.xml").iter("{*}rootfile")]
        if not roots:
            raise ValueError("no book is named in META-INF/container.xml")
        return roots[0]

    def _part(self, item: _Element, package: str) -> _Part:
        name = posixpath.normpath(posixpath.join(posixpath.dirname(package), unquote(item.get("href", ""))))
        is_page = item.get("media-type", "") in _PAGES
        return _Part(name, is_page, "nav" in item.get("properties", "").split())

    def _xml(self, name: str) -> _Element:
        from lxml import etree

        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        return etree.fromstring(self.content(name), parser)
