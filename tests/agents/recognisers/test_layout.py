"""What divides a text: rulers, underlined headings, the ends of questions, and the room that finds leave."""

from __future__ import annotations

import pytest

from src.agents.recognisers.labelled.layout import Layout
from src.records import Span
from tests.agents.recognisers.support import text_document

TITLE, LINE = "Is it free?", "Yes, it is.\n"


def breaks(text: str) -> list[tuple[str, str]]:
    layout = Layout(text_document(text))
    return [(one.kind, layout.text[one.start : one.end].strip()) for one in layout.breaks]


@pytest.mark.parametrize(
    "line", ["---", "- - -", "===", "* * *", "#####", "•••", "~~~~", "%", "⁂", "──", "─━═", "  ___"]
)
def test_a_line_of_signs_is_a_ruler(line: str) -> None:
    assert breaks(f"{LINE}{line}\n{LINE}") == [("ruler", line.strip())]


@pytest.mark.parametrize("line", ["--", "-=-", "%%", "% %", "─", "--- a", "- a", "⁂⁂", "─ ─ ─"])
def test_other_lines_are_no_rulers(line: str) -> None:
    assert breaks(f"{LINE}{line}\n{LINE}") == []


@pytest.mark.parametrize(
    ("above", "underline"), [("", "==========="), (f"{LINE}\n", "---------"), ("\n", "----------- ")]
)
def test_a_line_as_long_below_a_title_makes_it_a_heading(above: str, underline: str) -> None:
    assert breaks(f"{above}{TITLE}\n{underline}\n{LINE}")[0] == ("heading", f"{TITLE}\n{underline}".strip())


@pytest.mark.parametrize(
    "text",
    [
        f"{LINE}{TITLE}\n-----------\n",  # no blank line above
        f"\n {TITLE}\n-----------\n",  # indented
        f"\n{TITLE}\n------\n",  # too short
        f"\n{TITLE}\n- - - - - -\n",
        f"\n{TITLE}\n -----------\n",
        f"\n{'long ' * 21}\n{'-' * 104}\n",
        "-----------\n",
    ],
)
def test_other_rulers_underline_nothing(text: str) -> None:
    assert [kind for kind, _ in breaks(text)] == ["ruler"]


def test_questions_end_with_their_lines() -> None:
    text = "Why? Who?\n“How?” **\nWhat?? #\nIs it?\u00a0\u3000\n什么？\nلماذا؟\nWhy? x\n"
    ends = Layout(text_document(text)).question_ends
    assert [text[: end + 1].split("\n")[-1] for end in ends] == [
        "Why? Who?",
        "“How?",
        "What??",
        "Is it?",
        "什么？",
        "لماذا؟",
    ]


def test_room_is_where_two_lines_stand_outside_what_was_found() -> None:
    layout = Layout(text_document("One?\nTwo\n\nThree\nFour\n"))
    assert layout.has_room()
    layout.take([Span(0, 8)])
    assert layout.has_room()
    assert layout.asks("?")  # just before where a find ends: emphasis may follow
    layout.take([Span(10, 15)])
    assert not layout.has_room()
    assert not Layout(text_document("One.")).asks("?？")
