"""Rows of tables: where the header stands, and that the fast row writer says what row_piece says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.ingestion.pieces import NEW_BLOCK, SAME_TABLE
from src.ingestion.tables import RowWriter, column_names, header_at, is_header, row_piece, table_pieces

LONG = "A long text that says in many words what the customer wanted to know about the order."


@pytest.mark.parametrize(
    ("first", "others", "expected"),
    [
        (["Prompt", "Completion"], [[LONG, LONG]], True),
        (["User", "Assistant"], [[LONG, LONG]], True),
        (["question", "", "answer", "", ""], [[LONG, "", LONG, "", ""]], True),
        (["dialogue_id", "speaker", "utterance"], [["1", "user", "Hi"], ["1", "agent", "Hello"]], True),
        (["user", "assistant"], [["user", "Hi"], ["assistant", "Hello"]], False),
        (["Q", "What is it?"], [["A", "A lamp."]], False),
        (["question", "question", "answer"], [["a", "b", "c"]], False),
    ],
)
def test_a_clear_header_is_known_by_its_names(first: list[str], others: list[list[str]], expected: bool) -> None:
    assert is_header(first, others) is expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["FAQ", ""], ["Question", "Answer"], ["Why?", "So."]], 1),
        ([["Export of May"], [""], ["id", "name", "town"], ["1", "Ada", "London"]], 2),
        ([["Exported by", "Ada"], ["question", "answer"], [LONG, LONG]], 1),
        ([["12", "3.5"], ["13", "4.5"]], None),
        ([["Question", "Answer"]], None),
        ([["Term"], [LONG], [LONG]], 0),
        ([["1"], ["2"], ["3"]], None),
        ([["yes"], ["no"], ["yes"]], None),
        ([], None),
    ],
)
def test_the_header_may_stand_below_a_title(rows: list[list[str]], expected: int | None) -> None:
    assert header_at(rows) == expected


VALUE = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")), max_size=8).map(str.strip)


@given(st.lists(st.lists(VALUE, max_size=5), max_size=8), st.lists(VALUE, max_size=4))
def test_the_row_writer_says_what_row_piece_says(rows: list[list[str]], header: list[str]) -> None:
    names = column_names(header)
    numbered = [(str(number), tuple(row)) for number, row in enumerate(rows)]

    pieces = list(RowWriter(names, ["row "]).pieces(iter(numbered)))

    assert pieces == [row_piece(names, row, f"row {number}") for number, row in numbered if any(row)]


@given(st.lists(st.tuples(VALUE, VALUE, VALUE), max_size=60))
def test_a_block_of_rows_gives_the_same_pieces(rows: list[tuple[str, ...]]) -> None:
    varied = [("x" * n, "y" * (n % 7), "z") for n in range(300)]
    numbers = [str(number) for number in range(len(rows))]

    writers = [RowWriter(["a", "b c"], ["S!A", "S!B", "S!C"]) for _ in range(2)]
    for writer in writers:  # as after many rows of texts
        list(writer.pieces(("1", row) for row in varied))

    assert list(writers[0].block(numbers, rows)) == list(writers[1].pieces(zip(numbers, rows, strict=True)))


def test_rows_without_values_give_no_piece_and_keep_the_gap() -> None:
    rows = [("1", ("", "")), ("2", ("a", "")), ("3", ("", "b"))]

    pieces = list(RowWriter(["x", "100%"], ["S!A", "S!B"]).pieces(rows, NEW_BLOCK))

    assert [(piece.text, piece.place, piece.gap) for piece in pieces] == [
        ("x: a", "S!A2", NEW_BLOCK), ("100%: b", "S!B3", SAME_TABLE),
    ]  # fmt: skip


def test_a_table_of_questions_names_its_cells() -> None:
    pieces = list(table_pieces([["Question", "Answer"], ["Why?", LONG]], "page 2"))

    assert [cell.name for cell in pieces[0].cells] == ["Question", "Answer"]
    assert pieces[0].place == "page 2 row 2"
