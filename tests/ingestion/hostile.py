"""Small files built to hang, starve or crash the process that reads them."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
SHOW = b"BT /F1 12 Tf 10 10 Td (Hello) Tj ET\n"


def write_pdf(path: Path, objects: Sequence[bytes]) -> Path:
    """A PDF of these objects; the first is the catalogue."""
    out = io.BytesIO(b"%PDF-1.5\n")
    out.seek(0, io.SEEK_END)
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    out.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table))
    path.write_bytes(out.getvalue())
    return path


def stream(content: bytes, more: bytes = b"") -> bytes:
    packed = zlib.compress(content, 9)
    return b"<</Length %d/Filter/FlateDecode%s>>stream\n%s\nendstream" % (len(packed), more, packed)


def one_page(content: bytes, *more: bytes, resources: bytes = b"") -> list[bytes]:
    """Catalogue, pages, font, a page with this stream as object 5, and more objects from 6 on."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 5 0 R/Resources<</Font<</F1 3 0 R>>%s>>>>"
    return [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[4 0 R]/Count 1>>",
        FONT,
        page % resources,
        content,
        *more,
    ]


def self_drawing_pdf(path: Path) -> Path:
    """A form that draws itself: PDFium 5.15 overflows its stack and kills the process."""
    form = stream(b"/X Do /X Do ", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>")
    return write_pdf(path, one_page(stream(b"/X Do " + SHOW), form, resources=b"/XObject<</X 6 0 R>>"))


def text_flood_pdf(path: Path, operators: int) -> Path:
    """One page with so many text operators: a few kB that take minutes to lay out."""
    return write_pdf(path, one_page(stream(SHOW * operators)))


def flate_bomb_pdf(path: Path, megabytes: int) -> Path:
    """A content stream of spaces that unpacks to so many MB."""
    return write_pdf(path, one_page(stream(b" " * (megabytes << 20) + SHOW)))


def zip_bomb_docx(path: Path, megabytes: int) -> Path:
    """A Word file whose body unpacks to so many MB."""
    body = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml", f'<Types><Override PartName="/word/document.xml" ContentType="{kind}"/>'
        )
        with archive.open("word/document.xml", "w", force_zip64=True) as part:
            part.write(f'<w:document xmlns:w="{body}"><w:body><w:p><w:r><w:t>'.encode())
            for _ in range(megabytes):
                part.write(b"A" * (1 << 20))
    return path
