"""Pieces to Blocks, rows to cells, and the test for a header."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.errors import IngestionError
from src.ingestion.pieces import Piece, clean, damage_refused, lay_out
from src.ingestion.tables import is_header, row_piece, table_pieces


def test_blocks_stand_at_their_gaps_and_empty_pieces_vanish() -> None:
    blocks = lay_out(
        [Piece("", "paragraph", "a"), Piece("one", "row", "b"), Piece(" ", "row", "c"), Piece("x", "row", "d", gap=1)]
    )

    assert [(block.text, block.start, block.place) for block in blocks] == [("one", 0, "b"), ("x", 4, "d")]


def test_a_rows_cells_point_at_its_values() -> None:
    piece = row_piece(["a", "b: c"], ["one\r\ntwo", "", "three"], "row 2")

    assert piece.text == "a: one\ntwo\ncolumn 3: three"
    assert [(cell.name, piece.text[cell.start : cell.end]) for cell in piece.cells] == [
        ("a", "one\ntwo"), ("column 3", "three"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "others", "expected"),
    [
        (["Question", "Answer"], [["a?", "b"]], True),
        (["Item", "2025", "2026", ""], [["a", "1", "2", ""]], True),
        (["", "Price"], [["a", "1"]], False),
        (["Name", "Name"], [["a", "1"]], False),
        (["12", "13"], [["1", "2"]], False),
        (["User", "Hello"], [["Assistant", "Hi"]], False),
        (["Anna", "Hello"], [["Ben", "Hi"], ["Anna", "Bye"]], False),
        (["Can I pay by card?", "Yes, you can."], [["Is it red?", "No."]], False),
        (["x" * 61, "b"], [["a", "1"]], False),
    ],
)
def test_a_header_is_told_from_a_first_row(first: list[str], others: list[list[str]], expected: bool) -> None:
    assert is_header(first, others) is expected


def test_a_table_without_header_is_one_block_of_lines() -> None:
    (two,) = table_pieces([["Weight", "3 kg"], ["Weight", "4 kg"], ["", ""]], "t")
    (three,) = table_pieces([["1", "2", "3"], ["4", "", "6"]], "t")

    assert (two.kind, two.text) == ("table", "Weight: 3 kg\nWeight: 4 kg")
    assert three.text == "1 | 2 | 3\n4 | 6"


def test_clean_text_has_no_control_characters() -> None:
    assert clean(" a\x00b\tc\r\nd\x0be\ufffe ") == "ab\tc\nd\ne"


@pytest.mark.parametrize(
    "error", [KeyError("part"), ValueError("bad"), OSError(13, "Permission denied"), SyntaxError()]
)
def test_what_parsers_raise_becomes_a_refusal(error: Exception) -> None:
    with pytest.raises(IngestionError, match=r"x\.docx") as refusal, damage_refused(Path("x.docx"), "Word"):
        raise error

    assert refusal.value.__cause__ is error
