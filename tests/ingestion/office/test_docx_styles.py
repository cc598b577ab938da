"""Headings by style, and the marks of lists as Word counts them."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.ingestion.office.office_texts import spelled
from tests.ingestion.office.ooxml import paragraph, part, read_body


def style(identity: str, name: str, based_on: str = "", properties: str = "") -> str:
    return (
        f'<w:style w:styleId="{identity}"><w:name w:val="{name}"/><w:basedOn w:val="{based_on}"/>'
        f"<w:pPr>{properties}</w:pPr></w:style>"
    )


def styled(text: str, identity: str) -> str:
    return paragraph(text, f'<w:pStyle w:val="{identity}"/>')


@pytest.mark.parametrize(
    ("defined", "identity", "kind"),
    [
        (style("berschrift1", "heading 1"), "berschrift1", "heading"),
        (style("x", "My own", properties='<w:outlineLvl w:val="2"/>'), "x", "heading"),
        (style("h", "heading 1") + style("x", "Mine", "h") + style("y", "Yours", "x"), "y", "heading"),
        (style("h", "heading 1") + style("x", "Contents", "h", '<w:outlineLvl w:val="9"/>'), "x", "paragraph"),
        (style("x", "Title"), "x", "title"),
        (style("x", "Überschrift 2"), "x", "heading"),
        (style("a", "A", "b") + style("b", "B", "a"), "a", "paragraph"),
        ("", "berschrift1", "heading"),
        ("", "Standard", "paragraph"),
    ],
)
def test_headings_are_told_by_style(defined: str, identity: str, kind: str, tmp_path: Path) -> None:
    found = read_body(tmp_path, styled("text", identity), {"styles.xml": ("styles", part("styles", defined))})

    assert found.pieces[0].kind == kind


def level(number: int, form: str, text: str, more: str = "") -> str:
    return f'<w:lvl w:ilvl="{number}"><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/>{more}</w:lvl>'


def start(value: int) -> str:
    return f'<w:start w:val="{value}"/>'


def numbered(tmp_path: Path, levels: str, items: list[tuple[str, int]], numbers: str = "") -> list[str]:
    """The texts of empty-handed items ("x"), each of list "1" or "2" at a level."""
    numbering = (
        f'<w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        f'<w:num w:numId="2"><w:abstractNumId w:val="0"/>{numbers}</w:num>'
    )
    body = "".join(
        paragraph("x", f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>')
        for number, depth in items
    )
    found = read_body(tmp_path, body, {"numbering.xml": ("numbering", part("numbering", numbering))})
    return [piece.text for piece in found.pieces]


def test_levels_count_and_start_again_below_a_new_item(tmp_path: Path) -> None:
    levels = level(0, "decimal", "%1.", start(1)) + level(1, "decimal", "%1.%2.", start(1))

    texts = numbered(tmp_path, levels, [("1", 0), ("1", 1), ("1", 1), ("1", 0), ("1", 1)])

    assert texts == ["1. x", "1.1. x", "1.2. x", "2. x", "2.1. x"]


def test_lists_of_one_definition_count_on_unless_one_starts_anew(tmp_path: Path) -> None:
    again = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    levels = level(0, "lowerLetter", "%1)", start(1))

    assert numbered(tmp_path, levels, [("1", 0), ("2", 0), ("1", 0)]) == ["a) x", "b) x", "c) x"]
    assert numbered(tmp_path, levels, [("1", 0), ("2", 0), ("2", 0)], again) == ["a) x", "e) x", "f) x"]


def test_a_list_may_have_levels_of_its_own(tmp_path: Path) -> None:
    own = f'<w:lvlOverride w:ilvl="0">{level(0, "upperRoman", "Part %1:", start(4))}</w:lvlOverride>'

    assert numbered(tmp_path, level(0, "decimal", "%1."), [("2", 0)], own) == ["Part IV: x"]


def test_a_level_may_never_start_again(tmp_path: Path) -> None:
    levels = level(0, "decimal", "%1.", start(1)) + level(1, "decimal", "(%2)", start(1) + '<w:lvlRestart w:val="0"/>')

    assert numbered(tmp_path, levels, [("1", 0), ("1", 1), ("1", 0), ("1", 1)]) == ["1. x", "(1) x", "2. x", "(2) x"]


def test_legal_numbering_shows_figures(tmp_path: Path) -> None:
    levels = level(0, "upperRoman", "%1", start(2)) + level(1, "decimal", "%1.%2", start(1) + "<w:isLgl/>")

    assert numbered(tmp_path, levels, [("1", 0), ("1", 1)]) == ["II x", "2.1 x"]


def test_bullets_of_any_font_are_dashes_and_empty_marks_none(tmp_path: Path) -> None:
    levels = level(0, "bullet", "\uf0b7") + level(1, "none", "")

    assert numbered(tmp_path, levels, [("1", 0), ("1", 1), ("9", 0)]) == ["- x", "x", "x"]


def test_a_heading_shows_its_number(tmp_path: Path) -> None:
    first = level(0, "decimal", "%1", start(1) + '<w:pStyle w:val="h1"/>')
    second = level(1, "decimal", "%1.%2", start(1) + '<w:pStyle w:val="h2"/>')
    numbering = (
        f'<w:abstractNum w:abstractNumId="0">{first}{second}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )
    in_list = '<w:numPr><w:numId w:val="1"/></w:numPr>'
    defined = style("h1", "heading 1", properties=in_list) + style("h2", "heading 2", properties=in_list)
    parts = {
        "numbering.xml": ("numbering", part("numbering", numbering)),
        "styles.xml": ("styles", part("styles", defined)),
    }

    found = read_body(tmp_path, styled("Setup", "h1") + styled("Water", "h2") + paragraph("Fill."), parts)

    assert [(piece.place, piece.text) for piece in found.pieces] == [
        ("1 Setup", "1 Setup"), ("1 Setup > 1.1 Water", "1.1 Water"), ("1 Setup > 1.1 Water", "Fill."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "number", "shown"),
    [
        ("lowerLetter", 27, "aa"), ("upperRoman", 1994, "MCMXCIV"), ("decimalZero", 7, "07"), ("ordinal", 22, "22nd"),
        ("ordinal", 13, "13th"), ("none", 3, ""), ("lowerLetter", 10**8, "100000000"), ("aiueo", 3, "3"),
    ],
)  # fmt: skip
def test_numbers_are_spelled_as_lists_show_them(form: str, number: int, shown: str) -> None:
    assert spelled(form, number) == shown
