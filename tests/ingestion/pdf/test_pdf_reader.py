"""The PDF reader: paragraphs from printed lines, question tables, image pages, encrypted files."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib import pdfencrypt
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Table, TableStyle

from src.errors import IngestionError
from src.ingestion.file_processor import read_document
from src.ingestion.pdf.pdf_reader import read

STYLES = getSampleStyleSheet()
BODY = ParagraphStyle("body", fontSize=11, leading=14, spaceAfter=8)
LONG = "The quick brown fox jumps over the lazy dog while nobody in the whole wide valley is looking at it. " * 3
GRID = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, "black"), ("VALIGN", (0, 0), (-1, -1), "TOP")])


def build(path: Path, *story: Flowable) -> Path:
    SimpleDocTemplate(str(path), pagesize=A4).build(list(story))
    return path


def lines_pdf(path: Path, pages: list[list[str]], encrypt: pdfencrypt.StandardEncryption | None = None) -> Path:
    canvas = Canvas(str(path), pagesize=A4, encrypt=encrypt)
    for lines in pages:
        for number, line in enumerate(lines):
            canvas.drawString(72, 760 - 15 * number, line)
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

    reading = read(tmp_path / "a.pdf")

    assert [piece.text for piece in reading.pieces] == [f"Only page {w} says this." for w in ("alpha", "beta", "gamma")]
    assert [piece.place for piece in reading.pieces] == ["page 1", "page 2", "page 3"]
    assert reading.notes == ("3 running header and footer lines left out",)


def question_table(rows: int) -> Table:
    cells = [[Paragraph(f"What is {n}?", BODY), Paragraph(f"It is number {n}, of course.", BODY)] for n in range(rows)]
    return Table([["Question", "Answer"], *cells], colWidths=[150, 250], style=GRID)


def test_a_table_of_questions_becomes_rows_and_stands_once(tmp_path: Path) -> None:
    path = build(tmp_path / "a.pdf", Paragraph("Before it.", BODY), question_table(4), Paragraph("After it.", BODY))

    document = read_document(path, tmp_path)

    assert [block.kind for block in document.blocks] == ["paragraph", "row", "row", "row", "row", "paragraph"]
    assert document.blocks[1].text == "Question: What is 0?\nAnswer: It is number 0, of course."
    assert document.text.count("What is 2?") == 1
    assert (document.blocks[0].text, document.blocks[-1].text) == ("Before it.", "After it.")


def test_a_table_of_questions_runs_on_over_pages(tmp_path: Path) -> None:
    document = read_document(build(tmp_path / "a.pdf", question_table(60)), tmp_path)

    assert [block.kind for block in document.blocks] == ["row"] * 60
    assert document.blocks[-1].place != "page 1"


def test_any_other_table_stays_text(tmp_path: Path) -> None:
    table = Table([["Name", "Price"], ["One", "449"], ["Duo", "1095"]], colWidths=[150, 250], style=GRID)

    document = read_document(build(tmp_path / "a.pdf", table), tmp_path)

    assert {block.kind for block in document.blocks} == {"paragraph"}
    assert "One 449" in document.text


def image_page(canvas: Canvas) -> None:
    canvas.drawInlineImage(Image.new("RGB", (20, 20), "red"), 100, 100, 200, 200)
    canvas.showPage()


def test_pages_of_images_are_counted(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.drawString(72, 700, "Some text.")
    canvas.showPage()
    image_page(canvas)
    image_page(canvas)
    canvas.save()

    reading = read(tmp_path / "a.pdf")

    assert reading.warnings == ("2 of 3 pages are images without text; run OCR first",)


def test_a_scan_is_refused_with_the_way_out(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "scan.pdf"))
    image_page(canvas)
    canvas.save()

    with pytest.raises(IngestionError, match=r"scan\.pdf holds no text.*run OCR"):
        read(tmp_path / "scan.pdf")


def test_an_encrypted_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    locked = pdfencrypt.StandardEncryption("secret", ownerPassword="owner")
    path = lines_pdf(tmp_path / "locked.pdf", [["text"]], locked)

    with pytest.raises(IngestionError, match="encrypted; save a copy without a password"):
        read(path)


def test_a_file_that_only_restricts_printing_is_read(tmp_path: Path) -> None:
    restricted = pdfencrypt.StandardEncryption("", ownerPassword="owner", canPrint=0)

    assert read_document(lines_pdf(tmp_path / "a.pdf", [["text"]], restricted), tmp_path).text == "text"


def test_an_empty_page_between_is_no_problem(tmp_path: Path) -> None:
    path = build(tmp_path / "a.pdf", Paragraph("One", BODY), PageBreak(), PageBreak(), Paragraph("Two", BODY))

    assert read(path).warnings == ()
    assert read_document(path, tmp_path).text == "One\n\nTwo"
