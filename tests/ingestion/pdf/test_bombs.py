"""PDFs that would unpack to gigabytes, draw without end or count pages they have not."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from src.errors import IngestionError
from src.ingestion.pdf.bombs import refuse_bomb
from src.ingestion.pdf.pdf_reader import read
from src.ingestion.pieces import ReadOptions
from tests.ingestion.support import reading

SHOWS = b"BT /F1 12 Tf 10 10 Td (Hello) Tj ET\n"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 5 0 R/Resources<</Font<</F1 3 0 R>>%s>>>>"
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), entries, content)


def pdf(path: Path, content: bytes, *more: bytes, kids: bytes = b"4 0 R", count: int = 1, forms: bytes = b"") -> Path:
    pages = b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count)
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", pages, FONT, PAGE % forms, content, *more]
    body = b"%PDF-1.4\n"
    starts = []
    for number, one in enumerate(objects, start=1):
        starts.append(len(body))
        body += b"%d 0 obj%s\nendobj\n" % (number, one)
    rows = b"".join(b"%010d 00000 n \n" % start for start in starts)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    path.write_bytes(body + end % (len(objects) + 1, rows, len(objects) + 1, len(body)))
    return path


def packed(content: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        content = zlib.compress(content, 9)
    return stream(content, b"/Filter[%s]" % (b"/FlateDecode" * times))


@pytest.mark.parametrize("times", [1, 2])
def test_a_stream_that_unpacks_to_gigabytes_is_refused(tmp_path: Path, times: int) -> None:
    path = pdf(tmp_path / "bomb.pdf", packed(b" " * (80 * 2**20), times))

    with pytest.raises(IngestionError, match=r"bomb\.pdf holds a stream that unpacks to more than 64 MB") as refused:
        reading(read, path)
    assert refused.value.status == "refused"


def test_millions_of_text_operators_are_refused(tmp_path: Path) -> None:
    with pytest.raises(IngestionError, match="more than 500,000 pieces of text") as refused:
        reading(read, pdf(tmp_path / "many.pdf", packed(SHOWS * 600_000)))
    assert refused.value.status == "refused"


def test_a_large_image_is_no_bomb(tmp_path: Path) -> None:
    image = stream(zlib.compress(b" " * (80 * 2**20)), b"/Type/XObject/Subtype/Image/Filter/FlateDecode")

    refuse_bomb(pdf(tmp_path / "a.pdf", stream(SHOWS), image))


def test_more_pages_than_any_document_has_are_refused(tmp_path: Path) -> None:
    path = pdf(tmp_path / "pages.pdf", stream(SHOWS), kids=b"4 0 R " * 20_001, count=20_001)

    for safe in (False, True):
        with pytest.raises(IngestionError, match="more than 20,000 pages; split it") as refused:
            reading(read, path, ReadOptions(safe=safe))
        assert refused.value.status == "refused"


def form(draws: bytes, named: bytes) -> bytes:
    return stream(
        draws, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</Font<</F1 3 0 R>>/XObject<<%s>>>>" % named
    )


def test_the_safe_engine_reads_beside_a_form_that_draws_itself(tmp_path: Path) -> None:
    # PDFium ends the whole process on this file, so it is read in safe mode only.
    path = pdf(
        tmp_path / "a.pdf", stream(b"/X Do " + SHOWS), form(b"/X Do /X Do", b"/X 6 0 R"), forms=b"/XObject<</X 6 0 R>>"
    )

    assert reading(read, path, ReadOptions(safe=True)).text == "Hello"


def test_the_safe_engine_refuses_forms_that_double_without_end(tmp_path: Path) -> None:
    forms = [form(b"/X Do /X Do", b"/X %d 0 R" % (number + 1)) for number in range(6, 36)]
    path = pdf(tmp_path / "a.pdf", stream(b"/X Do"), *forms, form(SHOWS, b""), forms=b"/XObject<</X 6 0 R>>")

    with pytest.raises(IngestionError, match="forms inside of forms without end on page 1") as refused:
        reading(read, path, ReadOptions(safe=True))
    assert refused.value.status == "refused"
