"""Word files written part by part, for what python-docx cannot write."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from src.ingestion.office.docx_reader import read
from src.ingestion.pieces import ReadOptions
from tests.ingestion.support import Reading, reading

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SPACES = " ".join(
    f'xmlns:{prefix}="{space}"'
    for prefix, space in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "r": OFFICE,
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
    }.items()
)


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(text: str, properties: str = "") -> str:
    """A paragraph of one run, or of the runs given as XML."""
    return f"<w:p><w:pPr>{properties}</w:pPr>{text if text.startswith('<') else run(text)}</w:p>"


def table(*rows: Iterable[str], row_properties: Mapping[int, str] | None = None) -> str:
    """Rows of cells; a cell that begins with "<" is its XML, else its text."""
    xml = ""
    for number, cells in enumerate(rows):
        shown = "".join(f"<w:tc>{cell if cell.startswith('<') else paragraph(cell)}</w:tc>" for cell in cells)
        xml += f"<w:tr><w:trPr>{(row_properties or {}).get(number, '')}</w:trPr>{shown}</w:tr>"
    return f"<w:tbl><w:tblPr/>{xml}</w:tbl>"


def part(root: str, inner: str) -> str:
    return f"<w:{root} {SPACES}>{inner}</w:{root}>"


def write_docx(
    path: Path,
    body: str,
    parts: Mapping[str, tuple[str, str]] | None = None,
    main_type: str = WORD_TYPE,
) -> Path:
    """A Word file with this body; `parts` gives other parts by name ("footnotes.xml"), each with its kind and XML."""
    others = parts or {}
    rows = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/{kind}" Target="{name}"/>'
        for n, (name, (kind, _)) in enumerate(others.items(), start=1)
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{TYPES}"><Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{main_type}"/></Types>',
        )
        archive.writestr("_rels/.rels", _relations(f'<Relationship Id="r" Type="{OFFICE}/officeDocument" '
                                                   'Target="word/document.xml"/>'))  # fmt: skip
        archive.writestr("word/_rels/document.xml.rels", _relations(rows))
        archive.writestr("word/document.xml", part("document", f"<w:body>{body}</w:body>"))
        for name, (_, xml) in others.items():
            archive.writestr(f"word/{name}", xml)
    return path


def _relations(rows: str) -> str:
    return f'<Relationships xmlns="{RELATIONS}">{rows}</Relationships>'


def read_body(
    folder: Path,
    body: str,
    parts: Mapping[str, tuple[str, str]] | None = None,
    options: ReadOptions | None = None,
) -> Reading:
    """What the reader gives for a Word file with this body."""
    return reading(read, write_docx(folder / "d.docx", body, parts), options)
