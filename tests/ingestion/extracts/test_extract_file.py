"""Extracts on disk: what is written is read back, in parts, and damage is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.errors import IngestionError
from src.ingestion.extracts import extract_file
from src.ingestion.extracts.extract_file import Contents, PartWriter, load_part, part_ids, read_contents
from src.ingestion.extracts.shelf import Extract, Shelf
from src.ingestion.pieces import Piece
from src.records import Cell

ROW = Piece("q: Why?\na: So.", "row", "row 2", (Cell("q", 3, 7), Cell("a", 11, 14)), 1)
BIG = "word " * 40_000


def write(path: Path, pieces: list[Piece], most: int = 10**9) -> Contents:
    writer = PartWriter(path, most, "a.txt")
    try:
        writer.write(pieces)
        return writer.finish("d" * 64, "txt", ["a warning"], ["a note"])
    finally:
        writer.close()


def test_pieces_come_back_as_they_were(tmp_path: Path) -> None:
    pieces = [Piece("Title ☕", "title", "page 1"), ROW, Piece("x", "code", "page 2", gap=0)]

    contents = write(tmp_path / "x.extract", pieces)

    assert read_contents(tmp_path / "x.extract") == contents
    assert (contents.kind, contents.warnings, contents.notes) == ("txt", ("a warning",), ("a note",))
    assert load_part(tmp_path / "x.extract", contents.parts[0]) == pieces


def test_a_large_document_is_cut_before_a_heading(tmp_path: Path) -> None:
    pieces = [Piece(BIG, "paragraph", "line 1") for _ in range(9)]
    pieces += [Piece("Next", "heading", "line 2"), Piece(BIG, "paragraph", "line 3")]

    contents = write(tmp_path / "x.extract", pieces)

    extract = Extract("a.txt", tmp_path / "x.extract", contents)
    first, second = extract.documents()
    assert (first.id, second.id) == ("d" * 64, "d" * 64 + ".2") == tuple(part_ids(contents))
    assert second.text.startswith("Next") and second.short_id == "d" * 12 + ".2"
    assert contents.characters == sum(len(piece.text) for piece in pieces)


def test_a_part_without_a_good_seam_ends_all_the_same(tmp_path: Path) -> None:
    contents = write(tmp_path / "x.extract", [Piece(BIG, "row", "row 1", gap=1) for _ in range(40)])

    assert len(contents.parts) == 4
    assert max(part.characters for part in contents.parts) <= extract_file.PART_CHARACTERS + len(BIG)


def test_a_document_that_unfolds_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IngestionError, match=r"a\.txt holds more than 1,000 characters") as refusal:
        write(tmp_path / "x.extract", [Piece("x" * 600, "row", "r")] * 2, most=1000)
    assert refusal.value.status == "refused"


@pytest.mark.parametrize("keep", [0, 3, 20, -1, -30])
def test_an_extract_that_was_cut_off_is_no_extract(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "x.extract"
    write(path, [ROW])
    path.write_bytes(path.read_bytes()[:keep])

    assert read_contents(path) is None


def test_a_changed_byte_of_text_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "x.extract"
    contents = write(path, [ROW])
    path.write_bytes(path.read_bytes().replace(b"Why", b"Who"))

    with pytest.raises(IngestionError, match="delete the folder"):
        load_part(path, contents.parts[0])


def test_a_shelf_is_a_sequence_that_loads_what_is_asked_for(tmp_path: Path) -> None:
    shelf = Shelf()
    for number in range(7):
        path = tmp_path / f"{number}.extract"
        writer = PartWriter(path, 1000, "a")
        writer.write([Piece(f"text {number}", "paragraph", "line 1")])
        shelf.add(Extract(f"{number}.txt", path, writer.finish(str(number) * 64, "txt", [], [])))
        writer.close()

    assert [document.text for document in shelf] == [f"text {number}" for number in range(7)]
    assert (shelf[-1].source_file, [document.text for document in shelf[1:3]]) == ("6.txt", ["text 1", "text 2"])
    assert shelf.by_id()["3" * 64].text == "text 3" and len(shelf.by_id()) == 7
    assert shelf.characters == 7 * 6
    with pytest.raises(KeyError):
        shelf.find("x")
    with pytest.raises(IndexError):
        shelf[7]
