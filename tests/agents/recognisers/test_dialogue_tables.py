"""Tables with a row for each utterance give dialogues; other tables give none."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from src.agents.recognisers.dialogue_tables import find_dialogue_tables
from src.ingestion.pieces import Piece
from src.ingestion.tables import row_piece
from tests.agents.recognisers.exports.support import Turns, document, table_document, turns

HI = [("user", "Is it open?"), ("assistant", "Yes, until nine.")]


def found(names: Sequence[str], *rows: Sequence[str]) -> Turns:
    return turns(find_dialogue_tables, table_document(names, rows))


@pytest.mark.parametrize(
    "names",
    [("speaker", "text"), ("Sprecher", "Äußerung"), ("sender", "message"), ("author", "content"), ("From", "Body")],
)
def test_rows_of_two_speakers(names: Sequence[str]) -> None:
    assert found(names, ("Ann Lee", "Is it open?"), ("Bo", "Yes, until nine.")) == [HI]


def test_role_words_in_any_column_of_names() -> None:
    assert found(("role", "content"), ("system", "Be brief."), ("user", "Hi"), ("assistant", "Ho")) == [
        [("system", "Be brief."), ("user", "Hi"), ("assistant", "Ho")]
    ]
    assert found(("user", "text"), ("Agent", "Hello there"), ("Customer", "Hi")) == [
        [("assistant", "Hello there"), ("user", "Hi")]
    ]


def test_dialogues_are_grouped_by_id_in_the_order_of_their_turns() -> None:
    rows = [("1", "2", "agent", "b"), ("2", "1", "user", "c"), ("1", "1", "user", "a"), ("2", "2", "agent", "d")]
    assert found(("Dialog-ID", "turn", "speaker", "utterance"), *rows) == [
        [("user", "a"), ("assistant", "b")],
        [("user", "c"), ("assistant", "d")],
    ]


def test_an_id_that_is_written_only_once_counts_for_the_rows_below() -> None:
    rows = [("1", "Ann", "a b c"), ("", "Bo", "d e f"), ("2", "Cy", "g h i"), ("", "Di", "j k l")]
    assert len(found(("conversation_id", "speaker", "text"), *rows)) == 2


def test_a_role_column_beside_names() -> None:
    rows = [("Kim", "agent", "Hello there"), ("Ann", "customer", "Is it open?"), ("Kim", "agent", "Yes.")]
    assert found(("name", "role", "text"), *rows) == [
        [("assistant", "Hello there"), ("user", "Is it open?"), ("assistant", "Yes.")]
    ]


def test_turn_numbers_that_start_again_begin_a_dialogue() -> None:
    rows = [("1", "user", "a"), ("2", "bot", "b"), ("1", "user", "c"), ("2", "bot", "d")]
    assert len(found(("turn", "speaker", "text"), *rows)) == 2


def test_an_empty_row_begins_a_dialogue() -> None:
    names = ("speaker", "text")
    rows = [("user", "a"), ("bot", "b"), ("user", "c"), ("bot", "d")]
    pieces = [row_piece(names, row, f"row {n}") for n, row in zip((2, 3, 5, 6), rows, strict=True)]
    assert len(turns(find_dialogue_tables, document(pieces, "a.csv"))) == 2


def test_a_table_that_goes_on_over_the_page_is_one_dialogue() -> None:
    names = ("speaker", "text")
    pieces = [
        row_piece(names, ("user", "a"), "page 1 row 2", 2),
        row_piece(names, ("bot", "b"), "page 1 row 3", 1),
        row_piece(names, ("user", "c"), "page 2 row 2", 2),
    ]
    assert turns(find_dialogue_tables, document(pieces, "a.pdf")) == [
        [("user", "a"), ("assistant", "b"), ("user", "c")]
    ]


def test_a_cell_without_speaker_goes_on() -> None:
    rows = [("Ann", "Is it open?"), ("", "Today?"), ("Bo", "Yes, until nine."), ("Ann", "")]
    assert found(("speaker", "text"), *rows) == [[("user", "Is it open?\nToday?"), ("assistant", "Yes, until nine.")]]


def test_two_columns_without_header_of_role_words() -> None:
    names = ("column 1", "column 2")
    assert found(names, ("User", "Is it open?"), ("Assistant", "Yes, until nine.")) == [HI]
    assert found(names, ("Q:", "a b"), ("A:", "c d"), ("Q:", "e f"), ("A:", "g h")) == [
        [("user", "a b"), ("assistant", "c d")],
        [("user", "e f"), ("assistant", "g h")],
    ]


@pytest.mark.parametrize(
    ("names", "rows"),
    [
        (("name", "message"), [("Ann", "Fix the build"), ("Bo", "Break the build")]),
        (("author", "text", "rating"), [("Ann", "Good one", "5"), ("Bo", "Bad one", "1"), ("Ann", "Better now", "4")]),
        (("hash", "author", "message"), [("1", "Ann", "Fix it"), ("2", "Bo", "Break it"), ("3", "Ann", "Fix it")]),
        (("speaker", "title"), [("Ann", "How to"), ("Bo", "Why not")]),
        (("speaker", "text"), [("JBL", "x"), ("Bose", "y"), ("JBL", "z")]),
        (("column 1", "column 2"), [("Ann", "Hello there"), ("Bo", "Hi to you")]),
        (("column 1", "column 2"), [("User", "root"), ("Host", "srv1")]),
        (("who", "what"), [("Ann", "Cakes and more"), ("Bo", "Drinks and more"), ("Cy", "Music all night")]),
        (("name", "role", "comment"), [("Ann", "Engineer", "On leave until May"), ("Bo", "Manager", "In the office")]),
    ],
)
def test_other_tables_are_left_alone(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    assert found(names, *rows) == []


def test_prose_between_tables_ends_a_dialogue() -> None:
    names = ("speaker", "text")
    table = [row_piece(names, ("user", "a"), "row 2", 2), row_piece(names, ("bot", "b"), "row 3", 1)]
    source = document([*table, Piece("Prose.", "paragraph", "paragraph 3"), *table], "a.docx")
    assert len(turns(find_dialogue_tables, source)) == 2
