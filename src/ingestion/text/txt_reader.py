"""Read a text file: paragraphs as blocks, the file's own gaps kept, so Document.text is the file's text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from src.ingestion.pieces import Piece, ReadOptions, Remarks, damage_refused
from src.ingestion.text.text_decoding import encoding_note, find_encoding
from src.records import BlockKind

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")
_HEADING = re.compile(r"#{1,6} +\S[^\n]*|[^\n]+\n(?:={3,}|-{3,})")
_HEADING_LINE = re.compile(r"^#{1,6} +\S[^\n]*(?:\n|\Z)", re.MULTILINE)


def read(path: Path, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """Paragraphs with place "line N", N being the paragraph's first line; `# headings` are blocks of their own.

    Line ends become LF, a byte-order mark and control characters other than tab go; the latter are counted.
    """
    with damage_refused(path, "text"):
        encoding = find_encoding(path)
        text = path.read_text(encoding=encoding.codec)  # universal newlines: CRLF and CR come as LF
    text, removed = _CONTROL.subn("", text)
    for note in encoding_note(encoding):
        remarks.note(note)
    if removed:
        remarks.note(f"{removed:,} control character{'s' * (removed > 1)} left out")
    yield from _paragraphs(text, marked_up=path.suffix.lower() != ".log")


def _paragraphs(text: str, marked_up: bool) -> Iterator[Piece]:
    line, end = 1, 0
    for start, stop in _ranges(text, marked_up):
        newlines = text.count("\n", end, start)
        line += newlines
        yield Piece(text[start:stop], _kind(text[start:stop], marked_up), f"line {line}", gap=newlines)
        line += text.count("\n", start, stop)
        end = stop


def _ranges(text: str, marked_up: bool) -> Iterator[tuple[int, int]]:
    """Where paragraphs stand; between two there are only newlines, so a blank line's spaces stay before it."""
    start = _first_line_with_text(text)
    last = len(text.rstrip())
    for blank in _BLANK_LINES.finditer(text, start, last):
        yield from _without_headings(text, start, _end_before_newlines(text, blank.end()), marked_up)
        start = blank.end()
    if start < last:
        yield from _without_headings(text, start, last, marked_up)


def _without_headings(text: str, start: int, stop: int, marked_up: bool) -> Iterator[tuple[int, int]]:
    cuts = {start, stop}
    for heading in _HEADING_LINE.finditer(text, start, stop) if marked_up else ():
        # What follows may be only the spaces of a blank line: they stay with the heading.
        cuts |= {heading.start(), heading.end() if text[heading.end() : stop].strip() else stop}
    for begin, end in pairwise(sorted(cuts)):
        yield begin, _end_before_newlines(text, end)


def _end_before_newlines(text: str, end: int) -> int:
    while text[end - 1] == "\n":
        end -= 1
    return end


def _first_line_with_text(text: str) -> int:
    indented = len(text) - len(text.lstrip())
    return text.rfind("\n", 0, indented) + 1


def _kind(text: str, marked_up: bool) -> BlockKind:
    return "heading" if marked_up and _HEADING.fullmatch(text) else "paragraph"
