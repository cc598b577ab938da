"""How stored numbers are shown: number formats of cells, and what of them stands in real workbooks."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from src.ingestion.office import xlsx_reader
from src.ingestion.office.number_formats import general, generals, show_by, show_iso_date, show_or_general
from tests.ingestion.support import reading


def shown(stored: str, code: str, epoch_1904: bool = False) -> str:
    show = show_by(code, epoch_1904)
    return show_or_general(stored, show) if show else general(stored)


@pytest.mark.parametrize(
    ("stored", "code", "expected"),
    [
        ("3", "General", "3"),
        ("0.30000000000000004", "General", "0.3"),
        ("1E+20", "General", "1E+20"),
        ("5", "@", "5"),
        ("12", 'General" pcs"', "12 pcs"),
        ("0.256", "0%", "26%"),
        ("0.125", "0.0%", "12.5%"),
        ("7", "00000", "00007"),
        ("1234.5", '"£"#,##0.00', "£1,234.50"),
        ("1234.5", "[$€-407]#,##0.00", "€1,234.50"),
        ("1234.5", "#,##0.00\\ [$€-407]", "1,234.50 €"),
        ("12.5", '0.0" kg"', "12.5 kg"),
        ("-3.456", "0.00", "-3.46"),
        ("2.675", "0.00", "2.68"),
        ("1.0049999999999999", "0.00", "1.01"),
        ("-1234.5", "#,##0.00;(#,##0.00)", "(1,234.50)"),
        ("-1234.5", "#,##0.00;[Red]-#,##0.00", "-1,234.50"),
        ("0", '_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)', "-"),
        ("1", '"Yes";"No";"None"', "Yes"),
        ("0", '"Yes";"No";"None"', "None"),
        ("5", ";;;", "5"),
        ("3.1", "0.##", "3.1"),
        ("0.5", "#.00", ".50"),
        ("1500000", '0.0,,"M"', "1.5M"),
        ("1.5", "# ?/?", "1 1/2"),
        ("0.3333", "# ??/??", "1/3"),
        ("5.25", "# ?/8", "5 2/8"),
        ("123456", "0.00E+00", "1.23E+05"),
        ("0.00012", "0.00E+00", "1.20E-04"),
        ("123456", "##0.0E+0", "123.5E+3"),
        ("5551234567", "(000) 000-0000", "(555) 123-4567"),
        ("5551234", "[<=9999999]###-####;(###) ###-####", "555-1234"),
        ("abc", "0.00", "abc"),
        ("nan", "0.00", "nan"),
        ("1e300", "# ?/?", "1E+300"),
    ],
)
def test_numbers_are_shown_as_their_format_says(stored: str, code: str, expected: str) -> None:
    assert shown(stored, code) == expected


@pytest.mark.parametrize(
    ("stored", "code", "expected"),
    [
        ("46112", "d/m/yy", "2026-03-31"),
        ("46112.99", "dddd, d mmmm yyyy", "2026-03-31"),
        ("46112", "mmm-yy", "2026-03"),
        ("46112", "yyyy", "2026"),
        ("46112.378472222", "d/m/yy h:mm", "2026-03-31 09:05"),
        ("45292.02569444444", "yyyy-mm-dd hh:mm:ss", "2024-01-01 00:37:00"),
        ("0.378472222", "h:mm AM/PM", "09:05"),
        ("0.0005", "mm:ss", "00:43"),
        ("1.0868055555", "[h]:mm", "26:05"),
        ("1.5", "[mm]:ss", "2160:00"),
        ("1", "yyyy-mm-dd", "1900-01-01"),
        ("-1", "yyyy-mm-dd", "-1"),
        ("99999999", "yyyy-mm-dd", "99999999"),
    ],
)
def test_dates_and_times_are_shown_in_iso_form(stored: str, code: str, expected: str) -> None:
    assert shown(stored, code) == expected


def test_the_other_epoch_begins_four_years_later() -> None:
    assert shown("0", "yyyy-mm-dd", epoch_1904=True) == "1904-01-01"


def test_a_stored_date_may_be_text() -> None:
    assert show_iso_date("2026-03-31T09:05:00.000", show_by("d.m.yy h:mm")) == "2026-03-31 09:05"
    assert show_iso_date("09:05:00", None) == "09:05:00"


@pytest.mark.parametrize("code", ["0.00", "#,##0", "0%", '"€ "0.0', "0.0##", "General"])
def test_a_column_shows_what_its_cells_show(code: str) -> None:
    stored = ["1", "2.5", "", "-3.125", "0.045", "1234567.891", "1e-7", "12345678901234567890"]
    show = show_by(code)

    column = getattr(show, "column", generals)

    assert list(column(stored)) == [raw and shown(raw, code) for raw in stored]
    assert list(column(stored[:2])) == [shown(raw, code) for raw in stored[:2]]


def test_a_long_format_costs_no_time() -> None:
    for code in ("0" * 200_000, '"' * 200_000, "[" * 200_000, ";" * 200_000, "m" * 200_000, "\\" * 200_001):
        assert isinstance(shown("46112.5", code), str)


def test_values_of_a_real_workbook_are_shown(tmp_path: Path) -> None:
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    values: list[tuple[object, str]] = [
        (date(2026, 3, 31), "dd/mm/yyyy"), (datetime(2026, 3, 31, 9, 5), "dd/mm/yyyy hh:mm"), (time(9, 5), "h:mm"),
        (timedelta(hours=26, minutes=5), "[h]:mm"), (0.256, "0%"), (42, "00000"), (1234.5, '"$"#,##0.00'), (True, "0"),
    ]  # fmt: skip
    for column, (value, code) in enumerate(values, start=1):
        sheet.cell(1, column, value).number_format = code  # type: ignore[arg-type]
    workbook.save(tmp_path / "v.xlsx")

    piece = reading(xlsx_reader.read, tmp_path / "v.xlsx").pieces[1]

    assert [piece.text[cell.start : cell.end] for cell in piece.cells] == [
        "2026-03-31", "2026-03-31 09:05", "09:05", "26:05", "26%", "00042", "$1,234.50", "TRUE",
    ]  # fmt: skip
