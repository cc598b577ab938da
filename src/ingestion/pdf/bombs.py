"""Refuse, before PDFium sees it, a PDF whose streams unpack to more than any document holds."""

from __future__ import annotations

import mmap
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from src.errors import IngestionError

MAX_PAGES = 20_000
# A stream of drawing instructions this long makes PDFium hold some gigabytes.
_MAX_UNPACKED = 64 * 2**20
# PDFium took 1 GB for 2 million text operators, 210 kB packed (facts, 2026-11-21); a dense page has 20,000.
_MAX_OPERATORS = 500_000
_SUSPECT = 32 * 2**10  # packed bytes; smaller ones unpack to 32 MB at the most, which PDFium stands
_HEAD = 16 * 2**10  # packed bytes that tell what the rest is like
_SUSPECT_RATIO = 20  # fonts and text pack to a half or a tenth
_BLOCK = 2**20
_DICTIONARY = 1024  # bytes before a stream in which its dictionary stands
_SHOWS_TEXT = re.compile(rb"T[jJ]\b")


def refuse_bomb(path: Path) -> None:
    """Raises IngestionError for a stream that is a bomb. Costs a search for the word "stream" on other files.

    Streams of images are passed over: PDFium does not unpack them for text.
    """
    with path.open("rb") as file:
        try:
            view = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:
            return  # an empty file
        with view:
            for start, end, filters in _suspects(view):
                _refuse_stream(path, view, start, end, filters)


def _suspects(view: mmap.mmap) -> Iterator[tuple[int, int, int]]:
    """Start and end of the streams that may be bombs, and how often they are packed."""
    position = view.find(b"stream")
    while position >= 0:
        start = position + 6
        end = view.find(b"endstream", start)
        if end < 0:
            end = len(view)
        before = bytes(view[max(0, position - _DICTIONARY) : position])
        dictionary = before[max(0, before.rfind(b" obj")) :]
        filters = dictionary.count(b"FlateDecode")
        is_image = re.search(rb"/Subtype\s*/Image", dictionary)
        if not is_image and (end - start > _SUSPECT or filters > 1):
            yield start + len(view[start : start + 2]) - len(view[start : start + 2].lstrip(b"\r\n")), end, filters
        position = view.find(b"stream", end + 9)


def _refuse_stream(path: Path, view: mmap.mmap, start: int, end: int, filters: int) -> None:
    if filters and filters < 2 and _ratio_of_head(view[start : min(end, start + _HEAD)]) < _SUSPECT_RATIO:
        return
    unpacked = operators = 0
    for block in _unpacked(view, start, end, filters):
        unpacked += len(block)
        operators += len(_SHOWS_TEXT.findall(block)) if unpacked > _BLOCK else 0
        if filters and unpacked > _MAX_UNPACKED:
            raise IngestionError(
                f"{path.name} holds a stream that unpacks to more than {_MAX_UNPACKED // 2**20} MB from "
                f"{(end - start) / 2**20:.1f} MB, which no ordinary document does; print it to a new PDF.",
                "refused",
            )
        if operators > _MAX_OPERATORS:
            raise IngestionError(
                f"{path.name} draws more than {_MAX_OPERATORS:,} pieces of text in one stream, "
                "which no ordinary page does; print it to a new PDF.",
                "refused",
            )


def _ratio_of_head(head: bytes) -> float:
    try:
        return len(zlib.decompressobj().decompress(head, _BLOCK)) / max(1, len(head))
    except zlib.error:
        return 0.0  # encrypted, or no bomb that anything unpacks


def _unpacked(view: mmap.mmap, start: int, end: int, filters: int) -> Iterator[bytes]:
    """The stream in blocks, unpacked as often as its dictionary says, without ever holding it whole."""
    blocks: Iterator[bytes] = (view[at : min(end, at + _BLOCK)] for at in range(start, end, _BLOCK))
    for _ in range(min(filters, 4)):
        blocks = _inflated(blocks)
    return blocks


def _inflated(blocks: Iterator[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj()
    try:
        for block in blocks:
            out = inflater.decompress(block, _BLOCK)
            while out:
                yield out
                out = inflater.decompress(inflater.unconsumed_tail, _BLOCK)
    except zlib.error:
        return
