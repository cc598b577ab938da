"""The Markdown reader: the source text itself, cut where its structure is."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from src.ingestion.document_reader import read_document
from src.ingestion.pieces import Piece, lay_out
from src.ingestion.text.md_reader import markdown_pieces, read
from src.records import Document
from tests.ingestion.support import reading

PARTS = st.one_of(
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")), max_size=8),
    st.sampled_from(
        ["\n", "\n\n", "  \n", "    ", "\t", "# T\n", "---\n", "===\n", "- i\n", "1. n\n", "> q\n", "```\n", "~~~",
         "| x | y |\n", "|---|---|\n", "|", "a|b\n", "-|-\n", "***\n"]
    ),
)  # fmt: skip


def pieces(text: str) -> list[Piece]:
    return list(markdown_pieces(text))


def kinds(text: str) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in markdown_pieces(text)]


@given(st.lists(PARTS, max_size=30))
@settings(max_examples=300, deadline=None)
def test_no_character_is_lost_or_added(parts: list[str]) -> None:
    text = "a" + "".join(parts) + "z"

    assert Document("id", "a.md", lay_out(markdown_pieces(text))).text == text


def test_a_file_is_its_text_without_control_characters(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"\xef\xbb\xbf\r\n# T\r\n\r\nbody\x07 text  \r\n\r\n")

    document = read_document(path, tmp_path)

    assert document.text == "# T\n\nbody text"
    assert [block.place for block in document.blocks] == ["T", "T"]


def test_places_are_the_headings_above() -> None:
    text = "before\n# Setup *now* #\na\n## Water\nb\n\n# Top\nc"

    assert [(piece.kind, piece.place) for piece in pieces(text)] == [
        ("paragraph", "line 1"),
        ("heading", "Setup now"),
        ("paragraph", "Setup now"),
        ("heading", "Setup now > Water"),
        ("paragraph", "Setup now > Water"),
        ("heading", "Top"),
        ("paragraph", "Top"),
    ]


def test_an_underlined_line_is_a_heading_of_its_level() -> None:
    found = pieces("One\n===\n\nTwo\n---\n\nbody")

    assert [(piece.kind, piece.text, piece.place) for piece in found] == [
        ("heading", "One\n===", "One"),
        ("heading", "Two\n---", "One > Two"),
        ("paragraph", "body", "One > Two"),
    ]


def test_code_is_one_block_whatever_is_in_it() -> None:
    fenced = "```py\n# no heading\n\n| no | table |\n|---|---|\n~~~\n```"
    indented = "    # code\n\n\tmore"

    assert kinds(f"{fenced}\ntext\n\n{indented}\n\nend") == [
        ("code", fenced),
        ("paragraph", "text"),
        ("code", indented),
        ("paragraph", "end"),
    ]


def test_a_fence_that_is_never_closed_goes_on_to_the_end() -> None:
    assert kinds("```\na\n\n# b") == [("code", "```\na\n\n# b")]


def test_front_matter_is_code_and_a_rule_is_not() -> None:
    assert kinds("---\ntitle: x\n---\nbody\n\n---\n\nend") == [
        ("code", "---\ntitle: x\n---"),
        ("paragraph", "body"),
        ("paragraph", "---"),
        ("paragraph", "end"),
    ]


def test_list_items_are_blocks_with_the_lines_that_belong_to_them() -> None:
    text = "- one\n- two\n  more\n    * nested\n\n  paragraph of it\n1. first\n2) second\n\nIn\n1987. A year"

    assert kinds(text) == [
        ("list_item", "- one"),
        ("list_item", "- two\n  more"),
        ("list_item", "    * nested"),
        ("paragraph", "  paragraph of it"),
        ("list_item", "1. first"),
        ("list_item", "2) second"),
        ("paragraph", "In\n1987. A year"),
    ]


def test_rows_of_a_table_have_cells_named_by_its_header() -> None:
    text = "See:\n| Question | **Answer** |  |\n|:---|---:|--|\n| What \\| who? | It `x` | 1 |\n"
    text += "|  | only |\n\nafter | all"

    found = pieces(text)

    assert [(piece.kind, piece.gap) for piece in found] == [
        ("paragraph", 2),
        ("table", 1),
        ("row", 1),
        ("row", 1),
        ("paragraph", 2),
    ]
    assert [[(cell.name, row.text[cell.start : cell.end]) for cell in row.cells] for row in found[2:4]] == [
        [("Question", "What \\| who?"), ("Answer", "It `x`"), ("column 3", "1")],
        [("Answer", "only")],
    ]
    assert Document("id", "a.md", lay_out(found)).text == text


def test_a_row_without_outer_bars_counts_its_cells_the_same() -> None:
    row = pieces("a | b\n--|--\n1 | 2")[1]

    assert [(cell.name, row.text[cell.start : cell.end]) for cell in row.cells] == [("a", "1"), ("b", "2")]


def test_a_quote_is_a_block() -> None:
    assert kinds("text\n> one\n> two\nlazy\n\nend") == [
        ("paragraph", "text"),
        ("paragraph", "> one\n> two\nlazy"),
        ("paragraph", "end"),
    ]


def test_legacy_encodings_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes("# Où\n\nprès du château".encode("cp1252"))

    found = reading(read, path)

    assert found.text == "# Où\nprès du château"
    assert "cp1252" in found.notes[0]
