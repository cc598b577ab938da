"""Kinds by content, and what is refused before any parser sees it."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from docx import Document as new_document
from openpyxl import Workbook
from pptx import Presentation
from reportlab.pdfgen.canvas import Canvas

from src.errors import IngestionError
from src.ingestion import READERS
from src.ingestion.sniff import KINDS, SUFFIX_KINDS, detect_kind


def pdf(path: Path) -> None:
    canvas = Canvas(str(path))
    canvas.drawString(72, 700, "text")
    canvas.save()


def xlsx(path: Path) -> None:
    with path.open("wb") as file:
        Workbook().save(file)


def docx(path: Path) -> None:
    new_document().save(str(path))


def pptx(path: Path) -> None:
    Presentation().save(str(path))


WRITERS = {"pdf": pdf, "docx": docx, "xlsx": xlsx, "pptx": pptx}


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("name", ["right", "wrong.txt", "wrong.pdf", "wrong.docx", "wrong.json"])
def test_content_decides_whatever_the_name(kind: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / (f"right.{kind}" if name == "right" else name)
    WRITERS[kind](path)

    assert detect_kind(path) == kind


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.txt", "Dear all, this is prose, with commas.\nIt has lines, too.\nAnd a third, of course.\n", "txt"),
        ("a.txt", "id,question,answer\n1,Why?,So\n2,How?,Thus\n3,Who?,Me\n", "csv"),
        ("a.txt", "question\tanswer\nWhy?\tSo\nHow?\tThus\n", "csv"),
        ("a.log", "a|b\nc|d\ne|f\n", "txt"),
        ("a.md", "# T\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", "md"),
        ("a.md", '<p align="center">A readme</p>\n\n# T\n', "md"),
        ("README", "hello", "txt"),
        ("A.CSV", "just one column\n", "csv"),
        ("a.tsv", "a\tb\n", "csv"),
        ("a.txt", "WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n", "subtitles"),
        ("a.txt", "WEBVTTX is no word\n", "txt"),
        ("a.txt", "\ufeff1\r\n00:00:01,000 --> 00:00:02,000\r\nHi\r\n", "subtitles"),
        ("a.srt", "nothing yet\n", "subtitles"),
        ("a.txt", '{"messages": [\n{"role": "user"}\n]}\n', "json"),
        ("a.txt", '{"a": 1}\n{"a": 2}\n', "json"),
        ("a.txt", ' [\n {"a": "' + "x" * 9000 + '"}]', "json"),
        ("a.txt", '{"a": 1} is how a record begins\n', "txt"),
        ("a.txt", "[10:32] ANNA: hello\n[10:33] BOB: hi\n", "txt"),
        ("a.log", '{"a": 1}\n{"a": 2}\n', "txt"),
        ("a.json", "not yet\n", "json"),
        ("a.txt", "From: a@b\nTo: c@d\nSubject: x\n\nbody\n", "eml"),
        ("a.txt", "Received: from x\n\tby y\nFrom: a@b\nMIME-Version: 1.0\n\nbody\n", "eml"),
        ("a.txt", "From: Monday\nwe open at nine\n", "txt"),
        ("a.txt", "Interviewer: Who?\nFrom: here\n", "txt"),
        ("a.txt", "<!-- c -->\n<!DOCTYPE html><p>x", "html"),
        ("a.csv", "<html><table><tr><td>1</table>", "html"),
        ("a.xls", "<html><table><tr><td>1</table>", "html"),
        ("a.xlsx", '\ufeff<?xml version="1.0"?><html xmlns="x"><p>y</p></html>', "html"),
        ("a.doc", "<table><tr><td>1</table>", "html"),
        ("a.xhtml", "<html/>", "html"),
        ("a.txt", "About PDF files: they begin with %PDF-1.4.\n", "txt"),
        ("a.txt", "BM is short for benchmark\n", "txt"),
    ],
)
def test_kinds_of_text(name: str, content: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)

    assert detect_kind(tmp_path / name) == kind


def ole(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016) + stream.encode("utf-16-le") + bytes(100)


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-32"])
def test_kinds_of_text_in_wide_encodings(codec: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("question\tanswer\nWhy?\tSo\nHow?\tThus\n".encode(codec))

    assert detect_kind(tmp_path / "a.txt") == "csv"


@pytest.mark.parametrize(
    ("name", "content", "status", "advice"),
    [
        ("a.docx", ole("EncryptedPackage"), "encrypted", "encrypted; save a copy without a password"),
        ("a.doc", ole("WordDocument"), "unsupported", "save it as .docx"),
        ("a.xls", ole("Workbook"), "unsupported", "save it as .xlsx"),
        ("a.ppt", ole("PowerPoint Document"), "unsupported", "save it as .pptx"),
        ("a.msg", ole("__properties"), "unsupported", "save it as .eml or .txt"),
        ("a.bin", ole("x"), "unsupported", "old office format"),
        ("a.txt", b"{\\rtf1 hello}", "unsupported", "RTF"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n", "unsupported", "image; run OCR"),
        ("a.txt", b"RIFF\0\0\0\0WEBP", "unsupported", "image; run OCR"),
        ("a.csv", b"\x1f\x8b\x08" + bytes(20), "unsupported", "archive; unpack it"),
        ("a.pdf", b"just words", "damaged", "holds no PDF"),
        ("a.epub", b"just words", "damaged", "holds no EPUB"),
        ("a.txt", bytes(range(32)) * 9, "damaged", "holds no TXT"),
        ("a.json", bytes(range(32)) * 9, "damaged", "holds no JSON"),
        ("a.xml", b"<rss/>", "unsupported", "'.xml' files are not read. Accepted are PDF, DOCX"),
        ("a.txt", b"", "empty", "is empty"),
    ],
)
def test_refusals_say_what_to_do(name: str, content: bytes, status: str, advice: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(IngestionError) as refusal:
        detect_kind(tmp_path / name)

    assert str(refusal.value).startswith(name)
    assert advice in str(refusal.value)
    assert refusal.value.status == status


def zip_with(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = zip_with(tmp_path / "bomb.docx", {"word/document.xml": bytes(30 * 2**20)})

    with pytest.raises(IngestionError, match="would unpack to 30 MB") as refusal:
        detect_kind(path)

    assert refusal.value.status == "refused"


def test_thousands_of_parts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(IngestionError, match="10,001 parts"):
        detect_kind(zip_with(tmp_path / "many.xlsx", {str(number): b"" for number in range(10_001)}))


def test_a_large_sheet_that_is_no_bomb_passes(tmp_path: Path) -> None:
    noise = os.urandom(2**20) + bytes(20 * 2**20)
    types = b"<x>application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml</x>"

    assert detect_kind(zip_with(tmp_path / "big.xlsx", {"[Content_Types].xml": types, "s": noise})) == "xlsx"


OFFICE = "application/vnd.openxmlformats-officedocument."


@pytest.mark.parametrize(
    ("types", "kind"),
    [
        (OFFICE + "wordprocessingml.template.main+xml", "docx"),
        ("application/vnd.ms-word.document.macroEnabled.main+xml", "docx"),
        ("application/vnd.ms-word.template.macroEnabledTemplate.main+xml", "docx"),
        (OFFICE + "spreadsheetml.template.main+xml", "xlsx"),
        ("application/vnd.ms-excel.sheet.macroEnabled.main+xml", "xlsx"),
        (OFFICE + "presentationml.slideshow.main+xml", "pptx"),
        (OFFICE + "presentationml.template.main+xml", "pptx"),
        ("application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml", "pptx"),
    ],
)
def test_templates_shows_and_files_with_macros_are_documents(types: str, kind: str, tmp_path: Path) -> None:
    assert detect_kind(zip_with(tmp_path / "a.zip", {"[Content_Types].xml": types.encode()})) == kind


def test_strict_documents_and_types_in_utf_16_are_read(tmp_path: Path) -> None:
    types = (OFFICE + "wordprocessingml.document.main+xml").encode("utf-16")
    strict = b"http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"

    assert detect_kind(zip_with(tmp_path / "a.docx", {"[Content_Types].xml": types, "_rels/.rels": strict})) == "docx"


@pytest.mark.parametrize(
    ("parts", "status", "advice"),
    [
        ({"[Content_Types].xml": b"x"}, "unsupported", "zip archive; unpack it"),
        ({"a.docx": b"x"}, "unsupported", "zip archive; unpack it"),
        (
            {"[Content_Types].xml": b"application/vnd.ms-excel.sheet.binary.macroEnabled.main"},
            "unsupported",
            "save it as .xlsx",
        ),
        ({"mimetype": b"application/vnd.oasis.opendocument.text"}, "unsupported", "OpenDocument"),
        ({"word/document.xml": b"x"}, "damaged", "list of contents is missing"),
    ],
)
def test_other_zip_files_are_refused(parts: dict[str, bytes], status: str, advice: str, tmp_path: Path) -> None:
    with pytest.raises(IngestionError, match=advice) as refusal:
        detect_kind(zip_with(tmp_path / "a.docx", parts))

    assert refusal.value.status == status


def test_an_encrypted_zip_is_told(tmp_path: Path) -> None:
    path = zip_with(tmp_path / "a.docx", {"[Content_Types].xml": b"x"})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)

    with pytest.raises(IngestionError, match="is encrypted") as refusal:
        detect_kind(path)

    assert refusal.value.status == "encrypted"


def test_a_book_is_known_by_its_mimetype_or_its_container(tmp_path: Path) -> None:
    assert detect_kind(zip_with(tmp_path / "a.txt", {"mimetype": b"application/epub+zip\n"})) == "epub"
    assert detect_kind(zip_with(tmp_path / "b.epub", {"META-INF/container.xml": b"<x/>"})) == "epub"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")

    with pytest.raises(IngestionError, match="not a regular file") as refusal:
        detect_kind(tmp_path / "pipe.txt")

    assert refusal.value.status == "unreadable"


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.pdf").mkdir()

    with pytest.raises(IngestionError, match="not a regular file"):
        detect_kind(tmp_path / "folder.pdf")
    with pytest.raises(IngestionError, match="cannot be opened"):
        detect_kind(tmp_path / "missing.pdf")


def test_there_is_a_reader_for_each_kind() -> None:
    assert set(READERS) == set(KINDS) == set(SUFFIX_KINDS.values())
