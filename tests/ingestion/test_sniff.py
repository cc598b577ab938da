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
from src.ingestion.sniff import KINDS, detect_kind


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
        ("a.md", "# T\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", "txt"),
        ("README", "hello", "txt"),
        ("A.CSV", "just one column\n", "csv"),
        ("a.tsv", "a\tb\n", "csv"),
    ],
)
def test_kinds_of_text(name: str, content: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)

    assert detect_kind(tmp_path / name) == kind


def ole(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016) + stream.encode("utf-16-le") + bytes(100)


@pytest.mark.parametrize(
    ("name", "content", "advice"),
    [
        ("a.docx", ole("EncryptedPackage"), "encrypted; save a copy without a password"),
        ("a.doc", ole("WordDocument"), "save it as .docx"),
        ("a.xls", ole("Workbook"), "save it as .xlsx"),
        ("a.ppt", ole("PowerPoint Document"), "save it as .pptx"),
        ("a.bin", ole("x"), "old office format"),
        ("a.txt", b"{\\rtf1 hello}", "RTF"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n", "image; run OCR"),
        ("a.pdf", b"just words", "holds no PDF"),
        ("a.txt", bytes(range(32)) * 9, "holds no TXT"),
        ("a.json", b"{}", "Accepted are PDF, DOCX"),
        ("a.html", b"<html>", "'.html' files are not read"),
        ("a.txt", b"", "is empty"),
    ],
)
def test_refusals_say_what_to_do(name: str, content: bytes, advice: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(IngestionError) as refusal:
        detect_kind(tmp_path / name)

    assert str(refusal.value).startswith(name)
    assert advice in str(refusal.value)


def zip_with(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = zip_with(tmp_path / "bomb.docx", {"word/document.xml": bytes(30 * 2**20)})

    with pytest.raises(IngestionError, match="would unpack to 30 MB"):
        detect_kind(path)


def test_thousands_of_parts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(IngestionError, match="10,001 parts"):
        detect_kind(zip_with(tmp_path / "many.xlsx", {str(number): b"" for number in range(10_001)}))


def test_a_large_sheet_that_is_no_bomb_passes(tmp_path: Path) -> None:
    noise = os.urandom(2**20) + bytes(20 * 2**20)
    types = b"<x>application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml</x>"

    assert detect_kind(zip_with(tmp_path / "big.xlsx", {"[Content_Types].xml": types, "s": noise})) == "xlsx"


@pytest.mark.parametrize(
    ("types", "advice"),
    [
        (b"application/vnd.ms-word.document.macroEnabled.main+xml", "holds macros"),
        (b"application/epub", "zip archive; unpack it"),
    ],
)
def test_other_zip_files_are_refused(types: bytes, advice: str, tmp_path: Path) -> None:
    with pytest.raises(IngestionError, match=advice):
        detect_kind(zip_with(tmp_path / "a.docx", {"[Content_Types].xml": types}))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")

    with pytest.raises(IngestionError, match="not a regular file"):
        detect_kind(tmp_path / "pipe.txt")


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.pdf").mkdir()

    with pytest.raises(IngestionError, match="not a regular file"):
        detect_kind(tmp_path / "folder.pdf")
    with pytest.raises(IngestionError, match="cannot be opened"):
        detect_kind(tmp_path / "missing.pdf")


def test_there_is_a_reader_for_each_kind() -> None:
    assert set(READERS) == set(KINDS)
