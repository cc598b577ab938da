"""The XLSX reader: rows with named cells, values as shown, and what openpyxl would lose or choke on."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook

from src.errors import IngestionError
from src.ingestion.file_processor import read_document
from src.ingestion.office.xlsx_reader import read, show


def rewrite(path: Path, part: str, change: tuple[str, str]) -> None:
    """Replace text in one part of the package."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    changed = re.sub(change[0], change[1], parts[part].decode())
    assert changed != parts[part].decode()
    parts[part] = changed.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "FAQ"
    sheet.append(["Frequently asked"])
    sheet.append([])
    sheet.append(["Question", "Answer", "Checked", "Share"])
    sheet.append(["Is it blue?", "No.\nIt is red.", date(2026, 3, 31), 0.125])
    sheet.append([None, "Only an answer"])
    sheet["C4"].number_format, sheet["D4"].number_format = "dd/mm/yyyy", "0.0%"
    hidden = workbook.create_sheet("Secrets")
    hidden.append(["never", "shown"])
    hidden.sheet_state = "hidden"
    path = tmp_path / "book.xlsx"
    workbook.save(path)
    return path


def test_rows_name_their_cells_and_their_place(book: Path) -> None:
    document = read_document(book, book.parent)

    title, intro, first, second = document.blocks
    assert (title.text, title.kind) == ("FAQ", "heading")
    assert (intro.text, intro.kind, intro.place) == ("Frequently asked", "paragraph", "FAQ!A1")
    assert (first.kind, first.place) == ("row", "FAQ!A4")
    assert first.text == "Question: Is it blue?\nAnswer: No.\nIt is red.\nChecked: 2026-03-31\nShare: 12.5%"
    assert [first.text[cell.start : cell.end] for cell in first.cells][1] == "No.\nIt is red."
    assert (second.text, second.place, second.start) == ("Answer: Only an answer", "FAQ!B5", first.end + 1)


def test_hidden_sheets_are_left_out_with_a_note(book: Path) -> None:
    reading = read(book)

    assert not any("shown" in piece.text for piece in reading.pieces)
    assert reading.notes == ("sheet 'Secrets' is hidden and was left out",)


def test_a_wrong_dimension_does_not_hide_rows(book: Path) -> None:
    rewrite(book, "xl/worksheets/sheet1.xml", (r'<dimension ref="[^"]*"', '<dimension ref="A1:A1"'))

    assert "Is it blue?" in read_document(book, book.parent).text


def test_a_far_corner_cell_ends_the_reading_after_ten_thousand_blank_rows(book: Path) -> None:
    rewrite(
        book,
        "xl/worksheets/sheet1.xml",
        ("</sheetData>", '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far</t></is></c></row></sheetData>'),
    )

    reading = read(book)

    assert len(reading.pieces) == 4
    assert any("10,000 blank rows" in note for note in reading.notes)


def test_columns_beyond_the_limit_are_told(tmp_path: Path) -> None:
    workbook = Workbook()
    assert workbook.active is not None
    workbook.active.append([f"c{number}" for number in range(300)])
    workbook.active.append([f"v{number}" for number in range(300)])
    workbook.save(tmp_path / "wide.xlsx")

    reading = read(tmp_path / "wide.xlsx")

    assert reading.pieces[-1].text.endswith("c255: v255")
    assert "beyond the 256th" in reading.warnings[0]


def test_formulas_without_a_result_are_counted(tmp_path: Path) -> None:
    workbook = Workbook()
    assert workbook.active is not None
    for row in (["name", "sum"], ["a", "=1+1"], ["b", "=2+2"]):
        workbook.active.append(row)
    workbook.save(tmp_path / "f.xlsx")

    assert "2 formulas have no stored result" in read(tmp_path / "f.xlsx").warnings[0]


def test_a_workbook_without_values_is_refused(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "e.xlsx")

    with pytest.raises(IngestionError, match="no visible cell"):
        read(tmp_path / "e.xlsx")


def test_strict_workbooks_are_refused_instead_of_read_as_empty(book: Path) -> None:
    rewrite(
        book, "_rels/.rels", ("http://schemas.openxmlformats.org/officeDocument/2006", "http://purl.oclc.org/ooxml/x")
    )

    with pytest.raises(IngestionError, match="Strict Open XML"):
        read_document(book, book.parent)


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (3.0, "General", "3"),
        (0.1 + 0.2, "General", "0.3"),
        (0.256, "0%", "26%"),
        (7, "00000", "00007"),
        (1234.5, '"£"#,##0.00', "£1,234.50"),
        (1234.5, "[$€-407]#,##0.00", "€1,234.50"),
        (12.5, '0.0" kg"', "12.5 kg"),
        (-3.456, "0.00", "-3.46"),
        (5, "@", "5"),
        (True, "General", "TRUE"),
        (datetime(2026, 3, 31), "d/m/yy", "2026-03-31"),
        (datetime(2026, 3, 31, 9, 5), "d/m/yy h:mm", "2026-03-31 09:05"),
        (time(9, 5), "h:mm", "09:05"),
        (timedelta(hours=26, minutes=5), "[h]:mm", "26:05"),
        ("a_x000D_\nb", "General", "a\nb"),
    ],
)
def test_values_are_shown_as_their_format_says(value: object, form: str, shown: str) -> None:
    assert show(value, form) == shown
