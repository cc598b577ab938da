"""The TXT reader: Document.text is the file's text, whatever its encoding and gaps."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.errors import IngestionError
from src.ingestion.document_reader import read_document
from src.ingestion.pieces import Remarks, lay_out
from src.ingestion.text import plain_text
from src.ingestion.text.plain_text import LONGEST_PIECE, cleaned, paragraphs
from src.ingestion.text.txt_reader import read
from src.records import Document
from tests.ingestion.support import reading

LETTERS = st.characters(exclude_categories=("Cc", "Cs", "Cn"))
PARTS = st.one_of(st.text(LETTERS, max_size=8), st.sampled_from(["\n", "\n\n", " \n", "\r\n", "\t", "# T", "\n---\n"]))


@given(parts=st.lists(PARTS, max_size=30))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_document_text_is_the_file_text_apart_from_outer_blank_lines(parts: list[str], tmp_path: Path) -> None:
    text = "a" + "".join(parts) + "z"
    path = tmp_path / "t.txt"
    path.write_bytes(text.encode())

    document = Document("id", "t.txt", lay_out(reading(read, path).pieces))

    assert document.text == text.replace("\r\n", "\n").replace("\r", "\n")
    assert all(document.text[block.start : block.end] == block.text for block in document.blocks)
    assert all(block.place == f"line {document.text.count(chr(10), 0, block.start) + 1}" for block in document.blocks)


@given(parts=st.lists(PARTS, max_size=30), cuts=st.lists(st.integers(0, 200), max_size=5))
@settings(max_examples=200, deadline=None)
def test_where_the_blocks_of_a_stream_end_does_not_matter(parts: list[str], cuts: list[int]) -> None:
    text = "a" + "".join(parts) + "\x1b[1mz"
    at = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    blocks = [text[start:end] for start, end in itertools.pairwise(at)]

    in_parts = list(paragraphs(cleaned(blocks, Remarks()), marked_up=True))

    assert in_parts == list(paragraphs(cleaned([text], Remarks()), marked_up=True))


def test_a_paragraph_without_end_comes_in_parts_that_are_its_text(tmp_path: Path) -> None:
    text = ("word " * 50 + "\n") * 12_000 + "x" * (2 * LONGEST_PIECE) + "\n\nlast"
    path = tmp_path / "long.txt"
    path.write_text(text)

    pieces = reading(read, path).pieces

    assert Document("id", "long.txt", lay_out(pieces)).text == text
    assert max(len(piece.text) for piece in pieces) <= LONGEST_PIECE
    assert pieces[-1].place == "line 12003"


def test_white_space_without_end_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("\n" * 3_000_000 + " " * 3_000_000 + "word\n" + " \n" * 1_000_000)

    pieces = reading(read, path).pieces

    assert [(piece.text.strip(), piece.place) for piece in pieces] == [("word", "line 3000001")]


def test_paragraphs_are_blocks_at_their_first_line(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\r\n\r\nOne\r\nstill one\r\n   \r\n\r\n\r\nTwo\rThree\r\n")

    document = read_document(path, tmp_path)

    assert [(block.text.strip(), block.place) for block in document.blocks] == [
        ("One\nstill one", "line 3"),
        ("Two\nThree", "line 8"),
    ]
    assert document.text == "One\nstill one\n   \n\n\nTwo\nThree"


def test_control_characters_are_removed_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\x00 two\x07\tthree\x1b\n")

    found = reading(read, path)

    assert found.text == "one two\tthree"
    assert found.notes == ("3 control characters left out",)


def test_colours_of_a_terminal_go_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"\x1b[1;31merror\x1b[0m \x1b]0;title\x07here\n")

    found = reading(read, path)

    assert found.text == "error here"
    assert found.notes == ("3 terminal escape sequences left out",)


@pytest.mark.parametrize("size", range(1, 12))
def test_a_sequence_over_the_end_of_a_block_goes_as_well(size: int) -> None:
    text = "ab\x1b[31mred\x1b[0m\r\ncd\fef\n\f\ngh\r\n"
    blocks = [text[at : at + size] for at in range(0, len(text), size)]

    assert "".join(cleaned(blocks, Remarks())) == "abred\ncd\nef\n\ngh\n"


def test_headings_of_markdown_and_underlined_text_are_headings(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("# Top\nbody\n## Next ##\n\nUnder\n=====\n\n#hashtag\n")

    blocks = read_document(path, tmp_path).blocks

    assert [block.kind for block in blocks] == ["heading", "paragraph", "heading", "heading", "paragraph"]
    assert [block.text for block in blocks] == ["# Top", "body", "## Next ##", "Under\n=====", "#hashtag"]


def test_a_log_has_no_headings(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("# started\nERROR: x = 1;\n")

    assert [block.kind for block in read_document(path, tmp_path).blocks] == ["paragraph"]


@pytest.mark.parametrize("content", [b" \n\t\n", b"\xef\xbb\xbf\n"])
def test_a_file_of_white_space_holds_no_text(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)

    with pytest.raises(IngestionError, match=re.escape("a.txt holds no text")):
        read_document(path, tmp_path)


def test_lines_longer_than_allowed_come_in_parts() -> None:
    assert list(plain_text.lines_of(["ab", "cd\nef", "\n\n", "g"], 9)) == ["abcd", "ef", "", "g"]
    assert list(plain_text.lines_of(["ab", "cd", "ef\ngh"], 3)) == ["abcd", "ef", "gh"]
