"""Subtitles with names give a conversation whose cues are joined; without names they give none."""

from __future__ import annotations

import pytest

from src.agents.recognisers.exports.subtitles import find_subtitle_speakers
from src.ingestion.pieces import Piece
from tests.agents.recognisers.exports.support import Turns, document, turns

TALK = [("user", "Is it open\nat all?"), ("assistant", "Yes,\nuntil nine."), ("user", "Thanks.")]


def found(*cues: str) -> Turns:
    pieces = [Piece(cue, "paragraph", f"00:00:{n:02}.000", gap=1) for n, cue in enumerate(cues)]
    return turns(find_subtitle_speakers, document(pieces, "a.vtt"))


@pytest.mark.parametrize("mark", ["{}: ", "{}:\n", ">> {}: ", "- {}: "])
def test_a_name_goes_on_through_the_next_cues(mark: str) -> None:
    ann, bo = mark.format("Ann Lee"), mark.format("BO")
    assert found(f"{ann}Is it open", "at all?", f"{bo}Yes,\nuntil nine.", f"{ann}Thanks.") == [TALK]


def test_a_name_on_every_cue_and_two_speakers_in_one() -> None:
    assert found("Ann: Is it open", "Ann: at all?", "Bo: Yes,", "Bo: until nine.\nAnn: Thanks.") == [TALK]


def test_what_comes_before_the_first_name_belongs_to_nobody() -> None:
    assert found("[music]", "Ann: Hi", "Bo: Ho") == [[("user", "Hi"), ("assistant", "Ho")]]


@pytest.mark.parametrize(
    "cues",
    [
        ("Is it open?", "Yes, until nine."),
        (">> Is it open?", ">> Yes, until nine."),
        ("Ann: one speaker", "Ann: only"),
        ("Remember: this", "The rule: that", "My advice: none", "And so on."),
        ("at 10:30 we met", "at 11:45 we left"),
    ],
)
def test_without_names_there_is_no_conversation(cues: tuple[str, ...]) -> None:
    assert found(*cues) == []


def test_a_document_with_other_places_is_left_alone() -> None:
    pieces = [Piece("Ann: Hi", "paragraph", "line 1"), Piece("Bo: Ho", "paragraph", "line 3")]
    assert turns(find_subtitle_speakers, document(pieces, "a.txt")) == []


@pytest.mark.parametrize("unit", ["A:", "A: ", ">> ", "a b c d ", "A:\n", "- "])
def test_hostile_text_is_read_to_its_end(unit: str) -> None:
    """A quadratic or exponential pattern would keep this test from ending."""
    assert found(unit * (100_000 // len(unit)), unit * (100_000 // len(unit))) == []
