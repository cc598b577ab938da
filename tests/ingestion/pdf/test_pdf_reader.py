"""The PDF reader: paragraphs from printed lines, furniture, image pages, encrypted, damaged and hostile files."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib import pdfencrypt
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate

from src.errors import IngestionError
from src.ingestion.document_reader import read_document
from src.ingestion.pdf.pdf_reader import read
from src.ingestion.pieces import ReadOptions, Remarks
from tests.ingestion.support import reading

STYLES = getSampleStyleSheet()
BODY = ParagraphStyle("body", fontSize=11, leading=14, spaceAfter=8)
LONG = "The quick brown fox jumps over the lazy dog while nobody in the whole wide valley is looking at it. " * 3


def build(path: Path, *story: Flowable) -> Path:
    SimpleDocTemplate(str(path), pagesize=A4).build(list(story))
    return path


def lines_pdf(
    path: Path, pages: list[list[str]], encrypt: pdfencrypt.StandardEncryption | None = None, footer: str = ""
) -> Path:
    canvas = Canvas(str(path), pagesize=A4, encrypt=encrypt)
    for page, lines in enumerate(pages, start=1):
        for number, line in enumerate(lines):
            canvas.drawString(72, 760 - 15 * number, line)
        canvas.drawString(290, 30, footer.format(page))
        canvas.showPage()
    canvas.save()
    return path


def test_wrapped_lines_are_joined_and_paragraphs_kept_apart(tmp_path: Path) -> None:
    path = build(
        tmp_path / "a.pdf", Paragraph("Setup", STYLES["Heading1"]), Paragraph(LONG, BODY), Paragraph(LONG, BODY)
    )

    blocks = read_document(path, tmp_path).blocks

    assert [(block.kind, block.place, block.text) for block in blocks] == [
        ("heading", "page 1", "Setup"),
        ("paragraph", "page 1", LONG.strip()),
        ("paragraph", "page 1", LONG.strip()),
    ]


def test_short_lines_and_labels_stay_on_lines_of_their_own(tmp_path: Path) -> None:
    lines = ["Q: Which of the many machines in the shop is the right one for me?", "A: The small one.", "Ask again."]

    assert read_document(lines_pdf(tmp_path / "a.pdf", [lines]), tmp_path).text == "\n".join(lines)


def test_a_word_hyphenated_at_the_line_end_is_joined(tmp_path: Path) -> None:
    lines = ["A long line about the care of an espresso ma-", "chine that ends here and then it says Anglo-", "Saxon."]

    text = read_document(lines_pdf(tmp_path / "a.pdf", [lines]), tmp_path).text

    assert "espresso machine that" in text
    assert "Anglo-Saxon" in text


def test_running_footers_are_left_out_with_a_note(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    for number, word in enumerate(("alpha", "beta", "gamma"), start=1):
        canvas.drawString(72, 700, f"Only page {word} says this.")
        canvas.drawString(72, 30, f"Manual - page {number}")
        canvas.showPage()
    canvas.save()

    found = reading(read, tmp_path / "a.pdf")

    assert [piece.text for piece in found.pieces] == [f"Only page {w} says this." for w in ("alpha", "beta", "gamma")]
    assert [piece.place for piece in found.pieces] == ["page 1", "page 2", "page 3"]
    assert found.notes == ("3 running header and footer lines left out",)


def test_headers_and_footers_stay_when_asked_for(tmp_path: Path) -> None:
    path = lines_pdf(tmp_path / "a.pdf", [[f"Body {n}."] for n in range(4)], footer="Manual")

    assert reading(read, path).text.count("Manual") == 0
    assert reading(read, path, ReadOptions(headers_footers=True)).text.count("Manual") == 4


def test_a_long_document_is_given_in_order_without_its_page_numbers(tmp_path: Path) -> None:
    path = lines_pdf(tmp_path / "a.pdf", [[f"Body of page {n}."] for n in range(1, 131)], footer="- {} -")

    found = reading(read, path)

    assert [piece.text for piece in found.pieces] == [f"Body of page {n}." for n in range(1, 131)]
    assert found.notes == ("130 running header and footer lines left out",)


def test_pieces_come_before_the_last_page_is_read(tmp_path: Path) -> None:
    path = lines_pdf(tmp_path / "a.pdf", [[f"Body of page {n}."] for n in range(1, 131)])
    pieces = read(path, ReadOptions(), Remarks())

    assert next(pieces).text == "Body of page 1."
    pieces.close()


def image_page(canvas: Canvas) -> None:
    canvas.drawInlineImage(Image.new("RGB", (20, 20), "red"), 100, 100, 200, 200)
    canvas.showPage()


def test_pages_of_images_are_told_one_by_one(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    for number in range(1, 7):
        if number in (2, 5, 6):
            image_page(canvas)
        else:
            canvas.drawString(72, 700, f"The text of page {number} is here.")
            canvas.showPage()
    canvas.save()

    assert reading(read, tmp_path / "a.pdf").warnings == (
        "3 of 6 pages are images without text (pages 2, 5-6); run OCR first, or set ingestion.ocr: true with "
        "tesseract installed",
    )


def test_a_scan_is_refused_with_the_way_out(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "scan.pdf"))
    image_page(canvas)
    canvas.save()

    with pytest.raises(IngestionError, match=r"scan\.pdf holds no text.*run OCR") as refused:
        reading(read, tmp_path / "scan.pdf")
    assert refused.value.status == "needs_ocr"


def locked_pdf(path: Path) -> Path:
    return lines_pdf(path, [["text"]], pdfencrypt.StandardEncryption("secret", ownerPassword="owner"))


@pytest.mark.parametrize("safe", [False, True])
def test_an_encrypted_file_is_refused_with_the_way_out(tmp_path: Path, safe: bool) -> None:
    path = locked_pdf(tmp_path / "locked.pdf")

    with pytest.raises(IngestionError, match=r"is encrypted; give its password in .* ingestion\.passwords") as refused:
        reading(read, path, ReadOptions(safe=safe))
    assert refused.value.status == "encrypted"
    with pytest.raises(IngestionError, match="password given does not open it"):
        reading(read, path, ReadOptions(password="wrong", safe=safe))


@pytest.mark.parametrize("safe", [False, True])
def test_an_encrypted_file_opens_with_its_password(tmp_path: Path, safe: bool) -> None:
    path = locked_pdf(tmp_path / "locked.pdf")

    assert reading(read, path, ReadOptions(password="secret", safe=safe)).text == "text"


def test_a_file_that_only_restricts_printing_is_read(tmp_path: Path) -> None:
    restricted = pdfencrypt.StandardEncryption("", ownerPassword="owner", canPrint=0)
    path = lines_pdf(tmp_path / "a.pdf", [["text"]], restricted)

    assert read_document(path, tmp_path).text == "text"
    assert reading(read, path, ReadOptions(password="needless")).text == "text"


def test_an_empty_page_between_is_no_problem(tmp_path: Path) -> None:
    path = build(tmp_path / "a.pdf", Paragraph("One", BODY), PageBreak(), PageBreak(), Paragraph("Two", BODY))

    assert reading(read, path).warnings == ()
    assert read_document(path, tmp_path).text == "One\n\nTwo"


def test_a_turned_page_is_read_as_it_is_looked_at(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    for turned in (0, 90, 180, 270):
        canvas.setPageRotation(turned)
        width, height = A4 if turned % 180 == 0 else A4[::-1]
        canvas.translate(*{0: (0, 0), 90: (A4[0], 0), 180: A4, 270: (0, A4[1])}[turned])
        canvas.rotate(turned)
        canvas.drawString(72, height - 100, "A line that is long enough to be full, so that what comes is")
        canvas.drawString(72, height - 115, "joined to it.")
        canvas.drawString(width - 200, height - 300, "Another paragraph.")
        canvas.showPage()
    canvas.save()

    found = [(piece.place, piece.text) for piece in reading(read, tmp_path / "a.pdf").pieces]

    first = "A line that is long enough to be full, so that what comes is joined to it."
    assert found == [(f"page {n}", text) for n in (1, 2, 3, 4) for text in (first, "Another paragraph.")]


def with_meanings(path: Path, meanings: str, shown: str) -> Path:
    """A page whose font says by a ToUnicode map what its letters mean."""
    cmap = "begincmap 1 begincodespacerange <00> <ff> endcodespacerange " + meanings + " endcmap"
    content = f"BT /F1 12 Tf 72 700 Td ({shown}) Tj 0 -60 Td (second) Tj ET"
    return hand_made(
        path,
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 5 0 R/Resources<</Font<</F1 4 0 R>>>>>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
        f"<</Length {len(content)}>>stream\n{content}\nendstream",
        f"<</Length {len(cmap)}>>stream\n{cmap}\nendstream",
    )


def hand_made(path: Path, *objects: str) -> Path:
    """A PDF of one page, which is the first of the objects; they are numbered from 3."""
    body = b"%PDF-1.4\n"
    starts = []
    for number, one in enumerate(
        ("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", *objects), start=1
    ):
        starts.append(len(body))
        body += f"{number} 0 obj{one}endobj\n".encode("latin-1")
    table = "".join(f"{start:010d} 00000 n \n" for start in starts)
    size = len(starts) + 1
    end = (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF"
    )
    path.write_bytes(body + end.encode())
    return path


def test_letters_beyond_the_first_plane_do_not_shift_the_rest(tmp_path: Path) -> None:
    path = with_meanings(tmp_path / "a.pdf", "1 beginbfchar <41> <D835DC4E> endbfchar", "AAA b AA")

    assert [piece.text for piece in reading(read, path).pieces] == [
        "\U0001d44e\U0001d44e\U0001d44e b \U0001d44e\U0001d44e",
        "second",
    ]


def test_ligatures_are_written_as_letters(tmp_path: Path) -> None:
    path = with_meanings(tmp_path / "a.pdf", "1 beginbfchar <41> <FB03> endbfchar", "oAce")

    assert reading(read, path).pieces[0].text == "office"


def test_letters_without_a_meaning_are_told(tmp_path: Path) -> None:
    path = with_meanings(tmp_path / "a.pdf", "1 beginbfchar <41> <E001> endbfchar", "AAA")

    assert "do not say what" in reading(read, path).warnings[0]


def test_a_damaged_page_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    path = hand_made(
        tmp_path / "a.pdf",
        "<</Type/Pages/Parent 2 0 R/Kids[4 0 R 5 0 R]/Count 2>>",
        "<</Type/Page/Parent 3 0 R/MediaBox[0 0 600 800]/Contents 6 0 R/Resources<</Font<</F1 7 0 R>>>>>>",
        "(no page at all)",
        "<</Length 39>>stream\nBT /F1 12 Tf 72 700 Td (whole) Tj ET   \nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    path.write_bytes(path.read_bytes().replace(b"Kids[3 0 R]/Count 1", b"Kids[3 0 R]/Count 2"))

    found = reading(read, path)

    assert found.text == "whole"
    assert found.warnings == ("page 2 is damaged and was left out",)


def test_a_cut_off_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "cut.pdf").write_bytes(b"%PDF-1.4\n1 0 obj<</Type/Catalog")

    for safe in (False, True):
        with pytest.raises(IngestionError, match=r"cut\.pdf is damaged"):
            reading(read, tmp_path / "cut.pdf", ReadOptions(safe=safe))


def test_the_safe_engine_gives_the_same_words(tmp_path: Path) -> None:
    lines = ["A long line about the care of an espresso ma-", "chine that ends here and then it says Anglo-", "Saxon."]
    path = lines_pdf(tmp_path / "a.pdf", [lines])

    safe = reading(read, path, ReadOptions(safe=True))

    assert safe.text == reading(read, path).text
    assert safe.warnings == ("read with the slower, safer engine, which knows no tables",)
