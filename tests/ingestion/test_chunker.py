"""Chunks: always in budget, always the document's own text, cut where the author cut."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.ingestion.chunker import Chunk, chunk_document
from src.ingestion.pieces import Piece, lay_out
from src.ingestion.tables import row_piece
from src.records import BlockKind, Document


def count(text: str) -> int:
    """Tokens that do not add up: white space before a word is part of it, as in byte-pair encodings."""
    return len(re.findall(r"\s?\w{1,4}|\s+|[^\w\s]", text))


def document(*pieces: Piece) -> Document:
    return Document("a" * 64, "d.txt", lay_out(pieces))


def para(text: str, kind: BlockKind = "paragraph", place: str = "line 1") -> Piece:
    return Piece(text, kind, place)


def bare(text: str) -> str:
    return "".join(text.split())


def check(doc: Document, chunks: list[Chunk], limit: int) -> None:
    for chunk in chunks:
        assert chunk.text == doc.text[chunk.span.start : chunk.span.end] == chunk.text.strip()
        assert 0 < count(chunk.text) <= limit
        assert chunk.id == f"{doc.id[:12]}:{chunk.span.start}-{chunk.span.end}"


KINDS = st.sampled_from(["paragraph", "paragraph", "heading", "title", "row", "list_item", "note"])
PIECES = st.lists(
    st.builds(Piece, st.text(max_size=120), KINDS, st.sampled_from(["page 1", "page 2"]), gap=st.integers(1, 3)),
    min_size=1,
    max_size=12,
).filter(lambda pieces: any(piece.text.strip() for piece in pieces))


@given(pieces=PIECES, limit=st.integers(1, 60))
@settings(max_examples=300, deadline=None)
def test_without_overlap_every_character_stands_in_exactly_one_chunk(pieces: list[Piece], limit: int) -> None:
    doc = document(*pieces)

    chunks = chunk_document(doc, limit, count)

    check(doc, chunks, limit)
    assert bare("".join(chunk.text for chunk in chunks)) == bare(doc.text)
    assert all(a.span.end <= b.span.start for a, b in itertools.pairwise(chunks))


@given(pieces=PIECES, limit=st.integers(8, 60), overlap=st.integers(1, 7))
@settings(max_examples=300, deadline=None)
def test_with_overlap_chunks_move_on_and_cover_everything(pieces: list[Piece], limit: int, overlap: int) -> None:
    doc = document(*pieces)

    chunks = chunk_document(doc, limit, count, overlap)

    check(doc, chunks, limit)
    covered = {at for chunk in chunks for at in range(chunk.span.start, chunk.span.end)}
    assert all(at in covered for at, character in enumerate(doc.text) if not character.isspace())
    for a, b in itertools.pairwise(chunks):
        assert (a.span.start, a.span.end) < (b.span.start, b.span.end)
        assert count(doc.text[b.span.start : a.span.end]) <= overlap


def test_gaps_larger_than_a_token_do_not_break_the_budget() -> None:
    doc = document(*(Piece("12345678", "paragraph", "p", gap=9) for _ in range(10)))

    chunks = chunk_document(doc, 26, len)

    assert [len(chunk.text) for chunk in chunks] == [25] * 5


def test_a_paragraph_of_20000_characters_stays_in_budget_and_is_well_filled() -> None:
    doc = document(para("word " * 4000))

    chunks = chunk_document(doc, 128, count)

    check(doc, chunks, 128)
    assert len(chunks) < 2.2 * count(doc.text) / 128
    assert not any(chunk.text.startswith("ord") for chunk in chunks)


def test_a_word_of_20000_characters_is_cut_inside() -> None:
    doc = document(para("x" * 20_000))

    chunks = chunk_document(doc, 100, count)

    check(doc, chunks, 100)
    assert "".join(chunk.text for chunk in chunks) == doc.text


def test_a_heading_begins_a_chunk_and_names_it() -> None:
    doc = document(
        para("Manual", "title", "page 1"), para("Water", "heading", "page 1"), para("Fill it.", place="page 1"),
        para("Then stop.", place="page 2"), para("Care", "heading", "page 2"), para("Wipe it.", place="page 2"),
    )  # fmt: skip

    chunks = chunk_document(doc, 100, count)

    assert [(chunk.heading, chunk.place, chunk.text) for chunk in chunks] == [
        ("Water", "page 1 to page 2", "Manual\n\nWater\n\nFill it.\n\nThen stop."),
        ("Care", "page 2", "Care\n\nWipe it."),
    ]


@pytest.mark.parametrize(("text", "name"), [("## Care ##", "Care ##"), ("Care\n----", "Care"), ("A\nB", "A B")])
def test_marks_of_a_heading_are_not_its_name(text: str, name: str) -> None:
    (chunk,) = chunk_document(document(para(text, "heading"), para("Wipe.")), 50, count)

    assert chunk.heading == name


def test_paragraphs_are_packed_whole() -> None:
    doc = document(*(para(f"Paragraph number {n} has ten words in it or so.") for n in range(10)))

    chunks = chunk_document(doc, 60, count)

    assert all(chunk.text.startswith("Paragraph") and chunk.text.endswith("so.") for chunk in chunks)
    assert max(chunk.text.count("Paragraph") for chunk in chunks) > 1


def test_sentences_stay_whole_when_a_paragraph_does_not_fit() -> None:
    doc = document(para("This is a sentence of some words. " * 30))

    chunks = chunk_document(doc, 40, count)

    assert all(chunk.text.startswith("This") and chunk.text.endswith("words.") for chunk in chunks)


def test_rows_that_fit_are_never_torn() -> None:
    names = ["question", "answer"]
    doc = document(*(row_piece(names, [f"What is {n}?", f"It is {n}. " * 4], f"row {n}") for n in range(12)))

    chunks = chunk_document(doc, 50, count)

    assert all(chunk.text.startswith("question:") for chunk in chunks)


def test_overlap_repeats_whole_sentences() -> None:
    doc = document(para(" ".join(f"Sentence number {n} is here." for n in range(20))))

    chunks = chunk_document(doc, 40, count, overlap_tokens=10)

    assert len(chunks) > 2
    for before, after in itertools.pairwise(chunks):
        shared = doc.text[after.span.start : before.span.end]
        assert re.fullmatch(r"Sentence number \d+ is here\.", shared)


def test_tokens_are_counted_with_few_calls() -> None:
    calls = 0

    def counting(text: str) -> int:
        nonlocal calls
        calls += 1
        return count(text)

    doc = document(*(para(f"Paragraph number {n} has ten words in it or so.") for n in range(200)))
    chunks = chunk_document(doc, 120, counting)

    assert calls <= 200 + 3 * len(chunks)


@pytest.mark.parametrize(("limit", "overlap"), [(0, 0), (10, 10), (10, -1)])
def test_impossible_budgets_are_refused(limit: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="max_tokens"):
        chunk_document(document(para("text")), limit, count, overlap)


def test_a_character_larger_than_the_budget_is_refused() -> None:
    with pytest.raises(ValueError, match="single character"):
        chunk_document(document(para("\U00012000")), 2, lambda text: len(text.encode()))
