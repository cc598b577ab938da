"""The DOCX reader: body order, heading paths, tables, lists, and the text python-docx does not show."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document as new_document
from docx.document import Document as WordDocument

from src.errors import IngestionError
from src.ingestion.document_reader import read_document
from src.ingestion.office.docx_reader import read
from src.ingestion.pieces import ReadOptions
from src.records import Document
from tests.ingestion.office.ooxml import paragraph, part, read_body, run, table
from tests.ingestion.support import reading


def saved(document: WordDocument, folder: Path) -> Document:
    document.save(str(folder / "d.docx"))
    return read_document(folder / "d.docx", folder)


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

    header, row = saved(document, tmp_path).blocks

    assert header.text == "Name | Size | Price"  # no row has a value of its own under "Size"
    assert row.text == "Name: Small one\nPrice: £5"


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


def test_headers_and_comments_are_left_out_with_a_note(tmp_path: Path) -> None:
    document = new_document()
    word = document.add_paragraph("Body").runs[0]
    document.sections[0].header.paragraphs[0].text = "Running head"
    document.add_comment(word, "why?", author="a")
    document.save(str(tmp_path / "d.docx"))

    found = reading(read, tmp_path / "d.docx")

    assert [piece.text for piece in found.pieces] == ["Body"]
    assert found.notes == ("1 comment, 1 header left out",)


def test_a_document_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IngestionError, match=r"d\.docx holds no text"):
        saved(new_document(), tmp_path)


ALL = ReadOptions(headers_footers=True, comments=True)


def test_headers_and_comments_are_read_when_asked_for(tmp_path: Path) -> None:
    document = new_document()
    word = document.add_paragraph("Body").runs[0]
    document.sections[0].header.paragraphs[0].text = "Running head"
    document.sections[0].footer.paragraphs[0].text = "Company"
    document.add_comment(word, "why?", author="Ann")
    document.save(str(tmp_path / "d.docx"))

    found = reading(read, tmp_path / "d.docx", ALL)

    assert [(piece.kind, piece.place, piece.text) for piece in found.pieces] == [
        ("paragraph", "paragraph 1", "Body"),
        ("paragraph", "header", "Running head"),
        ("paragraph", "footer", "Company"),
        ("note", "comment 1 by Ann", "why?"),
    ]
    assert found.notes == ()


def test_footnotes_have_the_numbers_the_page_shows(tmp_path: Path) -> None:
    def reference(identity: int) -> str:
        return f'{run("word")}<w:r><w:footnoteReference w:id="{identity}"/></w:r>'

    separator = f'<w:footnote w:type="separator" w:id="-1">{paragraph("---")}</w:footnote>'
    notes = "".join(f'<w:footnote w:id="{n}">{paragraph(f"note {n}")}{table([f"in {n}"])}</w:footnote>' for n in (3, 7))
    parts = {
        "footnotes.xml": ("footnotes", part("footnotes", separator + notes)),
        "endnotes.xml": ("endnotes", part("endnotes", f'<w:endnote w:id="2">{paragraph("the end")}</w:endnote>')),
    }

    found = read_body(tmp_path, paragraph(reference(7)) + paragraph(reference(3)), parts)

    assert [(piece.place, piece.text) for piece in found.pieces if piece.kind == "note"] == [
        ("footnote 2", "note 3\nin 3"), ("footnote 1", "note 7\nin 7"), ("endnote 1", "the end"),
    ]  # fmt: skip


def test_content_controls_around_paragraphs_rows_and_cells_are_read(tmp_path: Path) -> None:
    def control(inner: str) -> str:
        return f"<w:sdt><w:sdtPr><w:alias/></w:sdtPr><w:sdtContent>{inner}</w:sdtContent></w:sdt>"

    cell = f"<w:tc>{paragraph('cell')}</w:tc>"
    rows = f"<w:tbl>{control(f'<w:tr>{control(cell)}{cell}</w:tr>')}</w:tbl>"
    custom = f'<w:customXml w:element="x"><w:customXmlPr/>{paragraph("custom")}</w:customXml>'

    found = read_body(tmp_path, control(paragraph("controlled") + rows) + custom)

    assert [piece.text for piece in found.pieces] == ["controlled", "cell: cell", "custom"]


def test_a_cell_merged_downwards_is_filled_into_each_row(tmp_path: Path) -> None:
    def cell(text: str, properties: str) -> str:
        return f"<w:tcPr>{properties}</w:tcPr>{paragraph(text)}"

    rows = table(
        ["Room", "Size", "Price"],
        [cell("Blue", '<w:vMerge w:val="restart"/>'), "small", "1"],
        [cell("", "<w:vMerge/>"), "large", "2"],
        ["Red", cell("any", '<w:gridSpan w:val="2"/>')],
    )

    found = read_body(tmp_path, rows)

    assert [piece.text for piece in found.pieces] == [
        "Room: Blue\nSize: small\nPrice: 1", "Room: Blue\nSize: large\nPrice: 2", "Room: Red\nSize: any",
    ]  # fmt: skip


def test_deleted_and_hidden_rows_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = table(["kept"], ["deleted"], ["hidden"], ["added"], row_properties={
        1: '<w:del w:id="1" w:author="a"/>', 2: "<w:hidden/>", 3: '<w:ins w:id="2" w:author="a"/>',
    })  # fmt: skip

    found = read_body(tmp_path, rows)

    assert found.text == "kept\nadded"
    assert found.notes == ("1 deleted table row, 1 hidden table row left out",)


def test_a_header_above_an_empty_column_is_not_lost(tmp_path: Path) -> None:
    found = read_body(tmp_path, table(["Name", "Amount", "Signed"], ["Ann", "5", ""], ["Ben", "6", ""]))

    assert [piece.text for piece in found.pieces] == [
        "Name | Amount | Signed", "Name: Ann\nAmount: 5", "Name: Ben\nAmount: 6",
    ]  # fmt: skip


def test_a_claimed_span_of_millions_of_columns_is_harmless(tmp_path: Path) -> None:
    cell = f'<w:tcPr><w:gridSpan w:val="10000000"/></w:tcPr>{paragraph("wide")}'

    assert read_body(tmp_path, table([cell], row_properties={0: '<w:gridBefore w:val="99999999"/>'})).text == "wide"


def test_lists_and_text_boxes_in_cells_are_part_of_the_cell(tmp_path: Path) -> None:
    box = f"<w:r><w:pict><v:textbox><w:txbxContent>{paragraph('boxed')}</w:txbxContent></v:textbox></w:pict></w:r>"
    cell = paragraph(run("anchor") + box)
    heading = paragraph("no chapter", '<w:outlineLvl w:val="0"/>')

    found = read_body(tmp_path, table([cell + heading, "b"]) + paragraph("after"))

    assert [(piece.place, piece.text) for piece in found.pieces] == [
        ("table 1", "anchor\nboxed\nno chapter: b"), ("paragraph 1", "after"),
    ]  # fmt: skip


def test_embedded_documents_are_counted(tmp_path: Path) -> None:
    found = read_body(tmp_path, paragraph("text") + '<w:altChunk r:id="r1"/>', {"chunk.htm": ("aFChunk", "<p>no</p>")})

    assert found.text == "text"
    assert found.notes == ("1 embedded file left out",)


def test_a_document_of_pictures_needs_ocr(tmp_path: Path) -> None:
    picture = paragraph("<w:r><w:drawing><a:blip/></w:drawing></w:r>")

    with pytest.raises(IngestionError, match="pictures and no text") as caught:
        read_body(tmp_path, picture)

    assert caught.value.status == "needs_ocr"
