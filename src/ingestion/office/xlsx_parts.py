"""Open an Excel workbook: its sheets, shared strings and number formats, without building trees of them.

Elements are told by their local names, so Strict Open XML and prefixed XML read the same.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import unquote
from xml.parsers.expat import ParserCreate

from src.errors import IngestionError
from src.ingestion.office.number_formats import BUILT_IN, GENERAL, Show, show_by
from src.ingestion.pieces import clean

if TYPE_CHECKING:
    from xml.parsers.expat import XMLParserType

BLOCK = 1 << 17
MAX_SMALL_PART = 64 << 20
MAX_ITEM = 32 << 20  # one row or shared string; Excel itself holds 32,767 characters in a cell
MAX_RATIO = 200  # of a large part; the largest of 1,339 real office files was 74
HELD = 64 << 20  # a part up to this size is unpacked once and held, a larger one streamed (and gone through twice)

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how Excel stores control characters in a string
_REFERENCE = re.compile(r"&(?:#x([0-9A-Fa-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_NOT_UTF8 = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["'](?!utf-?8["'])([\w.-]+)""", re.IGNORECASE)
_CODECS = re.compile(r"utf-?(?:16|32)(?:[lb]e)?|us-ascii|iso-8859-\d+|windows-\d+|shift_jis|gb\w+|big5|euc-\w+")
_ROWS_END = re.compile(rb"</(?:[\w.-]+:)?sheetData>")
_PREFIX = re.compile(rb"<([A-Za-z_][\w.-]*:)(?:sst|worksheet)\b")
_STRING = re.compile(r"<si>\s*<t(?: [^>]*)?>([^<]*)</t>\s*</si>|<si\s*/>|<si(?: [^>]*)?>(.*?)</si>", re.DOTALL)
_PHONETIC = re.compile(r"<rPh\b.*?</rPh>|<!--.*?-->", re.DOTALL)
_RUN = re.compile(r"<t(?: [^>]*)?>(.*?)</t>", re.DOTALL)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
# The control characters of one byte but tab, LF and CR; CR is made LF on the way.
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
_C1 = re.compile(r"[\x80-\x9f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of the workbook; `part` is its file in the package, empty for one that has no cells."""

    name: str
    hidden: bool
    part: str


@dataclass(slots=True)
class Workbook:
    """An open workbook. `formats` show the numbers of a cell style; None stands for General."""

    path: Path
    archive: zipfile.ZipFile
    sheets: list[Sheet] = field(default_factory=list)
    formats: list[Show | None] = field(default_factory=list)
    strings: list[str] = field(default_factory=list)
    _entries: dict[str, zipfile.ZipInfo] = field(default_factory=dict)
    _held: tuple[str, list[bytes]] = ("", [])

    def blocks(self, part: str) -> Iterator[bytes]:
        """The part's bytes as UTF-8, with control characters left out and without prefixes of elements."""
        blocks = self._unpacked(part)
        head = next(blocks, b"")
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
            refuse(self.path, "declares XML entities of its own, which no spreadsheet program does")
        foreign = _NOT_UTF8.match(head.lstrip(b"\xef\xbb\xbf"))
        if foreign or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
            codec = foreign[1].decode().lower() if foreign else "utf-16"
            if not _CODECS.fullmatch(codec):
                raise LookupError(f"its part {part} is written in {codec}")
            whole = (head + self._rest(blocks, part)).decode(codec).encode()
            head, blocks = whole, iter(())
        prefix = _PREFIX.search(head)
        yield from _tidied(head, blocks, prefix[1] if prefix else b"")

    def behind_rows(self, part: str) -> bytes:
        """The XML behind the rows of a sheet."""
        if self._is_small(part):
            return _behind(b"sheetData>", self._whole(part))
        tail, found = b"", False
        for block in self._unpacked(part):
            tail = tail + block if found else tail[-32:] + block
            if not found and b"sheetData>" in tail and (end := _ROWS_END.search(tail)):
                found, tail = True, tail[end.start() :]
            if len(tail) > MAX_SMALL_PART:
                refuse(self.path, f"has more than {MAX_SMALL_PART >> 20} MB behind the rows of a sheet")
        return tail if found else b""

    def small(self, part: str) -> bytes:
        """The whole of a part that is small in any workbook."""
        blocks = self._unpacked(part)
        return next(blocks, b"") + self._rest(blocks, part)

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._entries

    def _rest(self, blocks: Iterator[bytes], part: str) -> bytes:
        parts, size = [], 0
        for block in blocks:
            parts.append(block)
            size += len(block)
            if size > MAX_SMALL_PART:
                refuse(self.path, f"holds a part ({part}) of more than {MAX_SMALL_PART >> 20} MB")
        return b"".join(parts)

    def _unpacked(self, part: str) -> Iterator[bytes]:
        return iter(self._whole(part)) if self._is_small(part) else self._streamed(part)

    def _streamed(self, part: str) -> Iterator[bytes]:
        with self.archive.open(self._entry(part)) as member:
            while block := member.read(BLOCK):
                yield block

    def _is_small(self, part: str) -> bool:
        return self._entry(part).file_size <= HELD

    def _whole(self, part: str) -> list[bytes]:
        if self._held[0] != part:
            self._held = part, list(self._streamed(part))  # in blocks: at once, zipfile takes twice the time
        return self._held[1]

    def _entry(self, part: str) -> zipfile.ZipInfo:
        entry = self._entries.get(part.lower())
        if entry is None:
            raise zipfile.BadZipFile(f"its part {part} is missing")
        if entry.file_size > max(HELD, MAX_RATIO * entry.compress_size):
            refuse(self.path, f"would unpack to {entry.file_size >> 20:,} MB ({part}), which no real sheet does")
        return entry


def _behind(mark: bytes, blocks: list[bytes]) -> bytes:
    """What stands from the last `mark` on."""
    for at in range(len(blocks) - 1, -1, -1):
        following = blocks[at + 1][: len(mark)] if at + 1 < len(blocks) else b""
        start = (blocks[at] + following).rfind(mark)
        if start >= 0:
            return b"".join(blocks[at:])[start:]
    return b""


def open_workbook(path: Path, archive: zipfile.ZipFile) -> Workbook:
    """The workbook with its sheets in order, its formats and shared strings read."""
    entries = {entry.filename.replace("\\", "/").lstrip("/").lower(): entry for entry in archive.infolist()}
    book = Workbook(path, archive, _entries=entries)
    main = next(iter(_targets(book, "", "officeDocument").values()), "xl/workbook.xml")
    epoch_1904 = _read_sheets(book, main)
    for part in _targets(book, main, "styles").values():
        if part in book:
            book.formats = _formats(book, part, epoch_1904)
    for part in _targets(book, main, "sharedStrings").values():
        if part in book:
            for strings in _strings(book, part):
                book.strings += strings
    return book


def refuse(path: Path, reason: str) -> NoReturn:
    raise IngestionError(f"{path.name} {reason}; open it in its program and save it again.", "refused")


def tidy(text: str) -> str:
    """A stored string as the cell shows it: references and Excel's escapes resolved, cleaned and stripped."""
    if "&" in text:
        text = _REFERENCE.sub(_character, text)
    if "_x" in text:
        text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    return clean(text)


def _character(match: re.Match[str]) -> str:
    if match[3]:
        return _NAMED[match[3]]
    number = int(match[1], 16) if match[1] else int(match[2])
    return chr(number) if number < 0x110000 else ""


def _tidied(block: bytes, blocks: Iterator[bytes], prefix: bytes) -> Iterator[bytes]:
    carried = block.removeprefix(b"\xef\xbb\xbf")
    for block in blocks:
        cut = carried.rfind(b"<")  # a tag or a line end may go on in the next block
        cut = cut if cut > 0 else len(carried) if carried[-1:] not in b"\r<" else len(carried) - 1
        yield _plain(carried[:cut], prefix)
        carried = carried[cut:] + block
    yield _plain(carried, prefix)


def _plain(block: bytes, prefix: bytes) -> bytes:
    if any(map(block.__contains__, _CONTROLS)):  # looking for each is quicker than looking at each byte
        block = block.translate(None, _CONTROLS)
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if prefix:
        block = block.replace(b"<" + prefix, b"<").replace(b"</" + prefix, b"</")
    return block


def decoded(block: bytes) -> str:
    """The block as text without the control characters that are written in two or three bytes."""
    text = block.decode()
    if not text.isascii() and (b"\xc2" in block or b"\xef\xbf" in block) and _C1.search(text):
        text = _C1.sub("", text)
    return text


def strict_parser(path: Path) -> XMLParserType:
    """An expat parser that refuses document type declarations, and with them every entity."""
    parser = ParserCreate()
    parser.buffer_text = True

    def refused(*_: object) -> NoReturn:
        refuse(path, "declares XML entities of its own, which no spreadsheet program does")

    parser.StartDoctypeDeclHandler = refused
    return parser


def _each_element(book: Workbook, part: str, seen: Callable[[str, Mapping[str, str]], None]) -> None:
    parser = strict_parser(book.path)
    parser.StartElementHandler = lambda name, attributes: seen(name.rpartition(":")[2], attributes)
    parser.Parse(book.small(part), True)


def _targets(book: Workbook, part: str, kind: str) -> dict[str, str]:
    """The parts that `part` refers to by relations of this kind, by the relations' ids."""
    folder, base = posixpath.split(part)
    relations = posixpath.join(folder, "_rels", f"{base}.rels")
    found: dict[str, str] = {}

    def seen(name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = unquote(attributes.get("Target", "")).replace("\\", "/")
            if attributes.get("Type", "").rpartition("/")[2] == kind:
                found[attributes.get("Id", "")] = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")

    if relations in book:
        _each_element(book, relations, seen)
    return found


def _read_sheets(book: Workbook, main: str) -> bool:
    """Fill in the sheets; whether days are counted from 1904 on."""
    parts = _targets(book, main, "worksheet")
    epoch_1904 = False

    def seen(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal epoch_1904
        if name == "sheet":
            identity = next((value for key, value in attributes.items() if key.endswith(":id") or key == "id"), "")
            hidden = attributes.get("state", "visible").lower() != "visible"
            book.sheets.append(Sheet(clean(attributes.get("name", "")), hidden, parts.get(identity, "")))
        elif name == "workbookPr":
            epoch_1904 = attributes.get("date1904", "0").lower() in ("1", "true", "on")

    _each_element(book, main, seen)
    return epoch_1904


def _formats(book: Workbook, part: str, epoch_1904: bool) -> list[Show | None]:
    codes: dict[str, str] = {str(number): code for number, code in BUILT_IN.items()}
    styles: list[str] = []
    in_cell_styles = False

    def seen(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal in_cell_styles
        if name == "numFmt":
            codes.setdefault(attributes.get("numFmtId", ""), attributes.get("formatCode", GENERAL))
        elif name == "xf" and in_cell_styles:
            styles.append(attributes.get("numFmtId", "0"))
        elif name in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            in_cell_styles = name == "cellXfs"

    _each_element(book, part, seen)
    shows = {number: show_by(codes.get(number, GENERAL), epoch_1904) for number in set(styles)}
    return [shows[number] for number in styles]


def _strings(book: Workbook, part: str) -> Iterator[list[str]]:
    for raw in cut_before((b"<si",), book.blocks(part), book.path, "a text"):
        items = decoded(raw).replace('<t xml:space="preserve">', "<t>")
        plain = items[max(0, items.find("<si")) :].rstrip().removesuffix("</sst>")
        simple = plain.removeprefix("<si><t>").removesuffix("</t></si>").split("</t></si><si><t>")
        care = "&" in plain or ("_" in plain and "_x" in plain)
        if plain.startswith("<si><t>") and plain.count("<") == 4 * len(simple) and not care:
            yield list(map(str.strip, simple))  # nothing but <si><t>text</t></si>
        else:
            yield [_rich(rich) if rich else tidy(text) for text, rich in _STRING.findall(items)]


def cut_before(starts: tuple[bytes, ...], blocks: Iterable[bytes], path: Path, what: str) -> Iterator[bytes]:
    """The bytes in stretches that begin with one of `starts`, but for the first; items between them stay whole."""
    waiting: list[bytes] = []
    size = 0
    for block in blocks:
        cut = -1
        for start in starts:
            cut = max(cut, block.rfind(start, max(0, cut)))
        if cut >= 0:
            yield b"".join([*waiting, block[:cut]])
            waiting, size = [block[cut:]], len(block) - cut
        else:
            waiting.append(block)
            size += len(block)
        if size > MAX_ITEM:
            refuse(path, f"holds {what} of more than {MAX_ITEM >> 20} MB, which no sheet needs")
    yield b"".join(waiting)


def _rich(item: str) -> str:
    """The runs of a formatted string as one, without the phonetic guides above it."""
    runs = "".join(_RUN.findall(_PHONETIC.sub("", item)))
    if "<![CDATA[" in runs:
        runs = _CDATA.sub(lambda match: match[1].replace("&", "&amp;"), runs)
    return tidy(runs)
