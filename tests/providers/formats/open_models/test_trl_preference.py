from __future__ import annotations

from typing import Any

import pytest

from src.providers.formats.registry import FORMATS
from src.providers.formats.training_example import TrainingExample, Turn
from tests.providers.formats.open_models.conversations import (
    ANSWER,
    PREFERENCE,
    RESULT,
    SYSTEM,
    TOOL,
    TOOL_TALK,
    USER,
    objections,
    warnings,
    written,
)

FORM = FORMATS["trl-preference"]
OTHER = {"role": "assistant", "content": "What?"}
# As TRL's documents show it: arguments as an object, no ids.
CALLING = {
    "role": "assistant",
    "tool_calls": [{"type": "function", "function": {"name": "now", "arguments": {"a": 1}}}],
}
NAMED = {"role": "tool", "name": "now", "content": "12:00"}


def row(**columns: Any) -> dict[str, Any]:
    return {"prompt": [USER], "chosen": [ANSWER], "rejected": [OTHER], **columns}


@pytest.mark.parametrize(
    "good",
    [
        row(),
        row(prompt="Hi", chosen="Hello", rejected="What?"),
        {"chosen": [USER, ANSWER], "rejected": [USER, OTHER]},
        row(chosen=[CALLING, NAMED, ANSWER], tools=[TOOL]),
        row(prompt=[SYSTEM, USER, CALLING, NAMED]),
    ],
)
def test_good_rows_are_accepted(good: object) -> None:
    assert objections("trl-preference", good) == set()


@pytest.mark.parametrize(
    ("bad", "path", "rule"),
    [
        ("x", "", "not_an_object"),
        (row(label=True), "label", "unknown_key"),
        ({"prompt": [USER], "chosen": [ANSWER]}, "rejected", "answer_missing"),
        ({"prompt": [USER], "rejected": [ANSWER]}, "chosen", "answer_missing"),
        ({"chosen": "The sky is blue.", "rejected": "The sky is green."}, "prompt", "prompt_missing"),
        ({"chosen": [ANSWER], "rejected": [OTHER]}, "prompt", "prompt_missing"),
        (row(prompt="Hi"), "", "mixed_columns"),
        (row(prompt="Hi", chosen=" ", rejected="x"), "chosen", "text_empty"),
        (row(prompt=[]), "prompt", "messages_missing"),
        (row(prompt=[USER, ANSWER]), "prompt[1].role", "prompt_ends_with_answer"),
        (row(prompt=[SYSTEM]), "prompt[0].role", "prompt_ends_with_answer"),
        (row(chosen=[USER]), "chosen[0].role", "unknown_role"),
        (row(chosen=[CALLING, NAMED]), "chosen[1].role", "last_not_assistant"),
        (row(rejected=[{"role": "assistant"}]), "rejected[0].content", "content_missing"),
        (row(chosen=[NAMED, ANSWER]), "chosen[0].tool_call_id", "answer_without_call"),
        (row(tools="now"), "tools", "tools_not_list"),
    ],
)
def test_each_broken_rule_is_named_with_its_place(bad: object, path: str, rule: str) -> None:
    assert (path, rule) in objections("trl-preference", bad)


def test_two_equal_answers_and_turns_out_of_order_are_warned_of() -> None:
    assert warnings("trl-preference", row(rejected=[ANSWER])) == {("rejected", "answers_equal")}
    assert warnings("trl-preference", row(prompt=[USER, USER])) == {("prompt[1].role", "roles_not_in_turn")}


def test_what_a_function_returns_is_taken_with_a_note() -> None:
    told = {**TOOL, "function": {**TOOL["function"], "return": {"type": "string"}}}
    assert objections("trl-preference", row(tools=[told])) == set()
    assert warnings("trl-preference", row(tools=[told]), "note") == {("tools[0].function.return", "tool_return")}


def test_texts_and_a_missing_prompt_are_read_as_messages() -> None:
    for given in (
        row(prompt="Hi", chosen="Hello", rejected="What?"),
        {"chosen": [USER, ANSWER], "rejected": [USER, OTHER]},
    ):
        assert FORM.read(given) == PREFERENCE


def test_a_prompt_is_found_although_one_answer_begins_the_other() -> None:
    read = FORM.read({"chosen": [USER, ANSWER], "rejected": [USER, ANSWER]})
    assert (len(read.turns), len(read.preferred), len(read.rejected)) == (1, 1, 1)


def test_arguments_are_written_as_objects() -> None:
    example = TrainingExample(
        (TOOL_TALK.turns[0],), TOOL_TALK.turns[1:], (Turn("assistant", "No."),), tools=TOOL_TALK.tools
    )
    built = written("trl-preference", example)
    assert list(built) == ["prompt", "chosen", "rejected", "tools"]
    assert built["chosen"][0]["tool_calls"][0]["function"]["arguments"] == {"zone": "Köln"}
    assert built["chosen"][1] == RESULT
