"""The XLSX reader: rows with named cells, values as shown, and what openpyxl would lose or choke on."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.worksheet.worksheet import Worksheet

from src.errors import IngestionError
from src.ingestion.office import xlsx_reader
from src.ingestion.pieces import Piece, ReadOptions, lay_out
from tests.ingestion.support import Reading, reading

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def read(path: Path, *, hidden_sheets: bool = False, safe: bool = False) -> Reading:
    return reading(xlsx_reader.read, path, ReadOptions(hidden_sheets=hidden_sheets, safe=safe))


def cells(piece: Piece) -> dict[str, str]:
    return {cell.name: piece.text[cell.start : cell.end] for cell in piece.cells}


def sheet_of(workbook: Workbook) -> Worksheet:
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    return sheet


def save(path: Path, rows: Sequence[Sequence[object]], merged: tuple[str, ...] = ()) -> Path:
    workbook = Workbook()
    sheet = sheet_of(workbook)
    for row in rows:
        sheet.append(list(row))
    for cell_range in merged:
        sheet.merge_cells(cell_range)
    workbook.save(path)
    return path


def write_raw(path: Path, rows: str, strings: str = "", before: str = "", after: str = "", sheet: str = "") -> Path:
    """A workbook of one sheet from its bare XML."""
    relations = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>'
    link = f'<Relationship Id="%s" Type="{LINKS}/%s" Target="%s"/>'
    parts = {
        "_rels/.rels": relations % link % ("r1", "officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{LINKS}"><sheets><sheet name="S" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": relations
        % (link % ("r1", "worksheet", "worksheets/sheet1.xml") + link % ("r2", "sharedStrings", "sharedStrings.xml")),
        "xl/worksheets/sheet1.xml": sheet
        or f"{before}<worksheet {MAIN}><sheetData>{rows}</sheetData>{after}</worksheet>",
    }
    if strings:
        parts["xl/sharedStrings.xml"] = f"<sst {MAIN}>{strings}</sst>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


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
    title, intro, first, second = lay_out(read(book).pieces)

    assert (title.text, title.kind) == ("FAQ", "heading")
    assert (intro.text, intro.kind, intro.place) == ("Frequently asked", "paragraph", "FAQ!A1")
    assert (first.kind, first.place) == ("row", "FAQ!A4")
    assert first.text == "Question: Is it blue?\nAnswer: No.\nIt is red.\nChecked: 2026-03-31\nShare: 12.5%"
    assert [first.text[cell.start : cell.end] for cell in first.cells][1] == "No.\nIt is red."
    assert (second.text, second.place, second.start) == ("Answer: Only an answer", "FAQ!B5", first.end + 1)


def test_hidden_sheets_are_left_out_with_a_note(book: Path) -> None:
    found = read(book)

    assert "shown" not in found.text
    assert found.notes == ("sheet 'Secrets' is hidden and was left out",)


def test_hidden_sheets_are_read_when_asked_for(book: Path) -> None:
    found = read(book, hidden_sheets=True)

    assert "never" in found.text
    assert not found.notes


def test_a_wrong_dimension_does_not_hide_rows(book: Path) -> None:
    rewrite(book, "xl/worksheets/sheet1.xml", (r'<dimension ref="[^"]*"', '<dimension ref="A1:A1"'))

    assert "Is it blue?" in read(book).text


def test_a_cell_in_the_far_corner_is_read_too(book: Path) -> None:
    rewrite(
        book,
        "xl/worksheets/sheet1.xml",
        ("</sheetData>", '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far</t></is></c></row></sheetData>'),
    )

    assert read(book).pieces[-1][:3] == ("column 16384: far", "row", "FAQ!XFD1048576")


def test_hundreds_of_columns_are_read(tmp_path: Path) -> None:
    rows = [[f"{kind}{number}" for number in range(700)] for kind in ("c", *["v"] * 40)]

    pieces = read(save(tmp_path / "wide.xlsx", rows)).pieces

    assert len(pieces) == 41
    assert all(len(piece.cells) == 700 and piece.text.endswith("c699: v699") for piece in pieces[1:])


def test_formulas_without_a_result_are_counted(tmp_path: Path) -> None:
    workbook = Workbook()
    assert workbook.active is not None
    for row in (["name", "sum"], ["a", "=1+1"], ["b", "=2+2"]):
        workbook.active.append(row)
    workbook.save(tmp_path / "f.xlsx")

    assert "2 formulas have no stored result" in read(tmp_path / "f.xlsx").warnings[0]


def test_formulas_show_their_stored_results(tmp_path: Path) -> None:
    formula = '<row r="{0}"><c r="A{0}"><v>{0}</v></c><c r="B{0}"><f>A{0}*2</f><v>{1}</v></c>'
    text = '<c r="C{0}" t="str"><f t="shared" si="0"/><v>text {0}</v></c><c r="D{0}" t="str"><f>""</f><v></v></c></row>'
    path = write_raw(tmp_path / "f.xlsx", "".join((formula + text).format(n, 2 * n) for n in range(1, 400)))

    found = read(path)

    assert cells(found.pieces[-1]) == {"column 1": "399", "column 2": "798", "column 3": "text 399"}
    assert not found.warnings


def test_a_workbook_without_values_gives_nothing(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "e.xlsx")

    assert read(tmp_path / "e.xlsx").pieces == ()


def test_strict_workbooks_are_read(book: Path) -> None:
    transitional, strict = "http://schemas.openxmlformats.org/officeDocument/2006", "http://purl.oclc.org/ooxml/x"
    plain = read(book)
    for part in ("_rels/.rels", "xl/_rels/workbook.xml.rels"):
        rewrite(book, part, (transitional, strict))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"):
        rewrite(book, part, (main, "http://purl.oclc.org/ooxml/spreadsheetml/main"))

    assert read(book) == plain


def test_prefixed_xml_in_utf_16_reads_the_same(book: Path) -> None:
    plain = read(book)
    rewrite(book, "xl/worksheets/sheet1.xml", (r"<(/?)(\w)", r"<\1x:\2"))
    rewrite(book, "xl/worksheets/sheet1.xml", ("xmlns=", "xmlns:x="))
    assert read(book) == plain

    with zipfile.ZipFile(book) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    parts["xl/worksheets/sheet1.xml"] = f'<?xml version="1.0" encoding="UTF-16"?>{sheet}'.encode("utf-16")
    with zipfile.ZipFile(book, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert read(book) == plain


def test_error_values_and_booleans_are_shown(tmp_path: Path) -> None:
    row = '<row r="1"><c r="A1" t="e"><v>#N/A</v></c><c r="B1" t="b"><v>1</v></c><c r="C1" t="b"><v>0</v></c></row>'

    assert cells(read(write_raw(tmp_path / "e.xlsx", row)).pieces[1]) == {
        "column 1": "#N/A", "column 2": "TRUE", "column 3": "FALSE",
    }  # fmt: skip


def test_shared_strings_lose_their_formats_and_phonetic_guides(tmp_path: Path) -> None:
    strings = (
        "<si><t>plain &amp; simple</t></si>"
        '<si><r><rPr><b/></rPr><t xml:space="preserve">bold </t></r><r><t>text</t></r></si>'
        '<si><t>課</t><rPh sb="0" eb="1"><t>カ</t></rPh><phoneticPr fontId="1"/></si>'
        "<si/><si><t/></si><si><t>a_x000D_\nb_x0007_</t></si><si><t><![CDATA[1 < 2 &amp;]]></t></si>"
    )
    row = "".join(f'<c r="{letter}1" t="s"><v>{at}</v></c>' for at, letter in enumerate("ABCDEFG"))

    found = read(write_raw(tmp_path / "s.xlsx", f'<row r="1">{row}</row>', strings))

    assert cells(found.pieces[1]) == {
        "column 1": "plain & simple", "column 2": "bold text", "column 3": "課", "column 6": "a\nb",
        "column 7": "1 < 2 &amp;",
    }  # fmt: skip


def test_inline_strings_with_runs_are_whole(tmp_path: Path) -> None:
    bold = TextBlock(InlineFont(b=True), "bold ")
    path = save(
        tmp_path / "r.xlsx", [["name", "text"], *[[f"n{n}", CellRichText([bold, f"word {n}"])] for n in range(900)]]
    )

    pieces = read(path).pieces

    assert [cells(piece)["text"] for piece in pieces[1:]] == [f"bold word {n}" for n in range(900)]


def test_cells_without_references_stand_in_their_order(tmp_path: Path) -> None:
    rows = "<row><c><v>1</v></c><c><v>2</v></c></row>" * 2000

    pieces = read(write_raw(tmp_path / "n.xlsx", rows)).pieces

    assert len(pieces) == 2001
    assert pieces[-1][:3] == ("column 1: 1\ncolumn 2: 2", "row", "S!A2000")


def test_pretty_printed_xml_reads_the_same(tmp_path: Path) -> None:
    row = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>a\n  b {0}</t></is></c><c r="B{0}"><v>{0}</v></c></row>'
    plain = "".join(row.format(n) for n in range(1, 500))
    pretty = re.sub(r">(?=<(?:c|row|/c|/row|v|is|/is)\b)", ">\n    ", plain)

    assert read(write_raw(tmp_path / "a.xlsx", pretty)) == read(write_raw(tmp_path / "b.xlsx", plain))


def test_merged_cells_stand_in_every_row_and_column_they_cover(tmp_path: Path) -> None:
    rows = [
        ["Menu for all", None, None], ["Group", "Dish", "Price"],
        ["Soups", "Leek", 4], [None, "Onion", 5], [None, "Pea", 6], ["Cakes", "on request", None],
    ]  # fmt: skip

    pieces = read(save(tmp_path / "m.xlsx", rows, ("A1:C1", "A3:A5", "B6:C6"))).pieces

    assert pieces[1][:2] == ("Menu for all", "paragraph")
    assert [cells(piece) for piece in pieces[2:]] == [
        {"Group": "Soups", "Dish": "Leek", "Price": "4"},
        {"Group": "Soups", "Dish": "Onion", "Price": "5"},
        {"Group": "Soups", "Dish": "Pea", "Price": "6"},
        {"Group": "Cakes", "Dish": "on request", "Price": "on request"},
    ]
    assert pieces[3].place == "Sheet!A4"


def test_days_are_counted_from_1904_where_the_workbook_says_so(tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.epoch = datetime(1904, 1, 1)
    sheet_of(workbook).append([date(2026, 3, 31), datetime(2026, 3, 31, 9, 5), time(9, 5), timedelta(hours=26)])
    workbook.save(tmp_path / "mac.xlsx")

    assert list(cells(read(tmp_path / "mac.xlsx").pieces[1]).values()) == [
        "2026-03-31", "2026-03-31 09:05:00", "09:05:00", "26:00:00",
    ]  # fmt: skip


def test_dates_stored_as_text_follow_their_format(tmp_path: Path) -> None:
    row = (
        '<row r="1"><c r="A1" t="d"><v>2026-03-31T00:00:00</v></c><c r="B1" t="d"><v>2026-03-31T09:05:00Z</v></c></row>'
    )

    assert list(cells(read(write_raw(tmp_path / "d.xlsx", row)).pieces[1]).values()) == [
        "2026-03-31", "2026-03-31 09:05:00",
    ]  # fmt: skip


def test_the_fast_way_reads_what_the_careful_one_reads(tmp_path: Path) -> None:
    workbook = Workbook()
    sheet = sheet_of(workbook)
    sheet.append(["id", "when", "share", "text", "flag", "note"])
    for n in range(3000):
        sheet.append([n, datetime(2026, 1, 1) + timedelta(hours=n), n / 7, f"  text <{n}> & more ", n % 2 == 0, None])
        sheet.cell(n + 2, 2).number_format = "dd.mm.yyyy hh:mm" if n % 5 else "General"
        sheet.cell(n + 2, 3).number_format = "0.0%" if n % 3 else "#,##0.000"
        if n % 7 == 0:
            sheet.cell(n + 2, 6, f"=A{n}+1" if n % 2 else "späte Bemerkung\nmit Zeile")
        if n % 1000 == 999:
            sheet.cell(n + 2, 9, "late column")
    workbook.save(tmp_path / "both.xlsx")

    fast, careful = read(tmp_path / "both.xlsx"), read(tmp_path / "both.xlsx", safe=True)

    assert fast.pieces == careful.pieces
    assert fast.warnings == careful.warnings
    assert "formulas have no stored result" in fast.warnings[0]
    assert len(fast.pieces) == 3001


def test_dialogues_name_their_speakers_and_utterances(tmp_path: Path) -> None:
    rows = [["dialogue_id", "speaker", "utterance"], ["d1", "user", "Hi"], ["d1", "agent", "Hello"]]

    pieces = read(save(tmp_path / "d.xlsx", rows)).pieces

    assert [cells(piece) for piece in pieces[1:]] == [
        dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]
    ]


def test_a_sheet_that_is_missing_is_told(book: Path) -> None:
    with zipfile.ZipFile(book) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if "sheet1" not in name}
    with zipfile.ZipFile(book, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)

    assert "sheet 'FAQ' is missing" in read(book).warnings[0]


# Hostile workbooks


ROW = '<row r="1"><c r="A1" t="inlineStr"><is><t>{}</t></is></c></row>'


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE w [<!ENTITY k "lol">]>',
        '<!DOCTYPE w [<!ENTITY k SYSTEM "file:///etc/hostname">]>',
        "<?xml version='1.0'?>" + " " * 300_000 + '<!DOCTYPE w [<!ENTITY k "lol">]>',
    ],
)
@pytest.mark.parametrize("safe", [False, True])
def test_entities_are_refused(declaration: str, safe: bool, tmp_path: Path) -> None:
    path = write_raw(tmp_path / "x.xlsx", ROW.format("before &k; after"), before=declaration)

    with pytest.raises(IngestionError, match="XML entities") as caught:
        read(path, safe=safe)
    assert caught.value.status == "refused"


def test_a_row_beyond_all_measure_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with pytest.raises(IngestionError, match="row of more than 32 MB") as caught:
        read(write_raw(tmp_path / "x.xlsx", ROW.format("A" * (40 << 20))))
    assert caught.value.status == "refused"


def test_a_shared_string_beyond_all_measure_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IngestionError, match="text of more than 32 MB") as caught:
        read(write_raw(tmp_path / "x.xlsx", ROW.format("a"), f"<si><t>{'A' * (40 << 20)}</t></si>"))
    assert caught.value.status == "refused"


def test_columns_far_out_cost_nothing(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="XFD{n}"><v>{n}</v></c></row>' for n in range(1, 3000))

    pieces = read(write_raw(tmp_path / "x.xlsx", rows)).pieces

    assert pieces[-1][:3] == ("column 16384: 2999", "row", "S!XFD2999")


@pytest.mark.parametrize(
    "sheet",
    [
        "<worksheet><sheetData><row r='1'><c r='A1'><v>1</v></c></row>",
        "<worksheet><sheetData><row r='1'><c r='A1'><v>1</c></row></sheetData></worksheet>",
        "<worksheet/>",
        '<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>7</v></c></row></sheetData></worksheet>',
        '<?xml version="1.0" encoding="punycode"?><worksheet/>',
        "",
    ],
)
def test_broken_sheets_are_called_damaged(sheet: str, tmp_path: Path) -> None:
    with pytest.raises(IngestionError, match="damaged") as caught:
        read(write_raw(tmp_path / "x.xlsx", "", sheet=sheet or "<"))
    assert caught.value.status == "damaged"


def test_control_characters_do_not_come_through(tmp_path: Path) -> None:
    path = write_raw(tmp_path / "x.xlsx", ROW.format("a\x07b\x85c\x00\ufffed&#x9f;e"))

    assert read(path).pieces[1].text == "column 1: abcde"
