"""Pages with numbered lines, and screenplays: what is printed around the words is in no turn."""

from __future__ import annotations

from tests.agents.recognisers.support import exchange, found, talks

DEPOSITION = """                                             Page 12

 1                 JOHN BARNES,
 2    having been sworn, testified as follows:
 3                      EXAMINATION
 4    BY MR. HALE:
 5         Q.   How did you come to the
 6    house on that night?
 7         A.   By car.  I drove there
 8    alone, at 10:30.
 9              MS. ORLOV:  Objection.
10         Q.   And then?

                                             Page 13

 1              THE WITNESS:  I waited.
 2    Nobody came.
 3              (Discussion off the record.)
 4         Q.   For how long?
 5         A.   Two
 6    hours.
"""


def test_line_numbers_page_headers_and_remarks_are_in_no_turn() -> None:
    said = (
        "How did you come to the\nhouse on that night?", "By car.  I drove there\nalone, at 10:30.",
        "Objection.\nAnd then?",
        "I waited.\nNobody came.", "For how long?", "Two\nhours.",
    )  # fmt: skip
    assert talks(DEPOSITION) == [exchange(*said)]
    assert dict(found(DEPOSITION)[0].speakers) == {
        "Q": "user", "A": "assistant", "MS. ORLOV": "user", "THE WITNESS": "assistant",
    }  # fmt: skip


def test_every_printed_line_is_a_piece_of_its_own() -> None:
    first = found(DEPOSITION)[0].turns[0]
    assert [DEPOSITION[piece.start : piece.end] for piece in first.pieces] == [
        "How did you come to the",
        "house on that night?",
    ]


def test_numbered_lines_that_nobody_says_are_left_alone() -> None:
    assert talks("".join(f"{n:>3}  value = call({n})  # Q. what?\n" for n in range(1, 26))) == []


SCREENPLAY = """INT. KITCHEN - NIGHT

Rain. TOM enters.

                      TOM
           Is anybody
           here?

                      ANN (O.S.)
                (quietly)
           Only me.
                (beat)
           And the cat.

He sits down.

                      TOM
           Good.

EXT. GARDEN - DAY

                      ANN
           Are you cold?

                      OLD MAN #2
           No.

                                        CUT TO:
"""


def squeezed(text: str) -> list[list[tuple[str, str]]]:
    return [[(role, " ".join(said.split())) for role, said in talk] for talk in talks(text)]


def test_each_scene_is_a_conversation_without_cues_remarks_and_action() -> None:
    assert squeezed(SCREENPLAY) == [
        exchange("Is anybody here?", "Only me. And the cat.", "Good."),
        exchange("Are you cold?", "No."),
    ]
    assert found(SCREENPLAY)[0].speakers == (("TOM", "user"), ("ANN", "assistant"))


def test_cues_at_the_margin_with_a_scene_heading() -> None:
    text = "INT. KITCHEN - NIGHT\n\nRain.\n\nTOM\nIs anybody here?\n\nANN\n(quietly)\nOnly me.\n\n"
    text += "TOM\nGood.\n\nANN\nYes.\n"
    assert talks(text) == [exchange("Is anybody here?", "Only me.", "Good.", "Yes.")]


def test_cues_that_are_paragraphs_of_their_own() -> None:
    parts = [
        "INT. KITCHEN - NIGHT",
        "TOM",
        "Is anybody here?",
        "ANN",
        "(quietly)",
        "Only me.",
        "He sits.",
        "TOM",
        "Good.",
        "ANN",
        "Yes.",
    ]
    assert talks("\n\n".join(parts)) == [exchange("Is anybody here?", "Only me.", "Good.", "Yes.")]


def test_capital_headings_of_manuals_are_no_cues() -> None:
    page = "NAME\n       ls - list\n\nSYNOPSIS\n       ls [OPTION]\n\nDESCRIPTION\n       You list. Do you?\n\n"
    assert talks(page * 3) == []
