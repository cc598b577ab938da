"""Read a PDF: text from PDFium page by page, question-and-answer tables from pdfplumber."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from src.errors import IngestionError
from src.ingestion.pdf.layout import HYPHENS, LIGATURES, Line, Page, body_height, drop_furniture, paragraphs
from src.ingestion.pieces import NEW_BLOCK, SAME_TABLE, Piece, ReadOptions, Remarks, clean, damage_refused
from src.ingestion.tables import column_names, row_piece

if TYPE_CHECKING:
    from pdfplumber.page import Page as PlumberPage
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

# PDFium is not thread-safe: one document at a time in this process.
_PDFIUM = threading.Lock()
# Ruled tables have drawn lines; pages with fewer path objects have none worth the 40 times slower look.
_MIN_PATHS = 8
_ASKS = re.compile(r"question|q|prompt|instruction|input|user|customer|query", re.IGNORECASE)
_ANSWERS = re.compile(r"answer|a|response|reply|completion|output|assistant|agent", re.IGNORECASE)
_LINE_END = re.compile(rf"\r\n|[\r\n]|(?<=[{HYPHENS}])")


@dataclass(frozen=True, slots=True)
class Scan:
    """What PDFium says of one page: its lines, and whether it holds images or drawn lines."""

    page: Page
    has_images: bool
    has_rules: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A question-and-answer table: where it stands (points, y upwards), its column names and rows."""

    bottom: float
    top: float
    names: list[str]
    rows: list[list[str]]


def read(path: Path, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """Paragraphs with place "page N"; words hyphenated at a line's end and wrapped lines are joined.

    Running headers and footers are left out, with a note. A table with a question and an answer column becomes
    row blocks instead of text; any other table stays in the page's text. Pages of images are counted in a warning.
    """
    scans, unreadable = _scan(path)
    remarks.warnings += unreadable
    images = [scan for scan in scans if scan.has_images and not scan.page.lines]
    if not any(scan.page.lines for scan in scans):
        why = f"all {len(images)} pages with content are images; run OCR on it" if images else "check the file"
        raise IngestionError(f"{path.name} holds no text: {why}.", "needs_ocr" if images else "empty")
    if images:
        remarks.warn(f"{len(images)} of {len(scans)} pages are images without text; run OCR first")
    pages, dropped = drop_furniture([scan.page for scan in scans])
    if dropped:
        remarks.note(f"{dropped} running header and footer lines left out")
    ruled = {scan.page.number for scan in scans if scan.has_rules}
    tables = _find_tables(path, pages, ruled)
    yield from _pieces(pages, tables)


def _scan(path: Path) -> tuple[list[Scan], list[str]]:
    import pypdfium2

    scans: list[Scan] = []
    unreadable: list[str] = []
    with _PDFIUM, damage_refused(path, "PDF"), _open(path) as document:
        for number in range(1, len(document) + 1):
            try:
                scans.append(_scan_page(document, number))
            except pypdfium2.PdfiumError:
                unreadable.append(f"page {number} is damaged and was left out")
    return scans, unreadable


def _open(path: Path) -> PdfDocument:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise IngestionError(f"{path.name} is encrypted; save a copy without a password.", "encrypted") from error
        raise


def _scan_page(document: PdfDocument, number: int) -> Scan:
    from pypdfium2 import raw

    page = document[number - 1]
    try:
        text_page = page.get_textpage()
        try:
            lines = tuple(_lines(text_page))
        finally:
            text_page.close()
        return Scan(
            Page(number, page.get_height(), lines),
            _has_objects(page, raw.FPDF_PAGEOBJ_IMAGE, 1),
            _has_objects(page, raw.FPDF_PAGEOBJ_PATH, _MIN_PATHS),
        )
    finally:
        page.close()


def _has_objects(page: PdfPage, kind: int, least: int) -> bool:
    found = page.get_objects(filter=[kind], max_depth=2)
    return sum(1 for _ in islice(found, least)) >= least


def _lines(text_page: PdfTextPage) -> Iterator[Line]:
    text = text_page.get_text_range()
    boxed = len(text) == text_page.count_chars()  # characters beyond U+FFFF shift the offsets: no places then
    start = 0
    for end in (*_LINE_END.finditer(text), None):
        stop = end.start() if end else len(text)
        if text[start:stop].strip():
            yield _line(text_page, text, start, stop) if boxed else Line(_mend(text[start:stop]), 0, 0, 0, 0)
        start = end.end() if end else stop


def _line(text_page: PdfTextPage, text: str, start: int, stop: int) -> Line:
    first = start + len(text[start:stop]) - len(text[start:stop].lstrip())
    last = start + len(text[start:stop].rstrip()) - 1
    word_end = first + len(text[first : last + 1].split(None, 1)[0]) - 1
    left, bottom, _, top = text_page.get_charbox(first, loose=True)
    right = text_page.get_charbox(last, loose=True)[2]
    first_word = text_page.get_charbox(word_end, loose=True)[2] - left
    return Line(_mend(text[first : last + 1]), left, right, bottom, top, first_word)


def _mend(text: str) -> str:
    return text.replace("\0", "").translate(LIGATURES)


def _find_tables(path: Path, pages: Sequence[Page], ruled: set[int]) -> dict[int, list[Table]]:
    """The question-and-answer tables by page number; one that runs on keeps the names of the page before."""
    found: dict[int, list[Table]] = {}
    names: list[str] = []
    for page in pages:
        if page.number not in ruled or not (names or _may_hold_questions(page)):
            names = []
            continue
        tables = _tables_on(path, page, names)
        names = tables[-1].names if tables else []
        if tables:
            found[page.number] = tables
    return found


def _may_hold_questions(page: Page) -> bool:
    words = {word.lower() for line in page.lines for word in re.findall(r"\w{2,}", line.text)}
    return any(map(_ASKS.fullmatch, words)) and any(map(_ANSWERS.fullmatch, words))


def _tables_on(path: Path, page: Page, names: list[str]) -> list[Table]:
    import pdfplumber
    from pdfminer.psexceptions import PSException
    from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)  # it reports oddities of fonts on the screen
    try:
        with (
            damage_refused(path, "PDF", PSException, MalformedPDFException, PdfminerException),
            pdfplumber.open(path, pages=[page.number]) as document,
        ):
            return [table for sheet in document.pages for table in _question_tables(sheet, names)]
    except IngestionError:
        return []  # the text of these pages is in hand; only the table's form is lost


def _question_tables(sheet: PlumberPage, names: list[str]) -> Iterator[Table]:
    for table in sheet.find_tables():
        rows = [[clean(cell or "") for cell in row] for row in table.extract(x_tolerance_ratio=0.15)]
        header = column_names(rows[0]) if rows else []
        if _asks_and_answers(header):
            names, rows = header, rows[1:]
        if rows and len(rows[0]) == len(names):
            _, top, _, bottom = table.bbox
            yield Table(float(sheet.height) - bottom, float(sheet.height) - top, names, rows)


def _asks_and_answers(names: Sequence[str]) -> bool:
    return any(map(_ASKS.fullmatch, names)) and any(map(_ANSWERS.fullmatch, names))


def _pieces(pages: Sequence[Page], tables: dict[int, list[Table]]) -> Iterator[Piece]:
    body = body_height(pages)
    for page in pages:
        rest = list(page.lines)
        for table in tables.get(page.number, ()):
            inside = [line for line in rest if table.bottom <= (line.bottom + line.top) / 2 <= table.top]
            before = rest[: rest.index(inside[0])] if inside else []
            yield from paragraphs(replace(page, lines=tuple(before)), body)
            yield from _rows(table, page.number)
            rest = [line for line in rest[len(before) :] if line not in inside]
        yield from paragraphs(replace(page, lines=tuple(rest)), body)


def _rows(table: Table, page: int) -> Iterator[Piece]:
    gap = NEW_BLOCK
    for row in table.rows:
        yield row_piece(table.names, [" ".join(value.split()) for value in row], f"page {page}", gap)
        gap = SAME_TABLE
