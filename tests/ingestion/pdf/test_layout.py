"""Lines to paragraphs and furniture, on lines made by hand."""

from __future__ import annotations

import pytest

from src.ingestion.pdf.furniture import Furniture
from src.ingestion.pdf.hyphens import HyphenatedWords
from src.ingestion.pdf.layout import BodyHeight, Line, Page, paragraphs
from src.ingestion.pieces import Piece


def line(text: str, top: float, left: float = 50, width: float = 200, height: float = 10) -> Line:
    return Line(text, left, left + width, top - height, top, first_word=30)


def pieces(*lines: Line, known: str = "") -> list[Piece]:
    body, hyphenated = BodyHeight(), HyphenatedWords()
    body.learn(Page(1, 800, lines))
    hyphenated.learn(known)
    return list(paragraphs(lines, body.points, "page 1", hyphenated))


def texts(*lines: Line, known: str = "") -> list[str]:
    return [piece.text for piece in pieces(*lines, known=known)]


def stripped(pages: list[Page]) -> tuple[list[list[str]], int]:
    furniture = Furniture()
    furniture.learn(pages)
    done = [furniture.strip(page) for page in pages]
    return [[x.text for x in page.lines] for page, _ in done], sum(dropped for _, dropped in done)


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


def test_a_word_written_with_its_hyphen_elsewhere_keeps_it() -> None:
    lines = line("a line that is full and ends in well\ufffe", 700), line("tempered", 688, width=30)

    assert texts(*lines, known="They are even-tempered.") == ["a line that is full and ends in well-tempered"]
    lines = line("a line that is full and ends in even\ufffe", 700), line("tempered", 688, width=30)
    assert texts(*lines, known="They are even-tempered.") == ["a line that is full and ends in even-tempered"]
    assert texts(*lines) == ["a line that is full and ends in eventempered"]


def test_a_suspended_hyphen_keeps_its_space() -> None:
    lines = line("a line that is full and ends in pre\ufffe", 700), line("and post-war", 688, width=60)

    assert texts(*lines) == ["a line that is full and ends in pre- and post-war"]


def test_a_paragraph_goes_on_at_the_top_of_the_next_column() -> None:
    left = [line("a paragraph at the foot of the first", 112), line("column that is not at its end because", 100)]
    right = [line("it goes on here, in the second column.", 700, left=300)]

    assert texts(*left, *right) == [
        "a paragraph at the foot of the first column that is not at its end because "
        "it goes on here, in the second column."
    ]


def test_only_lines_that_come_back_on_most_pages_are_furniture() -> None:
    pages = [Page(n, 800, (line("Handbook", 790), line(f"body {n}", 400), line(f"- {n} -", 30))) for n in range(1, 5)]
    pages.append(Page(5, 800, (line("Body at the very top", 790),)))

    kept, dropped = stripped(pages)

    assert dropped == 8
    assert kept[0] == ["body 1"]
    assert kept[-1] == ["Body at the very top"]


def test_headers_of_left_and_right_pages_are_both_furniture() -> None:
    pages = [Page(n, 800, (line("left right"[5 * (n % 2) :][:5], 790), line("body", 400))) for n in range(1, 9)]

    assert stripped(pages) == ([["body"]] * 8, 8)


def test_two_pages_are_enough_for_page_numbers_that_count_on() -> None:
    numbered = [Page(n, 800, (line("body", 400), line(f"Page {n} of 2", 30))) for n in (1, 2)]
    counted = [Page(n, 800, (line("body", 400), line(str(17 * n), 30))) for n in (1, 2)]

    assert stripped(numbered)[1] == 2
    assert stripped(counted)[1] == 0


def test_a_body_line_that_comes_back_stays() -> None:
    repeated = "Dear customer, thank you for your order."
    in_the_middle = [Page(n, 800, (line("x", 500), line(repeated, 400))) for n in range(1, 9)]
    letter = line(repeated, 790), line("Your order:", 778)
    above_the_body = [Page(n, 800, (*letter, line("body" * n, 766))) for n in range(1, 9)]

    assert stripped(in_the_middle)[1] == 0
    assert stripped(above_the_body)[1] == 0


def test_larger_type_makes_a_heading() -> None:
    found = pieces(line("Big", 700, width=40, height=16), line("the body of the text is longer", 670))

    assert [piece.kind for piece in found] == ["heading", "paragraph"]


def test_lines_with_gaps_between_columns_are_not_joined() -> None:
    rows = ["Parts 2,100", "Body Labor 2 150 300", "Paint Labor 1.5 150"]

    assert texts(*(line(row, 700 - 12 * n) for n, row in enumerate(rows))) == ["\n".join(rows)]
