"""The records keep their promises."""

from __future__ import annotations

import pytest

from src.records import Block, Dataset, Document, Issue, Message, Origin, Sample, Span, make_sample


def document() -> Document:
    blocks = (
        Block("First", "heading", "page 1", 0),
        Block("second\nline", "paragraph", "page 1", 7),
        Block("Third", "paragraph", "page 2", 21),
    )
    return Document("d" * 64, "a.pdf", blocks)


def test_every_block_stands_at_its_start_in_the_text() -> None:
    doc = document()
    assert doc.text == "First\n\nsecond\nline\n\n\nThird"
    assert all(doc.text[block.start : block.end] == block.text for block in doc.blocks)


def test_a_span_over_two_pages_names_both() -> None:
    assert document().place_of(Span(8, 12)) == "page 1"
    assert document().place_of(Span(8, 24)) == "page 1 to page 2"


def test_overlapping_blocks_are_refused() -> None:
    with pytest.raises(ValueError, match="starts before"):
        Document("d", "a.txt", (Block("abc", "paragraph", "", 0), Block("d", "paragraph", "", 2)))


def test_the_same_content_and_origin_give_the_same_id() -> None:
    origin = Origin("a.txt", "identified", "d", "line 1", Span(0, 5))
    turns = [Message("user", "q"), Message("assistant", "a")]
    assert make_sample(turns, origin) == make_sample(turns, origin)
    elsewhere = Origin("a.txt", "identified", "d", "line 1", Span(9, 14))
    assert make_sample(turns, origin).id != make_sample(turns, elsewhere).id


def test_a_dataset_is_a_sequence_of_samples() -> None:
    samples = [make_sample([Message("user", str(i))], Origin("a", "free", "d", "")) for i in range(3)]
    dataset = Dataset("n", "openai", "m", "free", samples)
    assert len(dataset) == 3 and list(dataset) == samples and dataset[1] is samples[1]
    assert isinstance(dataset[0], Sample) and list(dataset[1:]) == samples[1:]


def test_an_issue_reads_as_a_sentence() -> None:
    assert str(Issue("warning", "a.pdf", "has no text.")) == "warning: a.pdf: has no text."
    assert str(Issue("note", "", "hello")) == "note: hello"
