"""The judge of the conversation detector must itself be right: what counts as found, cut off, swapped, missing."""

from __future__ import annotations

from benchmarks.detection.gold import Gold, Turn, exact, joined, without_hyphens, without_marks
from benchmarks.detection.scoring import Score, count_unproven, score
from src.agents.recognisers.conversation import Conversation
from src.agents.recognisers.conversation import Turn as FoundTurn
from src.records import Block, Document, Span

ASKED = Turn("user", "Does it hold?")
ANSWERED = Turn("assistant", "Yes.\n\nFor a year at least.")
GOLD: Gold = (ASKED, ANSWERED)
TEXT = "Q: Does it hold?\nA: Yes."


def judged(*found: Turn) -> Score:
    return score([found], [GOLD], exact)


def document() -> Document:
    return Document("d", "d.txt", (Block(TEXT, "paragraph", "line 1", 0),))


def conversation(*spans: tuple[int, int]) -> Conversation:
    return Conversation(tuple(FoundTurn("user", (Span(*span),)) for span in spans), "test")


def test_white_space_alone_makes_no_difference() -> None:
    result = judged(ASKED, Turn("assistant", "Yes. For a\nyear at least."))
    assert (result.right_turns, result.f1, result.conversation_f1) == (2, 1.0, 1.0)


def test_a_strict_prefix_is_wrong_and_counted_as_cut_off() -> None:
    result = judged(ASKED, Turn("assistant", "Yes."))
    assert (result.right_turns, result.truncated, result.conversation_f1) == (1, 1, 0.0)
    assert result.faults["truncated"] == 1 and result.faults["missing"] == 0


def test_a_later_part_of_a_turn_is_wrong_but_not_cut_off() -> None:
    result = judged(ASKED, Turn("assistant", "For a year at least."))
    assert (result.right_turns, result.truncated) == (1, 0)


def test_swapped_roles_are_wrong_on_both_sides() -> None:
    result = judged(Turn("assistant", ASKED.text), Turn("user", ANSWERED.text))
    assert (result.right_turns, result.faults["role"], result.truncated) == (0, 2, 0)


def test_a_missing_turn_costs_recall_only() -> None:
    result = judged(ASKED)
    assert (result.precision, result.recall, result.faults["missing"]) == (1.0, 0.5, 1)


def test_a_turn_that_swallows_more_costs_both() -> None:
    result = judged(ASKED, Turn("assistant", ANSWERED.text + " The valley has been settled for long."))
    assert (result.precision, result.recall, result.faults["too long"]) == (0.5, 0.5, 1)


def test_a_gold_turn_is_used_once() -> None:
    assert judged(ASKED, ANSWERED, ANSWERED).precision < 1
    assert judged(ASKED, ANSWERED, ANSWERED).recall == 1


def test_turns_count_whatever_the_grouping_and_conversations_do_not() -> None:
    result = score([GOLD + GOLD], [GOLD, GOLD], exact)
    assert (result.f1, result.conversation_f1) == (1.0, 0.0)


def test_nothing_found_scores_nothing() -> None:
    result = score([], [GOLD], exact)
    assert (result.recall, result.f1, result.conversation_f1) == (0.0, 0.0, 0.0)


def test_pieces_outside_the_document_or_twice_used_or_empty_are_unproven() -> None:
    assert count_unproven([conversation((3, 16), (20, 24))], document()) == 0
    assert count_unproven([conversation((3, 16), (20, 99))], document()) == 1
    assert count_unproven([conversation((3, 16), (10, 24))], document()) == 1
    assert count_unproven([conversation((3, 3))], document()) == 1


def test_neighbours_of_one_role_are_joined() -> None:
    assert joined([("user", "a"), ("user", "b"), ("assistant", "c")]) == (Turn("user", "a\nb"), Turn("assistant", "c"))


def test_marks_and_hyphens_are_forgiven_only_where_the_format_loses_them() -> None:
    assert without_marks("- one\n2. two\n```python\nx") == "one two x"
    assert exact("- one") == "- one"
    assert without_hyphens("ground-\nwater") == without_hyphens("groundwater") == "groundwater"
