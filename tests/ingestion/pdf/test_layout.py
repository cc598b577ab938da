"""Lines to paragraphs, on lines made by hand."""

from __future__ import annotations

import pytest

from src.ingestion.pdf.layout import Line, Page, body_height, drop_furniture, paragraphs


def line(text: str, top: float, left: float = 50, width: float = 200, height: float = 10) -> Line:
    return Line(text, left, left + width, top - height, top, first_word=30)


def texts(*lines: Line) -> list[str]:
    page = Page(1, 800, lines)
    return [piece.text for piece in paragraphs(page, body_height([page]))]


def test_two_columns_are_not_mixed() -> None:
    left = [line("the left column goes on and on and", 700), line("ends.", 688, width=20)]
    right = [line("the right column goes on and on so", 700, left=300), line("too.", 688, left=300, width=20)]

    assert texts(*left, *right) == [
        "the left column goes on and on and ends.",
        "the right column goes on and on so too.",
    ]


def test_a_gap_begins_a_paragraph() -> None:
    first = [line("one one one one one one one one one", 700), line("one.", 688, width=20)]
    second = [line("two two two two two two two two two", 664), line("two.", 652, width=20)]

    assert len(texts(*first, *second)) == 2


def test_a_line_that_had_room_for_the_next_word_keeps_its_break() -> None:
    assert texts(line("12 High Street", 700, width=80), line("London and a longer line here to end", 688)) == [
        "12 High Street\nLondon and a longer line here to end"
    ]


@pytest.mark.parametrize("mark", ["\x02", "\ufffe"])
def test_a_marked_hyphen_goes_only_before_a_small_letter(mark: str) -> None:
    first = line(f"a line that is full and ends in ma{mark}", 700)

    assert texts(first, line("chine", 688, width=30)) == ["a line that is full and ends in machine"]
    assert texts(first, line("Saxon", 688, width=30)) == ["a line that is full and ends in ma-Saxon"]
    assert texts(first) == ["a line that is full and ends in ma-"]


def test_only_lines_that_come_back_on_most_pages_are_furniture() -> None:
    pages = [Page(n, 800, (line("Handbook", 790), line(f"body {n}", 400), line(f"- {n} -", 30))) for n in range(1, 5)]
    pages.append(Page(5, 800, (line("Body at the very top", 790),)))

    kept, dropped = drop_furniture(pages)

    assert dropped == 8
    assert next([x.text for x in page.lines] for page in kept) == ["body 1"]
    assert kept[-1].lines[0].text == "Body at the very top"


def test_larger_type_makes_a_heading() -> None:
    page = Page(1, 800, (line("Big", 700, width=40, height=16), line("the body of the text is longer", 670)))

    assert [piece.kind for piece in paragraphs(page, body_height([page]))] == ["heading", "paragraph"]


def test_lines_with_gaps_between_columns_are_not_joined() -> None:
    rows = ["Parts 2,100", "Body Labor 2 150 300", "Paint Labor 1.5 150"]

    assert texts(*(line(row, 700 - 12 * n) for n, row in enumerate(rows))) == ["\n".join(rows)]
