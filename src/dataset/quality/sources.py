"""The text a sample was made from, out of its document."""

from __future__ import annotations

from collections.abc import Callable

from src.records import Document, Sample, chunk_span


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
    chunk = chunk_span(origin.chunk_id)
    return document.text[chunk.start : chunk.end] if chunk is not None and chunk.end <= length else None
