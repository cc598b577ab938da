"""Tables in PDFs: ruled and borderless ones as Markdown rows, and what only looks like a table."""

from __future__ import annotations

from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table, TableStyle

from src.ingestion.document_reader import read_document
from src.ingestion.pdf.pdf_reader import read
from src.ingestion.pieces import Piece
from tests.ingestion.support import reading

BODY = ParagraphStyle("body", fontSize=11, leading=14, spaceAfter=8)
GRID = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, "black"), ("VALIGN", (0, 0), (-1, -1), "TOP")])
PRICES = [["Name", "Price"], ["Finch One", "449"], ["Finch Duo", "1095"], ["Grinder", "229"]]


def build(path: Path, *story: Flowable) -> Path:
    SimpleDocTemplate(str(path), pagesize=A4).build(list(story))
    return path


def kinds(pieces: tuple[Piece, ...]) -> list[str]:
    return [piece.kind for piece in pieces]


def named(piece: Piece) -> dict[str, str]:
    return {cell.name: piece.text[cell.start : cell.end] for cell in piece.cells}


def question_table(rows: int, repeat: int = 0) -> Table:
    cells = [[Paragraph(f"What is {n}?", BODY), Paragraph(f"It is number {n}, of course.", BODY)] for n in range(rows)]
    return Table([["Question", "Answer"], *cells], colWidths=[150, 250], style=GRID, repeatRows=repeat)


def test_a_ruled_table_is_a_markdown_table_and_stands_once(tmp_path: Path) -> None:
    table = Table(PRICES, colWidths=[150, 250], style=GRID)
    path = build(tmp_path / "a.pdf", Paragraph("Before it.", BODY), table, Paragraph("After it.", BODY))

    assert read_document(path, tmp_path).text == (
        "Before it.\n\n"
        "| Name | Price |\n| --- | --- |\n| Finch One | 449 |\n| Finch Duo | 1095 |\n| Grinder | 229 |\n\n"
        "After it."
    )


def test_cells_point_at_the_values_of_their_columns(tmp_path: Path) -> None:
    found = reading(read, build(tmp_path / "a.pdf", question_table(3))).pieces

    assert kinds(found) == ["table", "row", "row", "row"]
    assert named(found[2]) == {"Question": "What is 1?", "Answer": "It is number 1, of course."}


def test_a_table_runs_on_over_pages_with_its_names(tmp_path: Path) -> None:
    found = reading(read, build(tmp_path / "a.pdf", question_table(60))).pieces

    assert kinds(found) == ["table"] + ["row"] * 60
    assert named(found[-1]) == {"Question": "What is 59?", "Answer": "It is number 59, of course."}
    assert found[-1].place != "page 1"


def test_a_header_that_comes_back_on_each_page_stays(tmp_path: Path) -> None:
    found = reading(read, build(tmp_path / "a.pdf", question_table(60, repeat=1)))

    assert kinds(found.pieces).count("row") == 60
    assert found.text.count("| Question | Answer |") == kinds(found.pieces).count("table") > 1
    assert found.notes == ()


def test_bars_and_line_ends_in_cells_do_not_break_the_row(tmp_path: Path) -> None:
    table = Table([["Key", "Use"], ["a|b", "first\nsecond"], ["c", "d"]], colWidths=[150, 250], style=GRID)

    found = reading(read, build(tmp_path / "a.pdf", table)).pieces

    assert found[1].text == "| a\\|b | first second |"
    assert named(found[1]) == {"Key": "a\\|b", "Use": "first second"}


def test_words_that_touch_over_a_line_are_parted(tmp_path: Path) -> None:
    style = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, "black"), ("PADDING", (0, 0), (-1, -1), 0.5)])
    style.add("ALIGN", (0, 0), (0, -1), "RIGHT")
    table = Table([["Left", "Right"], ["one", "two"], ["three", "four"]], colWidths=[90, 90], style=style)

    assert "| one | two |" in reading(read, build(tmp_path / "a.pdf", table)).text


def test_without_a_header_the_columns_are_numbered(tmp_path: Path) -> None:
    table = Table([["12", "13"], ["14", "15"], ["16", "17"]], colWidths=[150, 250], style=GRID)

    found = reading(read, build(tmp_path / "a.pdf", table)).pieces

    assert found[0].text == "|  |  |\n| --- | --- |"
    assert named(found[1]) == {"column 1": "12", "column 2": "13"}


def rows_pdf(path: Path, rows: list[list[str]], places: list[float], above: str = "") -> Path:
    canvas = Canvas(str(path), pagesize=A4)
    canvas.drawString(places[0], 760, above)
    for number, row in enumerate(rows):
        for place, cell in zip(places, row, strict=True):
            canvas.drawString(place, 720 - 18 * number, cell)
    canvas.save()
    return path


def test_aligned_columns_without_lines_are_a_table(tmp_path: Path) -> None:
    rows = [["Product", "Place", "Stock"], ["One", "A-12", "450"], ["Two", "", "289"], ["Three", "C-15", ""]]

    found = reading(read, rows_pdf(tmp_path / "a.pdf", rows, [72, 200, 300], "Stock of this week:")).pieces

    assert kinds(found) == ["paragraph", "table", "row", "row", "row"]
    assert found[3].text == "| Two |  | 289 |"
    assert named(found[4]) == {"Product": "Three", "Place": "C-15"}


def test_two_aligned_columns_need_a_header(tmp_path: Path) -> None:
    form = [["Name:", "Ada Byron"], ["Street:", "High Street 1"], ["Town:", "Leeds"], ["Post:", "LS1"]]
    questions = [["Question", "Answer"], ["What is one?", "A number."], ["And two?", "Also."], ["Three?", "No more."]]

    assert kinds(reading(read, rows_pdf(tmp_path / "form.pdf", form, [72, 200])).pieces) == ["paragraph"]
    found = reading(read, rows_pdf(tmp_path / "questions.pdf", questions, [72, 200])).pieces
    assert named(found[1]) == {"Question": "What is one?", "Answer": "A number."}


def test_frames_and_underlines_are_no_tables(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=A4)
    canvas.rect(40, 40, 515, 762)
    canvas.rect(45, 45, 505, 752)
    for number in range(10):
        canvas.drawString(72, 700 - 40 * number, f"Heading {number} of this page")
        canvas.line(72, 696 - 40 * number, 300, 696 - 40 * number)
    canvas.save()

    assert not {"table", "row"} & set(kinds(reading(read, tmp_path / "a.pdf").pieces))


def test_columns_of_text_in_a_frame_are_no_table(tmp_path: Path) -> None:
    left, right = ("the left column goes on and on " * 40).strip(), ("the right column goes its own way " * 40).strip()
    frame = Table([["Two columns", ""], [Paragraph(left, BODY), Paragraph(right, BODY)]], [230, 230], style=GRID)

    found = reading(read, build(tmp_path / "a.pdf", frame))

    assert not {"table", "row"} & set(kinds(found.pieces))
    assert left in found.text
    assert right in found.text


def test_bullets_are_no_column(tmp_path: Path) -> None:
    rows = [["•", f"point number {n} of the list"] for n in range(6)]

    found = reading(read, rows_pdf(tmp_path / "a.pdf", rows, [72, 90]))

    assert kinds(found.pieces) == ["paragraph"]
    assert "• point number 3 of the list" in found.text
