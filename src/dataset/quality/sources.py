"""The text a sample was made from, out of its document."""

from __future__ import annotations

import re
from collections.abc import Callable

from src.records import Document, Sample

# A chunk is named after its document and its place in it (src/ingestion/chunker.py).
_CHUNK = re.compile(r"[0-9a-f]{12}(?:\.\d+)?:(\d{1,12})-(\d{1,12})")


def passages_from(document_of: Callable[[str], Document | None]) -> Callable[[Sample], str | None]:
    """What gives each sample's passage, for assess(): of an identified sample the text of its span, else its chunk's.

    `document_of` finds a document by its id and gives None (or raises KeyError) where it is not at hand. The one that
    was asked for last is kept, since samples of a document mostly follow each other.
    """
    last: list[Document | None] = [None]

    def passage_of(sample: Sample) -> str | None:
        wanted = sample.origin.document_id
        if last[0] is None or last[0].id != wanted:
            try:
                last[0] = document_of(wanted)
            except KeyError:
                last[0] = None
        return passage_text(sample, last[0]) if last[0] is not None else None

    return passage_of


def passage_text(sample: Sample, document: Document) -> str | None:
    """The passage in this document; None where the sample's origin names no place in it."""
    origin, length = sample.origin, len(document.text)
    if document.id != origin.document_id:
        return None
    if origin.method == "identified":
        span = origin.span
        return document.text[span.start : span.end] if span is not None and span.end <= length else None
    chunk = _CHUNK.fullmatch(origin.chunk_id)
    if chunk is None or int(chunk[2]) > length:
        return None
    return document.text[int(chunk[1]) : int(chunk[2])]
