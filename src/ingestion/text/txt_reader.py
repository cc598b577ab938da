"""Read a text file: paragraphs as blocks, the file's own gaps kept, so Document.text is the file's text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from src.ingestion.pieces import Piece, ReadOptions, Remarks, damage_refused
from src.ingestion.text.plain_text import cleaned, paragraphs
from src.ingestion.text.text_decoding import text_blocks


def read(path: Path, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """Paragraphs with place "line N", N being the paragraph's first line; `# headings` are blocks of their own.

    Line ends become LF; a byte-order mark, terminal escape sequences and control characters other than tab go, the
    latter two are counted. The file is read once, in blocks, so its size does not matter.
    """
    with damage_refused(path, "text"):
        yield from paragraphs(cleaned(text_blocks(path, remarks), remarks), marked_up=path.suffix.lower() != ".log")
