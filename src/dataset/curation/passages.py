"""The passage of the document that a sample was made from, to be read beside it."""

from __future__ import annotations

from dataclasses import dataclass

from src.records import Document, Sample, Span, chunk_span

LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Passage:
    """Text of the document: what the sample's span marks, and what stands before and after it. `place` is where."""

    place: str
    before: str
    marked: str
    after: str


def passage_of(sample: Sample, document: Document, around: int = 300) -> Passage | None:
    """What the sample's span marks, within its chunk, or with `around` characters on both sides where that is no more.

    None where its origin says nothing of a place in this document. LONGEST characters of each part at most.
    """
    origin, length = sample.origin, len(document.text)
    chunk = chunk_span(origin.chunk_id)
    span = origin.span or chunk
    if span is None or document.id != origin.document_id or not 0 <= span.start < span.end <= length:
        return None
    inside = chunk is not None and chunk.start <= span.start and span.end <= chunk.end <= length
    near = Span(max(0, span.start - around), min(length, span.end + around))
    frame = chunk if chunk is not None and inside and chunk != span else near
    before = document.text[frame.start : span.start][-LONGEST:]
    after = document.text[span.end : frame.end][:LONGEST]
    return Passage(document.place_of(span), before, _shortened(document.text_of(span)), after)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} [...] {text[-LONGEST // 2 :]}"
