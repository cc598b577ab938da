"""Read a PDF with pdfplumber: forty times slower, but what it does not stand is an exception, never a crash."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.errors import IngestionError
from src.ingestion.pdf.bombs import MAX_PAGES
from src.ingestion.pdf.hyphens import HYPHENS
from src.ingestion.pdf.layout import Line, Page
from src.ingestion.pdf.page_lines import mended
from src.ingestion.pdf.pdfium import encrypted
from src.ingestion.pieces import damage_refused

if TYPE_CHECKING:
    from pdfplumber.page import Page as PlumberPage
    from pdfplumber.pdf import PDF

_MAX_FORMS = 2000  # drawn on one page, those inside of others counted each time
_MAX_DEPTH = 20  # of forms inside of forms
_PARTED = re.compile(r"(?<=[^\W\d_])[-\u2010]$")
_DRAWS = re.compile(rb"/([^\s/<>\[\]()]+)\s+Do\b")


def pages(path: Path, password: str) -> Iterator[Page]:
    """The pages with their lines. pdfplumber's own order of text and width of a space would mix columns and glue words.

    Raises IngestionError on damage, and for forms that are drawn inside of each other too often.
    """
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfminer.psexceptions import PSException
    from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)  # it reports oddities of fonts on the screen
    with damage_refused(path, "PDF", PSException, MalformedPDFException, PdfminerException):
        try:
            document = pdfplumber.open(path, password=password)
        except PdfminerException as error:
            if any(isinstance(reason, PDFPasswordIncorrect) for reason in (*error.args, error.__cause__)):
                raise encrypted(path, password) from error
            raise
        with document:
            _refuse_pages(path, document)
            for page in document.pages:
                _refuse_forms(path, page)
                yield Page(page.page_number, float(page.height), tuple(_lines(page)))
                page.close()


def _refuse_pages(path: Path, document: PDF) -> None:
    """pdfplumber lists all pages at once, and passes over those that come twice without a word."""
    from pdfminer.pdftypes import resolve1

    tree = resolve1(document.doc.catalog.get("Pages"))
    count = resolve1(tree.get("Count")) if isinstance(tree, dict) else None
    if isinstance(count, int) and count > MAX_PAGES:
        raise IngestionError(f"{path.name} has more than {MAX_PAGES:,} pages; split it into smaller files.", "refused")


def _lines(page: PlumberPage) -> Iterator[Line]:
    words = page.extract_words(use_text_flow=True, x_tolerance_ratio=0.15)
    run: list[dict[str, Any]] = []
    for before, word in pairwise([None, *words]):
        if before and word and not _is_next(before, word):
            yield _line(run, float(page.height))
            run = []
        if word:
            run.append(word)
    if run:
        yield _line(run, float(page.height))


def _is_next(before: dict[str, Any], word: dict[str, Any]) -> bool:
    """Whether the word stands on the same printed line, to the right."""
    overlap = min(before["bottom"], word["bottom"]) - max(before["top"], word["top"])
    height = before["bottom"] - before["top"]
    return bool(overlap > 0.5 * height and -0.3 * height < word["x0"] - before["x1"] < 2 * height)


def _line(words: Sequence[dict[str, Any]], height: float) -> Line:
    text = _PARTED.sub(HYPHENS[0], mended(" ".join(word["text"] for word in words)))
    bottom, top = height - max(word["bottom"] for word in words), height - min(word["top"] for word in words)
    first = words[0]
    return Line(text, first["x0"], words[-1]["x1"], bottom, top, first["x1"] - first["x0"])


def _refuse_forms(path: Path, page: PlumberPage) -> None:
    from pdfminer.pdftypes import resolve1

    content = b"".join(_contents(page.page_obj.contents))
    if _forms_drawn(resolve1(page.page_obj.resources), content, {}, 0) > _MAX_FORMS:
        raise IngestionError(
            f"{path.name} draws forms inside of forms without end on page {page.page_number}; print it to a new PDF.",
            "refused",
        )


def _contents(streams: Sequence[Any]) -> Iterator[bytes]:
    from pdfminer.pdftypes import PDFStream, resolve1

    for stream in map(resolve1, streams):
        if isinstance(stream, PDFStream):
            yield stream.get_data()


def _forms_drawn(resources: Any, content: bytes, known: dict[int, int], depth: int) -> int:
    """How many forms a stream draws, or more than the limit. A form that draws itself has no number."""
    from pdfminer.pdftypes import PDFStream, resolve1

    if depth > _MAX_DEPTH:
        return _MAX_FORMS + 1
    forms = resolve1(resources.get("XObject")) if isinstance(resources, dict) else None
    if not isinstance(forms, dict):
        return 0
    total = 0
    for found in _DRAWS.finditer(content):
        form = resolve1(forms.get(found.group(1).decode("latin-1")))
        if not isinstance(form, PDFStream) or getattr(form.get("Subtype"), "name", "") != "Form":
            continue
        if id(form) not in known:
            known[id(form)] = 0  # pdfminer does not enter a form that it is in
            inner = resolve1(form.get("Resources")) or resources
            known[id(form)] = _forms_drawn(inner, form.get_data(), known, depth + 1)
        total += 1 + known[id(form)]
        if total > _MAX_FORMS:
            break
    return total
