"""Read pages that are images with tesseract, where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from src.ingestion.pdf.hyphens import HYPHENS, HyphenatedWords
from src.ingestion.pdf.pdfium import LOCK
from src.ingestion.pieces import Piece, clean

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

HOW_TO_INSTALL = "install tesseract (apt install tesseract-ocr, brew install tesseract, or its Windows installer)"

_DPI = 300  # what tesseract's manual asks for
_MAX_PIXELS = 40_000_000  # an A3 page at 300 dpi has 17 million
_TIMEOUT = 120  # seconds for one page
_LANGUAGES = re.compile(r"[A-Za-z]{2,8}(_[A-Za-z]{2,8})*(\+[A-Za-z]{2,8}(_[A-Za-z]{2,8})*){0,7}")
_FULL = 0.7  # of the longest line of a block
_PARTED = re.compile(r"(?<=[^\W\d_])-$")


class Ocr:
    """Tesseract for the languages given ("eng", "deu+eng"). `trouble` says why it cannot be used, or is empty."""

    def __init__(self, languages: str) -> None:
        self._languages = languages
        self._program = shutil.which("tesseract") or ""
        self.trouble = ""
        if not self._program:
            self.trouble = f"tesseract is not installed; {HOW_TO_INSTALL}"
        elif not _LANGUAGES.fullmatch(languages):
            self.trouble = f"ingestion.ocr_languages is '{languages[:40]}'; write codes like eng or deu+eng"

    def read_page(self, document: PdfDocument, number: int) -> list[Piece]:
        """The paragraphs on the page with place "page 3 (OCR)"; sets `trouble` when tesseract fails."""
        if self.trouble:
            return []
        with LOCK:
            picture = _picture(document, number)
        try:
            done = subprocess.run(  # noqa: S603 - a list of arguments, the languages checked
                [self._program, "stdin", "stdout", "-l", self._languages, "--dpi", str(_DPI)],
                input=picture,
                capture_output=True,
                timeout=_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            self.trouble = f"tesseract took more than {_TIMEOUT} seconds for page {number}"
            return []
        except OSError as error:
            self.trouble = f"tesseract cannot be started ({error.strerror})"
            return []
        if done.returncode:
            reason = " ".join(done.stderr.decode("utf-8", "replace").split())[:200]
            self.trouble = f"tesseract failed ({reason}); is the language '{self._languages}' installed?"
            return []
        return [Piece(text, "paragraph", f"page {number} (OCR)") for text in _paragraphs(done.stdout.decode("utf-8"))]


def _paragraphs(text: str) -> Iterator[str]:
    """Tesseract's blocks; a line that is much shorter than the longest of its block ends there on purpose."""
    hyphenated = HyphenatedWords()
    hyphenated.learn(text)
    for block in re.split(r"\n\s*\n", clean(text)):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        longest = max(map(len, lines), default=0)
        joined = lines[0] if lines else ""
        for above, line in pairwise(lines):
            if _PARTED.search(above):
                joined = hyphenated.join(joined[:-1] + HYPHENS[0], line)
            else:
                joined += (" " if len(above) > _FULL * longest and line[0].islower() else "\n") + line
        if joined:
            yield joined


def _picture(document: PdfDocument, number: int) -> bytes:
    """The page in grey as a portable grey map, which needs no library to write."""
    page = document[number - 1]
    try:
        width, height = page.get_size()
        scale = min(_DPI / 72, (_MAX_PIXELS / max(1.0, width * height)) ** 0.5)
        bitmap = page.render(scale=scale, grayscale=True)
        try:
            rows, stride = memoryview(bitmap.buffer).cast("B"), bitmap.stride
            body = b"".join(bytes(rows[n * stride : n * stride + bitmap.width]) for n in range(bitmap.height))
            return b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + body
        finally:
            bitmap.close()
    finally:
        page.close()
