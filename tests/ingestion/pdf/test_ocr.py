"""Pages of images read by tesseract. The tests that run it need it on the PATH."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from src.errors import IngestionError
from src.ingestion.pdf.pdf_reader import read
from src.ingestion.pieces import ReadOptions
from tests.ingestion.support import reading

needs_tesseract = pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not on the PATH")


def scan(path: Path, pages: list[str]) -> Path:
    """A page with text for each entry that begins with "=", an image of the text for the others."""
    canvas = Canvas(str(path), pagesize=A4)
    for text in pages:
        if text.startswith("="):
            canvas.drawString(72, 700, text[1:])
        else:
            picture = Image.new("L", (1200, 200), 255)
            ImageDraw.Draw(picture).text((40, 60), text, fill=0, font=ImageFont.load_default(60))
            canvas.drawImage(ImageReader(picture), 72, 600, 450, 75)
        canvas.showPage()
    canvas.save()
    return path


@needs_tesseract
def test_pages_of_images_are_read_and_told(tmp_path: Path) -> None:
    path = scan(tmp_path / "a.pdf", ["=This page has text of its own.", "Water boils in kettles"])

    found = reading(read, path, ReadOptions(ocr=True))

    assert [(piece.place, piece.text) for piece in found.pieces] == [
        ("page 1", "This page has text of its own."),
        ("page 2 (OCR)", "Water boils in kettles"),
    ]
    assert found.notes == ("1 of 2 pages were read by OCR; expect wrong letters",)
    assert found.warnings == ()


@needs_tesseract
def test_a_language_that_is_not_installed_is_told(tmp_path: Path) -> None:
    with pytest.raises(IngestionError, match="is the language 'zzz' installed") as refused:
        reading(read, scan(tmp_path / "a.pdf", ["Water"]), ReadOptions(ocr=True, ocr_languages="zzz"))
    assert refused.value.status == "needs_ocr"


@needs_tesseract
def test_languages_that_are_no_codes_never_reach_the_command(tmp_path: Path) -> None:
    path = scan(tmp_path / "a.pdf", ["=This page has text of its own.", "Water"])

    found = reading(read, path, ReadOptions(ocr=True, ocr_languages="eng --user-words /etc/passwd"))

    assert "write codes like eng or deu+eng" in found.warnings[0]


def test_without_tesseract_the_way_to_install_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    path = scan(tmp_path / "a.pdf", ["=This page has text of its own.", "Water"])

    assert "install tesseract (apt install tesseract-ocr" in reading(read, path, ReadOptions(ocr=True)).warnings[0]
