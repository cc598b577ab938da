"""Open an Office package (OOXML): its parts and relations, unpacked within bounds, never leaving the file."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn
from urllib.parse import unquote

from src.errors import IngestionError

if TYPE_CHECKING:
    from lxml.etree import _Element

# The limits the sniffer holds against the zip directory, held here against the bytes that really come out.
MAX_PART = 512 * 2**20
MAX_TOTAL = 2 * 2**30
MAX_RATIO = 100
SMALL_TOTAL = 10 * 2**20
MAX_ENTRIES = 10_000
# A tree takes up to twelve times the bytes of its XML (measured: paragraphs of one short word, lxml 6.1), so 64 MB
# are the most that may be in memory at once: a whole small part, or one paragraph or table row of a streamed one.
MAX_TREE = 64 * 2**20

_SAFE: Any = {
    "resolve_entities": False, "no_network": True, "huge_tree": False, "load_dtd": False,
    "remove_comments": True, "remove_pis": True,
}  # fmt: skip
_BLOCK = 1 << 16
_RESOURCE_LIMIT = 114  # libxml2's XML_ERR_RESOURCE_LIMIT: depth over 256, a text over 10 MB, entity amplification
_NO_MEMORY = 2  # libxml2's XML_ERR_NO_MEMORY
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_STRICT = b"http://purl.oclc.org/ooxml/"
_START_TAG = re.compile(rb"<[^<>]*>")
_STRICT_NAMESPACE = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_TRANSITIONAL = rb"http://schemas.openxmlformats.org/\1/2006/"


class Relation(NamedTuple):
    """A reference from one part to another. `kind` is the last word of its type ("image", "footnotes").

    `target` is a part's name without a leading slash; it is empty when it lies outside the file.
    """

    identity: str
    kind: str
    target: str


class Package:
    """The parts of an open OOXML file.

    Strict Open XML is given in the namespaces of the ordinary (transitional) form. External targets are never
    followed. Every byte that is unpacked counts, also of a part that is asked for twice; over the limits, on a
    document type declaration (no office program writes one) and on absurd nesting IngestionError "refused" is
    raised, on damage what zipfile and lxml raise.
    """

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        entries = archive.infolist()
        if len(entries) > MAX_ENTRIES:
            _refuse(path, f"holds {len(entries):,} parts, which no ordinary document does")
        self._path = path
        self._archive = archive
        self._entries = {_key(entry.filename): entry for entry in entries}
        self._unpacked = 0
        self._most = min(MAX_TOTAL, max(SMALL_TOTAL, MAX_RATIO * path.stat().st_size))
        if sum(entry.file_size for entry in entries) > self._most:  # what the directory admits; it may lie
            _refuse(path, f"unpacks to more than {self._most >> 20} MB, which no ordinary document of its size does")
        self._types: dict[str, str] | None = None
        self._known: dict[str, dict[str, Relation]] = {}
        self.missing: set[str] = set()  # parts that were asked for and are not in the file

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._entries

    def main_part(self, family: str) -> str:
        """The part everything else hangs on. Its content type must hold one of the words in `family`, a pattern."""
        for name in self.related("", "officeDocument"):
            if re.search(family, self.content_type(name), re.IGNORECASE):
                return name
        for name, content_type in self._content_types().items():  # a file whose root relations are odd
            if name in self and re.search(rf"(?:{family}).*main\+xml", content_type, re.IGNORECASE):
                return name
        raise zipfile.BadZipFile("its main part is missing")

    def content_type(self, name: str) -> str:
        types = self._content_types()
        return types.get(_key(name)) or types.get(posixpath.splitext(_key(name))[1], "")

    def related(self, part: str, kind: str) -> list[str]:
        """The parts `part` refers to with relations of this kind, in order and only those the file holds."""
        found = (relation.target for relation in self.relations(part).values() if relation.kind == kind)
        return [name for name in found if name and self._holds(name)]

    def target(self, part: str, identity: str) -> str:
        """The part behind a relation's id; empty when it is outside the file, unknown or missing."""
        relation = self.relations(part).get(identity)
        return relation.target if relation and relation.target and self._holds(relation.target) else ""

    def relations(self, part: str) -> dict[str, Relation]:
        """The relations of a part ("" for the package itself) by id."""
        if part not in self._known:
            folder, base = posixpath.split(part)
            source = posixpath.join(folder, "_rels", f"{base}.rels")
            rows = self.root(source).iter(f"{_RELATIONS}Relationship") if source in self else ()
            self._known[part] = {row.get("Id", ""): _relation(row, folder) for row in rows}
        return self._known[part]

    def root(self, name: str) -> _Element:
        """The tree of a small part."""
        return self.parsed(self.xml(name))

    def xml(self, name: str) -> bytes:
        """The whole of a small part."""
        blocks: list[bytes] = []
        size = 0
        with closing(self._xml(name)) as found:
            for block in found:
                size += len(block)
                if size > MAX_TREE:
                    self._refuse(f"holds a part ({name}) of more than {MAX_TREE >> 20} MB, which no such part needs")
                blocks.append(block)
        return b"".join(blocks)

    def parsed(self, xml: bytes) -> _Element:
        """The tree of XML out of this package."""
        from lxml import etree

        with self._xml_errors(etree):
            root = etree.fromstring(xml, etree.XMLParser(**_SAFE))
        self._refuse_declarations(root)
        return root

    def elements(self, name: str, top: str, containers: frozenset[str]) -> Generator[_Element, None, None]:
        """The finished children of the part's `top` element, one after the other, however large the part is.

        `containers` are opened: their children are given instead of them. An element leaves the tree, and its
        parents stay to be asked for, when the next one is taken.
        """
        from lxml import etree

        parser = etree.XMLPullParser(events=("start",), tag=top, **_SAFE)
        opened: Any = None
        waiting = 0
        with closing(self._xml(name)) as blocks, self._xml_errors(etree):
            for block in blocks:
                parser.feed(block)
                waiting += len(block)
                if opened is None:
                    opened = next((event[1] for event in parser.read_events()), None)
                    if opened is None:
                        continue
                    self._refuse_declarations(opened)
                for element in _finished(opened, containers, closed=False):
                    waiting = 0
                    yield element
                if waiting > MAX_TREE:
                    self._refuse(f"holds a paragraph or table row of more than {MAX_TREE >> 20} MB")
            parser.close()
        if opened is not None:
            yield from _finished(opened, containers, closed=True)

    def blocks(self, name: str) -> Generator[bytes, None, None]:
        """The part's bytes as they come out of the zip file."""
        entry = self._entries.get(_key(name))
        if entry is None:
            raise zipfile.BadZipFile(f"its part {name} is missing")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            self._refuse(f"holds a part ({name}) that is packed in a way no office program uses")
        size = 0
        with self._archive.open(entry) as member:
            while block := member.read(_BLOCK):
                size += len(block)
                self._unpacked += len(block)
                if size > MAX_PART or self._unpacked > self._most:
                    self._refuse(
                        f"unpacks to more than {min(size, self._unpacked) >> 20} MB ({name}), which no ordinary "
                        f"document of {self._path.stat().st_size:,} bytes does"
                    )
                yield block

    def _holds(self, name: str) -> bool:
        if name in self:
            return True
        self.missing.add(name)
        return False

    def _content_types(self) -> dict[str, str]:
        """Content types by part, and by ending for those that stand for all parts with it (".xml")."""
        if self._types is None:
            rows = list(self.root("[Content_Types].xml"))
            self._types = {
                _key(row.get("PartName", "") or f".{row.get('Extension', '')}"): row.get("ContentType", "")
                for row in rows
            }
        return self._types

    def _xml(self, name: str) -> Generator[bytes, None, None]:
        """The part's bytes with the namespaces of the transitional form."""
        with closing(self.blocks(name)) as blocks:
            carried = next(blocks, b"")
            prolog = re.search(rb"<[A-Za-z_]", carried)
            if b"<!DOCTYPE" in carried[: prolog.start() if prolog else None]:
                self._refuse_type_declaration()
            if _STRICT not in carried:
                yield carried
                yield from blocks
                return
            for block in blocks:
                end = max(0, carried.rfind(b"<"))  # the last tag may go on in the next block
                yield _in_transitional(carried[:end])
                carried = carried[end:] + block
            yield _in_transitional(carried)

    @contextmanager
    def _xml_errors(self, etree: Any) -> Iterator[None]:
        try:
            yield
        except etree.XMLSyntaxError as error:
            if error.code == _NO_MEMORY:
                raise MemoryError(str(error)) from error
            if error.code == _RESOURCE_LIMIT:
                self._refuse(f"nests or repeats parts as no office program does ({_one_line(error)})")
            raise

    def _refuse_declarations(self, element: _Element) -> None:
        if element.getroottree().docinfo.internalDTD is not None:
            self._refuse_type_declaration()

    def _refuse_type_declaration(self) -> NoReturn:
        self._refuse("declares XML entities or types of its own, which no office program does")

    def _refuse(self, reason: str) -> NoReturn:
        _refuse(self._path, reason)


@contextmanager
def open_package(path: Path) -> Iterator[Package]:
    """The file as a Package, closed at the end."""
    with zipfile.ZipFile(path) as archive:
        yield Package(path, archive)


def _finished(parent: _Element, containers: frozenset[str], *, closed: bool) -> Iterator[_Element]:
    """The children that are complete, each taken out of the tree after use; the last of an open parent is not."""
    children = list(parent)
    last = None if closed or not children else children.pop()
    for child in children:
        if child.tag in containers:
            yield from _finished(child, containers, closed=True)
        else:
            yield child
            # lxml takes a time that grows with the square of its size to cut off an element somebody still holds
            # (40,000 runs: 18 s), so what is cut off below is empty.
            child.clear()
    del parent[: len(children)]
    if last is not None and last.tag in containers:
        yield from _finished(last, containers, closed=False)


def _relation(row: _Element, folder: str) -> Relation:
    kind = row.get("Type", "").rsplit("/", 1)[-1]
    external = row.get("TargetMode", "") == "External"
    return Relation(row.get("Id", ""), kind, "" if external else _inside(row.get("Target", ""), folder))


def _inside(target: str, folder: str) -> str:
    """The part's name a target means, seen from a folder; whatever it says, it stays inside the package."""
    plain = unquote(target.partition("#")[0]).replace("\\", "/")
    return posixpath.normpath(posixpath.join("/", folder, plain)).lstrip("/")


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()  # part names are the same whatever their case (ECMA-376-2)


def _in_transitional(block: bytes) -> bytes:
    """The block with Strict namespaces renamed inside its tags; text that speaks of them stays."""
    if _STRICT not in block:
        return block
    return _START_TAG.sub(lambda tag: _STRICT_NAMESPACE.sub(_TRANSITIONAL, tag[0]), block)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:120]


def _refuse(path: Path, reason: str) -> NoReturn:
    raise IngestionError(f"{path.name} {reason}; open it in its program and save it again.", "refused")
