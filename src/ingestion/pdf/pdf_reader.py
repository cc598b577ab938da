"""Read a PDF page by page: paragraphs and headings in reading order, tables as Markdown rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from src.ingestion.pdf import safe_reader
from src.ingestion.pdf.bombs import refuse_bomb
from src.ingestion.pdf.columns import reading_order
from src.ingestion.pdf.findings import Findings
from src.ingestion.pdf.furniture import Furniture
from src.ingestion.pdf.hyphens import HyphenatedWords
from src.ingestion.pdf.layout import BodyHeight, Line, Page, Table, paragraphs
from src.ingestion.pdf.ocr import Ocr
from src.ingestion.pdf.page_lines import PageText
from src.ingestion.pdf.pdfium import LOCK, OpenPage, open_document, open_page
from src.ingestion.pdf.tables.aligned import aligned_tables
from src.ingestion.pdf.tables.drawn_lines import ruling_lines
from src.ingestion.pdf.tables.ruled import ruled_tables
from src.ingestion.pdf.tables.writer import TableWriter
from src.ingestion.pieces import Piece, ReadOptions, Remarks, damage_refused

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

# So many pages are held before the first is given, and of the rest so many at a time.
_FIRST_WINDOW = 40
_WINDOW = 10
_LEARNT_OF = 3  # of the later pages every third tells how high the body's lines are
_IMAGE_PAGE = 20  # characters: a page of images has fewer (facts, 2026-11-21)
_MOST_GUTTERS = 2  # between columns of prose; where tables are not asked for, rows with more gaps are left as they are
_IMAGE = 3  # FPDF_PAGEOBJ_IMAGE


def read(path: Path, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """Paragraphs, headings and table rows with place "page N"; words parted at a line's end and lines are mended.

    Running headers and footers are left out, with a note. Pages that are images are told, or read by tesseract when
    `options.ocr` asks for it. With `options.safe`, pdfplumber reads the text, without tables.
    """
    return _Reading(path, options, remarks, with_tables=True).pieces()


def read_without_tables(path: Path, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """The same with the lines of tables as text, as PDFium alone gives them: for the benchmark beside it."""
    return _Reading(path, options, remarks, with_tables=False).pieces()


class _Reading:
    """One document on its way from pages to pieces, and what has been learnt of it so far."""

    def __init__(self, path: Path, options: ReadOptions, remarks: Remarks, *, with_tables: bool) -> None:
        self._path = path
        self._options = options
        self._remarks = remarks
        self._with_tables = with_tables
        self._findings = Findings(path)
        self._hyphenated = HyphenatedWords()
        self._body = BodyHeight()
        self._furniture = Furniture()
        self._tables = TableWriter()
        self._ocr = Ocr(options.ocr_languages) if options.ocr else None

    def pieces(self) -> Iterator[Piece]:
        with damage_refused(self._path, "PDF"):
            refuse_bomb(self._path)
        if self._options.safe:
            self._remarks.warn("read with the slower, safer engine, which knows no tables")
        holds_text = False
        for window in _windows(self._safe_pages() if self._options.safe else self._pages()):
            for piece in self._pieces_of_window(window):
                if piece.text:
                    holds_text = True
                    yield piece
        if self._ocr:
            self._findings.ocr_trouble = self._ocr.trouble or "tesseract found no text on them"
        self._findings.tell(self._remarks)
        if not holds_text:
            raise self._findings.no_text()

    def _pieces_of_window(self, window: Sequence[Page | list[Piece]]) -> Iterator[Piece]:
        pages = [page for page in window if isinstance(page, Page)]
        for page in pages if self._findings.pages <= _FIRST_WINDOW or len(window) > _WINDOW else pages[::_LEARNT_OF]:
            self._body.learn(page)
        if not self._options.headers_footers:
            self._furniture.learn(pages)
        body = self._body.points
        for entry in window:
            if isinstance(entry, Page):
                yield from self._pieces_of_page(entry, body)
            else:
                yield from entry

    def _pieces_of_page(self, page: Page, body: float) -> Iterator[Piece]:
        page, dropped = self._furniture.strip(page)
        self._findings.dropped += dropped
        place = f"page {page.number}"
        done = 0
        for at, table in (*page.tables, (len(page.lines), None)):
            if at > done:
                self._tables.text_follows()
                yield from paragraphs(page.lines[done:at], body, place, self._hyphenated)
                done = at
            if table:
                yield from self._tables.pieces(table, place)

    def _pages(self) -> Iterator[Page | list[Piece]]:
        """The pages one by one; one that was read by OCR as its pieces."""
        with damage_refused(self._path, "PDF"), open_document(self._path, self._options.password) as document:
            with LOCK:
                count = len(document)
            self._findings.set_pages(count)
            for number in range(1, count + 1):
                page = self._page(document, number)
                if page is not None:
                    yield self._recognised(document, number) or page

    def _page(self, document: PdfDocument, number: int) -> Page | None:
        import pypdfium2

        with LOCK:
            try:
                with open_page(document, number) as opened:
                    return self._read_page(opened, number)
            except pypdfium2.PdfiumError:
                self._findings.damaged.append(number)
                return None

    def _read_page(self, opened: OpenPage, number: int) -> Page:
        text = PageText(opened)
        if len(text.text.strip()) < _IMAGE_PAGE and any(kind == _IMAGE for kind, _ in opened.kinds()):
            self._findings.images.append(number)
        self._findings.count(text.text)
        self._hyphenated.learn(text.text)
        edges = ruling_lines(opened) if self._with_tables else []
        items = ruled_tables(text, edges, self._hyphenated) if edges else text.lines
        lines = [item for item in items if isinstance(item, Line)] if edges else text.lines
        parted = text.with_parts(lines, math.inf if self._with_tables else _MOST_GUTTERS)
        if not parted and len(lines) == len(items):
            return Page(number, opened.height, reading_order(lines))
        items = [parted.get(id(item), item) for item in items]
        ordered = [item for run in _runs(items) for item in run]
        return _page_of(number, opened.height, aligned_tables(ordered) if self._with_tables else ordered)

    def _recognised(self, document: PdfDocument, number: int) -> list[Piece]:
        """What tesseract reads on a page of images; empty for other pages, and without OCR."""
        if not self._ocr or self._findings.images[-1:] != [number]:
            return []
        pieces = self._ocr.read_page(document, number)
        if pieces:
            self._findings.images.pop()
            self._findings.recognised += 1
        return pieces

    def _safe_pages(self) -> Iterator[Page]:
        for page in safe_reader.pages(self._path, self._options.password):
            self._findings.set_pages(page.number)
            text = "\n".join(line.text for line in page.lines)
            self._findings.count(text)
            self._hyphenated.learn(text)
            yield page


def _windows(pages: Iterable[Page | list[Piece]]) -> Iterator[list[Page | list[Piece]]]:
    window: list[Page | list[Piece]] = []
    size = _FIRST_WINDOW
    for page in pages:
        window.append(page)
        if len(window) == size:
            yield window
            window, size = [], _WINDOW
    if window:
        yield window


def _runs(items: Sequence[Line | Table]) -> Iterator[Sequence[Line | Table]]:
    """The lines between tables in reading order, and the tables."""
    for is_table, run in groupby(items, lambda item: isinstance(item, Table)):
        found = list(run)
        yield found if is_table else reading_order(found)  # type: ignore[arg-type]


def _page_of(number: int, height: float, items: Sequence[Line | Table]) -> Page:
    lines: list[Line] = []
    tables: list[tuple[int, Table]] = []
    for item in items:
        if isinstance(item, Table):
            tables.append((len(lines), item))
        else:
            lines.append(item)
    return Page(number, height, lines, tables)
