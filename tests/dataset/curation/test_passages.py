from __future__ import annotations

from dataclasses import replace

from src.dataset.curation.passages import LONGEST, Passage, passage_of
from src.records import Block, Document, Origin, Sample, Span

TEXT = "Before it stands this. The pump moves water. After it stands that."
DOCUMENT = Document("ab" * 32, "a.txt", (Block(TEXT, "paragraph", "line 1", 0),))
SPAN = Span(TEXT.index("The"), TEXT.index(" After"))


def sample(span: Span | None, chunk: Span | None) -> Sample:
    name = f"{DOCUMENT.short_id}:{chunk.start}-{chunk.end}" if chunk else ""
    return Sample("s1", (), Origin("a.txt", "created", DOCUMENT.id, "line 1", span=span, chunk_id=name))


def test_what_a_sample_is_about_is_marked_in_its_chunk() -> None:
    found = passage_of(sample(SPAN, Span(17, 50)), DOCUMENT)
    assert found == Passage("line 1", "this. ", "The pump moves water.", " After")


def test_where_the_chunk_shows_no_more_the_text_around_it_does() -> None:
    for chunk in (SPAN, None):
        found = passage_of(sample(SPAN, chunk), DOCUMENT, around=6)
        assert found == Passage("line 1", "this. ", "The pump moves water.", " After")
    whole = passage_of(sample(None, SPAN), DOCUMENT)
    assert whole is not None and whole.marked == "The pump moves water."


def test_no_place_or_another_document_gives_no_passage() -> None:
    assert passage_of(sample(None, None), DOCUMENT) is None
    assert passage_of(sample(Span(0, 9999), None), DOCUMENT) is None
    other = sample(SPAN, None)
    assert passage_of(replace(other, origin=replace(other.origin, document_id="cd" * 32)), DOCUMENT) is None


def test_a_long_passage_is_shortened() -> None:
    long = Document("ab" * 32, "a.txt", (Block("x" * 50_000, "paragraph", "line 1", 0),))
    found = passage_of(sample(Span(20_000, 40_000), Span(0, 50_000)), long)
    assert found is not None and len(found.before) == len(found.after) == LONGEST and "[...]" in found.marked
