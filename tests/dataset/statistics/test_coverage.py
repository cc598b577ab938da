from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from src.dataset.statistics.coverage import SpanTally
from src.dataset.statistics.results import Coverage
from src.records import Block, Document


def document(name: str, pages: Sequence[str], part: int = 1) -> Document:
    blocks, start = [], 0
    for number, text in enumerate(pages, 1):
        blocks.append(Block(text, "paragraph", f"page {number + 100 * (part - 1)}", start))
        start += len(text) + 2
    return Document(f"{name}{'' if part == 1 else f'.{part}'}", f"{name}.pdf", tuple(blocks))


def test_pages_without_a_sample_are_named() -> None:
    spans = SpanTally()
    spans.add("a", "a.pdf", (2, 6), "a:0-10")
    spans.add("a", "a.pdf", (24, 26), "a:24-34")
    found = spans.coverage([document("a", ["x" * 10] * 4), document("b", ["y" * 40])], {})
    a = next(one for one in found.documents if one.source_file == "a.pdf")
    assert (a.samples, a.characters, a.places, a.unused) == (2, 40, 4, ("page 2", "page 4"))
    assert (a.spans, a.passages) == (6 / 40, 20 / 40)
    assert (found.documents_read, found.documents_without_samples) == (2, 1)
    assert (found.places, found.unused_places, found.characters) == (5, 3, 80)
    assert (found.spans, found.passages) == (6 / 80, 20 / 80)
    assert found.documents[0].source_file == "b.pdf"  # the least covered one first


def test_overlapping_spans_count_once_and_gaps_between_blocks_not_at_all() -> None:
    spans = SpanTally()
    for span in ((0, 6), (4, 8), (8, 14)):  # characters 10 and 11 lie between two blocks
        spans.add("a", "a.pdf", span, "")
    (a,) = spans.coverage([document("a", ["x" * 10, "x" * 10])], {}).documents
    assert (a.spans, a.passages, a.unused) == (12 / 20, 12 / 20, ())


def test_parts_of_one_file_are_one_document() -> None:
    spans = SpanTally()
    spans.add("a.2", "a.pdf", (0, 10), "a.2:0-10")
    parts = [document("a", ["x" * 10] * 2), document("a", ["x" * 10] * 2, part=2)]
    found = spans.coverage(parts, {})
    assert [(one.source_file, one.samples, one.spans) for one in found.documents] == [("a.pdf", 1, 0.25)]
    assert found.documents[0].unused == ("page 1", "page 2", "page 102")


def test_the_same_bytes_in_two_files_are_two_documents() -> None:
    spans = SpanTally()
    spans.add("a", "copy.pdf", (0, 5), "")
    original = document("a", ["x" * 10])
    copy = Document("a", "copy.pdf", original.blocks)
    found = spans.coverage([original, copy], {})
    assert {one.source_file: one.samples for one in found.documents} == {"a.pdf": 0, "copy.pdf": 1}


def test_what_cannot_be_read_is_not_computed_and_says_why() -> None:
    spans = SpanTally()
    spans.add("gone", "gone.pdf", (0, 5), "")
    spans.add("other", "other.pdf", (0, 5), "")
    spans.add("", "pasted.txt", (0, 5), "")
    spans.add("a", "a.pdf", None, "")
    found = spans.coverage([], {"gone.pdf": "the file was changed since"})
    assert found.not_computed == {
        "gone.pdf": "the file was changed since",
        "other.pdf": "it is not among the documents that could be read",
    }
    assert (found.samples_without_place, found.documents, found.spans) == (2, (), 0)


def test_an_empty_document_and_spans_beyond_its_end_are_no_problem() -> None:
    spans = SpanTally()
    spans.add("a", "a.pdf", (5, 900), "a:5-999")
    spans.add("e", "e.pdf", (0, 5), "")
    found = spans.coverage([document("a", ["x" * 10]), Document("e", "e.pdf", ())], {})
    assert {one.source_file: one.spans for one in found.documents} == {"a.pdf": 0.5, "e.pdf": 0}


def test_of_many_documents_the_least_covered_are_named_and_all_are_counted() -> None:
    spans = SpanTally()
    for number in range(0, 500, 2):
        spans.add(f"d{number:03}", f"d{number:03}.pdf", (0, 1 + number % 10), "")
    found = spans.coverage((document(f"d{number:03}", ["x" * 10]) for number in range(500)), {})
    assert (found.documents_read, found.documents_without_samples, len(found.documents)) == (500, 250, 100)
    assert all(one.samples == 0 for one in found.documents)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8),
    st.lists(st.integers(1, 9), min_size=1, max_size=6),
)
def test_shares_are_those_of_the_characters_marked_one_by_one(ends: list[tuple[int, int]], sizes: list[int]) -> None:
    spans, marked = SpanTally(), set()
    for start, end in (sorted(pair) for pair in ends):
        spans.add("a", "a.pdf", (start, end), "")
        marked |= set(range(start, end))
    given_document = document("a", ["x" * size for size in sizes])
    inside = [sum(n in marked for n in range(block.start, block.end)) for block in given_document.blocks]
    found: Coverage = spans.coverage([given_document], {})
    assert found.documents[0].spans == round(sum(inside) / sum(sizes), 4)
    unused = tuple(block.place for block, n in zip(given_document.blocks, inside, strict=True) if not n)
    assert found.documents[0].unused == unused
