"""The TXT reader: Document.text is the file's text, whatever its encoding and gaps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.errors import IngestionError
from src.ingestion.file_processor import read_document
from src.ingestion.text.txt_reader import read

LETTERS = st.characters(exclude_categories=("Cc", "Cs", "Cn"))
PARTS = st.one_of(st.text(LETTERS, max_size=8), st.sampled_from(["\n", "\n\n", " \n", "\r\n", "\t", "# T", "\n---\n"]))


@given(parts=st.lists(PARTS, max_size=30))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_document_text_is_the_file_text_apart_from_outer_blank_lines(parts: list[str], tmp_path: Path) -> None:
    text = "a" + "".join(parts) + "z"
    path = tmp_path / "t.md"
    path.write_bytes(text.encode())

    document = read_document(path, tmp_path)

    assert document.text == text.replace("\r\n", "\n").replace("\r", "\n")
    assert all(document.text[block.start : block.end] == block.text for block in document.blocks)


def test_paragraphs_are_blocks_at_their_first_line(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\r\n\r\nOne\r\nstill one\r\n   \r\n\r\n\r\nTwo\rThree\r\n")

    document = read_document(path, tmp_path)

    assert [(block.text.strip(), block.place) for block in document.blocks] == [
        ("One\nstill one", "line 3"),
        ("Two\nThree", "line 8"),
    ]
    assert document.text == "One\nstill one\n   \n\n\nTwo\nThree"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_encodings_give_the_same_text(codec: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Grüße aus Köln, and a longer English sentence.\n\n再见".encode(codec))

    assert read_document(path, tmp_path).text == "Grüße aus Köln, and a longer English sentence.\n\n再见"
    assert read(path).notes == ()


def test_a_guessed_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Die Größe der Öffnung beträgt fünf Zentimeter, sagte Jürgen über die Tür.".encode("cp1252"))

    assert "Größe der Öffnung beträgt fünf" in read_document(path, tmp_path).text
    assert "not UTF-8" in read(path).notes[0] and "guess" in read(path).notes[0]


def test_control_characters_are_removed_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\x00 two\x07\tthree\x1b\n")

    assert read_document(path, tmp_path).text == "one two\tthree"
    assert read(path).notes == ("3 control characters left out",)


def test_headings_of_markdown_and_underlined_text_are_headings(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
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
