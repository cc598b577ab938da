"""The DOCX reader: body order, heading paths, tables, lists, and the text python-docx does not show."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document as new_document
from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from src.errors import IngestionError
from src.ingestion.office.docx_reader import read
from src.ingestion.file_processor import read_document
from src.records import Document

W = nsdecls("w")


def saved(document: WordDocument, folder: Path) -> Document:
    document.save(str(folder / "d.docx"))
    return read_document(folder / "d.docx", folder)


def with_xml(*body: str) -> WordDocument:
    document = new_document()
    for xml in body:
        document.element.body.insert(len(document.element.body) - 1, parse_xml(xml))
    return document


def paragraph(inner: str) -> str:
    return f"<w:p {W}>{inner}</w:p>"


def test_blocks_follow_the_body_and_carry_the_heading_path(tmp_path: Path) -> None:
    document = new_document()
    document.add_paragraph("Before")
    document.add_heading("Manual", 0)
    document.add_heading("Install", 1)
    document.add_heading("Water", 2)
    document.add_paragraph("Fill it.")
    document.add_heading("Care", 1)
    document.add_paragraph("Wipe it.")

    blocks = saved(document, tmp_path).blocks

    assert [(block.kind, block.text, block.place) for block in blocks] == [
        ("paragraph", "Before", "paragraph 1"),
        ("title", "Manual", "Manual"),
        ("heading", "Install", "Install"),
        ("heading", "Water", "Install > Water"),
        ("paragraph", "Fill it.", "Install > Water"),
        ("heading", "Care", "Care"),
        ("paragraph", "Wipe it.", "Care"),
    ]


def test_a_table_with_a_header_becomes_rows_with_cells(tmp_path: Path) -> None:
    document = new_document()
    document.add_paragraph("Above")
    table = document.add_table(3, 2)
    for row, values in enumerate([("Question", "Answer"), ("Red?", "Yes.\nAlways."), ("Blue?", "No.")]):
        for column, value in enumerate(values):
            table.cell(row, column).text = value
    document.add_paragraph("Below")

    above, first, second, below = saved(document, tmp_path).blocks

    assert (above.text, below.text) == ("Above", "Below")
    assert (first.kind, first.place) == ("row", "table 1 row 2")
    assert first.text == "Question: Red?\nAnswer: Yes.\nAlways."
    assert [(cell.name, second.text[cell.start : cell.end]) for cell in second.cells] == [
        ("Question", "Blue?"), ("Answer", "No."),
    ]  # fmt: skip


def test_a_chat_in_a_table_stays_a_chat(tmp_path: Path) -> None:
    document = new_document()
    table = document.add_table(2, 2)
    for row, values in enumerate([("User", "Is it red"), ("Assistant", "It is")]):
        for column, value in enumerate(values):
            table.cell(row, column).text = value

    (block,) = saved(document, tmp_path).blocks

    assert (block.kind, block.text) == ("table", "User: Is it red\nAssistant: It is")


def test_merged_cells_stand_once_and_keep_their_column(tmp_path: Path) -> None:
    document = new_document()
    table = document.add_table(2, 3)
    for column, value in enumerate(("Name", "Size", "Price")):
        table.cell(0, column).text = value
    table.cell(1, 0).merge(table.cell(1, 1)).text = "Small one"
    table.cell(1, 2).text = "£5"

    (block,) = saved(document, tmp_path).blocks

    assert block.text == "Name: Small one\nPrice: £5"


def test_a_table_inside_a_cell_is_read_once(tmp_path: Path) -> None:
    document = new_document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "outer"
    cell.add_table(1, 2).cell(0, 1).text = "inner"

    text = saved(document, tmp_path).text

    assert text == "outer\ninner"


def test_list_items_carry_their_mark(tmp_path: Path) -> None:
    document = new_document()
    for text, style in (("one", "List Number"), ("two", "List Number"), ("dot", "List Bullet")):
        document.add_paragraph(text, style)

    blocks = saved(document, tmp_path).blocks

    assert [(block.kind, block.text) for block in blocks] == [
        ("list_item", "1. one"), ("list_item", "2. two"), ("list_item", "- dot"),
    ]  # fmt: skip


def run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


@pytest.mark.parametrize(
    ("inner", "seen"),
    [
        (f'<w:ins w:id="1" w:author="a">{run("inserted")}</w:ins>', "inserted"),
        (f'<w:moveTo w:id="1" w:author="a">{run("moved here")}</w:moveTo>', "moved here"),
        (f'<w:hyperlink w:anchor="x">{run("a link")}</w:hyperlink>', "a link"),
        (f"<w:sdt><w:sdtContent>{run('inline control')}</w:sdtContent></w:sdt>", "inline control"),
        (f'<w:smartTag w:element="x">{run("smart")}</w:smartTag>', "smart"),
        (f'<w:fldSimple w:instr="PAGE">{run("field")}</w:fldSimple>', "field"),
        ("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t></w:r>", "a\tb\nc-d"),
    ],
)
def test_text_in_wrappers_is_read(inner: str, seen: str, tmp_path: Path) -> None:
    assert saved(with_xml(paragraph(inner)), tmp_path).text == seen


@pytest.mark.parametrize(
    "inner",
    [
        '<w:del w:id="1" w:author="a"><w:r><w:delText>gone</w:delText></w:r></w:del>',
        f'<w:moveFrom w:id="1" w:author="a">{run("gone")}</w:moveFrom>',
        "<w:r><w:instrText>gone</w:instrText></w:r>",
    ],
)
def test_deleted_text_is_not_read(inner: str, tmp_path: Path) -> None:
    assert saved(with_xml(paragraph(run("kept") + inner)), tmp_path).text == "kept"


def test_content_controls_around_paragraphs_and_tables_are_read(tmp_path: Path) -> None:
    table = f"<w:tbl><w:tr><w:tc>{paragraph(run('cell'))}</w:tc></w:tr></w:tbl>"
    control = f"<w:sdt {W}><w:sdtContent>{paragraph(run('controlled'))}{table}</w:sdtContent></w:sdt>"

    assert saved(with_xml(control), tmp_path).text == "controlled\n\ncell"


def test_a_text_box_is_read_once_after_its_paragraph(tmp_path: Path) -> None:
    box = f"<w:pict><w:txbxContent>{paragraph(run('boxed'))}</w:txbxContent></w:pict>"
    spaces = nsdecls("w") + ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    both = f'<mc:AlternateContent><mc:Choice Requires="wps">{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>'
    anchored = f"<w:p {spaces}>{run('anchor')}<w:r>{both}</mc:AlternateContent></w:r></w:p>"

    assert saved(with_xml(anchored), tmp_path).text == "anchor\n\nboxed"


def test_headers_and_comments_are_left_out_with_a_note(tmp_path: Path) -> None:
    document = new_document()
    word = document.add_paragraph("Body").runs[0]
    document.sections[0].header.paragraphs[0].text = "Running head"
    document.add_comment(word, "why?", author="a")
    document.save(str(tmp_path / "d.docx"))

    reading = read(tmp_path / "d.docx")

    assert [piece.text for piece in reading.pieces] == ["Body"]
    assert reading.notes == ("1 comment part, 1 header left out",)


def test_a_claimed_span_of_millions_of_columns_is_harmless(tmp_path: Path) -> None:
    cell = f'<w:tc><w:tcPr><w:gridSpan w:val="10000000"/></w:tcPr>{paragraph(run("wide"))}</w:tc>'

    assert saved(with_xml(f"<w:tbl {W}><w:tr>{cell}</w:tr></w:tbl>"), tmp_path).text == "wide"


def test_a_document_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IngestionError, match=r"d\.docx holds no text"):
        saved(new_document(), tmp_path)
