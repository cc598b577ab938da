"""What is found on the way through a PDF that its reader must tell: images, damage, dropped lines, unknown glyphs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from src.errors import IngestionError
from src.ingestion.pdf.bombs import MAX_PAGES
from src.ingestion.pieces import Remarks

_OCR_ADVICE = "run OCR first, or set ingestion.ocr: true with tesseract installed"
_MAX_UNMAPPED = 0.01  # of the characters
_UNMAPPED = re.compile("[\ue000-\uf8ff\ufffd]")
_MAX_NAMED = 12  # damaged pages named in warnings


@dataclass(slots=True)
class Findings:
    """Counts of one document. `ocr_trouble` says why OCR was asked for and could not be done."""

    path: Path
    pages: int = 0
    images: list[int] = field(default_factory=list)
    damaged: list[int] = field(default_factory=list)
    recognised: int = 0
    dropped: int = 0
    characters: int = 0
    unmapped: int = 0
    ocr_trouble: str = ""

    def set_pages(self, count: int) -> None:
        """Raises IngestionError when they are too many."""
        self.pages = count
        if count > MAX_PAGES:
            raise IngestionError(
                f"{self.path.name} has more than {MAX_PAGES:,} pages; split it into smaller files.", "refused"
            )

    def count(self, text: str) -> None:
        self.characters += len(text)
        if not text.isascii():
            self.unmapped += len(_UNMAPPED.findall(text))

    def no_text(self) -> IngestionError:
        """Why nothing was found in the whole document."""
        name = self.path.name
        if self.images:
            return IngestionError(f"{name} holds no text: {self._images_told()}.", "needs_ocr")
        if self.damaged:
            return IngestionError(f"{name} is damaged: no page can be read; save it again.", "damaged")
        return IngestionError(f"{name} holds no text; check the file.", "empty")

    def tell(self, remarks: Remarks) -> None:
        for number in self.damaged[:_MAX_NAMED]:
            remarks.warn(f"page {number} is damaged and was left out")
        if len(self.damaged) > _MAX_NAMED:
            remarks.warn(f"{len(self.damaged) - _MAX_NAMED} more damaged pages were left out")
        if self.images:
            remarks.warn(self._images_told())
        if self.unmapped > _MAX_UNMAPPED * self.characters:
            share = self.unmapped / self.characters
            remarks.warn(
                f"its fonts do not say what {share:.0%} of the characters mean; compare the text with the pages"
            )
        if self.recognised:
            remarks.note(f"{self.recognised} of {self.pages} pages were read by OCR; expect wrong letters")
        if self.dropped:
            remarks.note(f"{self.dropped} running header and footer lines left out")

    def _images_told(self) -> str:
        """As "3 of 12 pages are images without text (pages 2, 5-6); run OCR first"."""
        runs: list[list[int]] = []
        for number in self.images:
            if runs and number == runs[-1][-1] + 1:
                runs[-1][1:] = [number]
            else:
                runs.append([number])
        named = ", ".join("-".join(map(str, run)) for run in runs)
        one = len(self.images) == 1
        pages = "page" if self.pages == 1 else "pages"
        told = f"{len(self.images)} of {self.pages} {pages} {'is an image' if one else 'are images'} without text"
        return f"{told} (page{'' if one else 's'} {named}); {self.ocr_trouble or _OCR_ADVICE}"
