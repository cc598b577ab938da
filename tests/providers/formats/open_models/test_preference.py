from __future__ import annotations

from dataclasses import replace

import pytest

from src.providers.formats.registry import FORMATS
from src.providers.formats.training_example import ToolCall, Turn
from tests.providers.formats.open_models.conversations import (
    ANSWER,
    PARTS,
    PICTURE,
    PREFERENCE,
    SYSTEM,
    TOOL,
    USER,
    choices,
    objections,
    warnings,
    written,
)

OTHER = {"role": "assistant", "content": "What?"}


def row(*messages: object, better: object = (ANSWER,), worse: object = (OTHER,), **more: object) -> dict[str, object]:
    better, worse = (list(side) if isinstance(side, tuple) else side for side in (better, worse))
    return {"input": {"messages": list(messages), **more}, "preferred_output": better, "non_preferred_output": worse}


@pytest.mark.parametrize(
    "good", [row(USER), row(SYSTEM, USER, ANSWER, USER, tools=[TOOL]), row(PICTURE, better=(PARTS,))]
)
def test_good_rows_are_accepted(good: object) -> None:
    assert list(FORMATS["preference"].check(good)) == []


@pytest.mark.parametrize(
    ("bad", "path", "rule"),
    [
        ([], "", "not_an_object"),
        ({**row(USER), "weight": 1}, "weight", "unknown_key"),
        ({**row(USER), "input": "Hi"}, "input", "input_missing"),
        (row(), "input.messages", "messages_missing"),
        (row(USER, parallel_tool_calls=True), "input.parallel_tool_calls", "unknown_key"),
        (row(USER, ANSWER), "input.messages[1].role", "input_ends_with_answer"),
        (row(SYSTEM), "input.messages[0].role", "input_ends_with_answer"),
        (row(USER, USER), "input.messages[1].role", "roles_not_in_turn"),
        (row(PICTURE, PARTS, USER), "input.messages[2].content", "mixed_content"),
        (row(USER, better=[]), "preferred_output", "one_answer_wanted"),
        (row(USER, worse=None), "non_preferred_output", "one_answer_wanted"),
        (row(USER, worse=(OTHER, OTHER)), "non_preferred_output", "one_answer_wanted"),
        (row(USER, better=(USER,)), "preferred_output[0].role", "unknown_role"),
        (row(USER, better=({"role": "assistant"},)), "preferred_output[0].content", "content_missing"),
        (row(USER, better=({**ANSWER, "weight": 1},)), "preferred_output[0].weight", "unknown_key"),
        (row(USER, tools={}), "input.tools", "tools_not_list"),
    ],
)
def test_each_broken_rule_is_named_with_its_place(bad: object, path: str, rule: str) -> None:
    assert (path, rule) in objections("preference", bad)


def test_two_equal_answers_are_warned_of() -> None:
    assert ("non_preferred_output", "answers_equal") in warnings("preference", row(USER, worse=(ANSWER,)))


def test_the_normal_form() -> None:
    built = written("preference", replace(PREFERENCE, tools=()))
    assert built == row(USER)
    assert list(built) == ["input", "preferred_output", "non_preferred_output"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"turns": (Turn("user", "Hi"), Turn("assistant", "Hello"))}, "input_ends_with_answer"),
        ({"turns": ()}, "no_answer_left"),
        ({"preferred": (Turn("user", "a"), Turn("assistant", "b"))}, "answer_not_assistant"),
        ({"rejected": ()}, "answer_not_assistant"),
    ],
)
def test_a_preference_without_two_answers_to_one_question_is_left_out(
    change: dict[str, tuple[Turn, ...]], rule: str
) -> None:
    assert choices("preference", replace(PREFERENCE, **change))[-1] == ("error", rule)  # type: ignore[arg-type]


def test_an_answer_of_several_messages_is_left_out_where_tools_speak_and_joined_where_not() -> None:
    call = Turn("assistant", tool_calls=(ToolCall("c1", "now", "{}"),))
    asked = replace(PREFERENCE, preferred=(call, Turn("tool", "12", tool_call_id="c1"), Turn("assistant", "Noon.")))
    assert choices("preference", asked)[-1] == ("error", "one_answer_wanted")
    twice = replace(PREFERENCE, preferred=(Turn("assistant", "a"), Turn("assistant", "b")))
    assert written("preference", twice)["preferred_output"] == [{"role": "assistant", "content": "a\n\nb"}]
    assert choices("preference", twice) == [("warning", "turns_merged")]
