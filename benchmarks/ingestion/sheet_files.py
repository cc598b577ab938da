"""Workbooks for the benchmark of sheets, written as Excel and openpyxl write them, and what a workbook's XML holds.

The reading here is apart from the product's, on the standard library's parser.
"""

from __future__ import annotations

import random
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

SIZES = (1_000, 10_000, 100_000)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TALK = "the order arrived late please send it again within two weeks our customers like green lamps and warm coats"
WORDS = TALK.split()


def write_workbooks(folder: Path) -> list[Path]:
    """Questions and answers, tickets and figures, in each size; the tickets also as openpyxl would write them."""
    books = []
    for rows in SIZES:
        for kind, make in (("faq", _faq), ("tickets", _ticket), ("figures", _figures)):
            chance = random.Random(rows)
            books.append(folder / f"{kind}_{rows}.xlsx")
            write_excel_way(books[-1], [make(chance, None), *(make(chance, n) for n in range(rows))])
        chance = random.Random(rows)
        books.append(folder / f"faq_openpyxl_{rows}.xlsx")
        write_openpyxl_way(books[-1], [_faq(chance, None), *(_faq(chance, n) for n in range(rows))])
    return books


def some_text(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words))


def _faq(chance: random.Random, n: int | None) -> list[object]:
    if n is None:
        return ["id", "question", "answer", "category"]
    return [n, some_text(chance, 8) + "?", some_text(chance, chance.randint(10, 40)), chance.choice(WORDS)]


def _ticket(chance: random.Random, n: int | None) -> list[object]:
    if n is None:
        return ["ticket", "opened", "customer", "status", "score", "resolved", "note"]
    note = some_text(chance, 12) if chance.random() < 0.7 else None
    opened = (45292 + n / 37, 2)
    return [f"T-{n}", opened, some_text(chance, 2), chance.choice(WORDS), chance.randint(1, 5), n % 3 == 0, note]


def _figures(chance: random.Random, n: int | None) -> list[object]:
    if n is None:
        return ["id", "day", "amount", "share", "pieces", "price"]
    amount, share = (round(chance.random() * 1e4, 2), 3), (round(chance.random(), 4), 4)
    return [n, (45292 + n % 900, 1), amount, share, chance.randint(1, 99), round(chance.random() * 100, 2)]


def write_excel_way(path: Path, rows: Iterable[list[object]]) -> None:
    strings: dict[str, int] = {}
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = []
        for at, value in enumerate(row):
            place = f'<c r="{chr(65 + at)}{number}"'
            if isinstance(value, str):
                cells.append(f'{place} t="s"><v>{strings.setdefault(value, len(strings))}</v></c>')
            elif isinstance(value, bool):
                cells.append(f'{place} t="b"><v>{int(value)}</v></c>')
            elif isinstance(value, tuple):
                cells.append(f'{place} s="{value[1]}"><v>{value[0]!r}</v></c>')
            elif value is not None:
                cells.append(f"{place}><v>{value!r}</v></c>")
        lines.append(f'<row r="{number}" spans="1:{len(row)}" x14ac:dyDescent="0.25">{"".join(cells)}</row>')
    shared = "".join(f"<si><t>{escape(text)}</t></si>" for text in strings)
    _write_package(path, lines, f'<sst xmlns="{MAIN}" uniqueCount="{len(strings)}">{shared}</sst>')


def write_openpyxl_way(path: Path, rows: Iterable[list[object]]) -> None:
    def lines() -> Iterator[str]:
        for number, row in enumerate(rows, start=1):
            yield f'<row r="{number}">{"".join(_inline(at, number, value) for at, value in enumerate(row))}</row>'

    _write_package(path, lines())


def _inline(at: int, number: int, value: object) -> str:
    place = f'<c r="{chr(65 + at)}{number}"'
    if isinstance(value, str):
        return f'{place} t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'{place} t="n"><v>{value!r}</v></c>'


def _write_package(path: Path, rows: Iterable[str], strings: str = "") -> None:
    link = f'<Relationship Id="r%s" Type="{LINKS}/%s" Target="%s"/>'
    around = f'<Relationships xmlns="{PACKAGE}/relationships">%s</Relationships>'
    part = "application/vnd.openxmlformats-officedocument.spreadsheetml.%s+xml"
    kinds = {
        "workbook": "sheet.main",
        "worksheets/sheet1": "worksheet",
        "styles": "styles",
        "sharedStrings": "sharedStrings",
    }
    types = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{part % kind}"/>' for name, kind in kinds.items()
    )
    # Styles 1 to 4 of the cells: a date, a date with its time, 1,234.50 and 12.50%.
    styles = "".join(f'<xf numFmtId="{number}"/>' for number in (0, 14, 22, 4, 10))
    extension = 'xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac"'
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    default = f'<Default Extension="rels" ContentType="{relations}"/>'
    sheets = '<sheets><sheet name="Data" sheetId="1" r:id="r1"/></sheets>'
    parts = ((1, "worksheet", "worksheets/sheet1.xml"), (2, "styles", "styles.xml"))
    links = "".join(link % one for one in (*parts, (3, "sharedStrings", "sharedStrings.xml")))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{PACKAGE}/content-types">{default}{types}</Types>')
        archive.writestr("_rels/.rels", around % (link % (1, "officeDocument", "xl/workbook.xml")))
        archive.writestr("xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{sheets}</workbook>')
        archive.writestr("xl/_rels/workbook.xml.rels", around % links)
        archive.writestr("xl/styles.xml", f'<styleSheet xmlns="{MAIN}"><cellXfs>{styles}</cellXfs></styleSheet>')
        archive.writestr("xl/sharedStrings.xml", strings or f'<sst xmlns="{MAIN}"/>')
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'<worksheet xmlns="{MAIN}" {extension}><sheetData>'.encode())
            for row in rows:
                sheet.write(row.encode())
            sheet.write(b"</sheetData></worksheet>")


def cells_by_row(path: Path) -> dict[tuple[str, int], list[str]]:
    """What the raw XML holds: the stored values of each row by sheet and number, strings in full."""
    found: dict[tuple[str, int], list[str]] = {}
    with zipfile.ZipFile(path) as archive:
        names = {name.lower().lstrip("/"): name for name in archive.namelist()}
        strings = []
        if shared := names.get("xl/sharedstrings.xml"):
            strings = [_string(item) for item in _each(archive, shared, "si")]
        for sheet, part in _sheets(archive, names):
            number = 0
            for row in _each(archive, part, "row"):
                number = int(row.get("r") or number + 1)
                values = [value for cell in row if _local(cell) == "c" and (value := _value(cell, strings))]
                if values:
                    found[sheet, number] = values
    return found


def _sheets(archive: zipfile.ZipFile, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    links = archive.read(names["xl/_rels/workbook.xml.rels"])
    targets = {link.get("Id"): link.get("Target", "") for link in ElementTree.fromstring(links)}
    for sheet in _each(archive, names["xl/workbook.xml"], "sheet"):
        identity = next(value for key, value in sheet.attrib.items() if key.endswith("}id"))
        target = targets[identity]
        part = names.get((target if target.startswith("/") else f"xl/{target}").lstrip("/").lower())
        if part and "worksheets/" in part:
            yield sheet.get("name", ""), part


def _each(archive: zipfile.ZipFile, part: str, name: str) -> Iterator[ElementTree.Element]:
    with archive.open(part) as file:
        for _, element in ElementTree.iterparse(file):
            if _local(element) == name:
                yield element
                element.clear()


def _value(cell: ElementTree.Element, strings: list[str]) -> str:
    stored = next((child.text or "" for child in cell if _local(child) == "v"), "").strip()
    if cell.get("t") == "s":
        return strings[int(stored)] if stored else ""
    inline = next((child for child in cell if _local(child) == "is"), None)
    return _string(inline) if inline is not None else stored


def _string(item: ElementTree.Element) -> str:
    runs = [item, *(child for child in item if _local(child) == "r")]
    return "".join(text.text or "" for run in runs for text in run if _local(text) == "t").strip()


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]
