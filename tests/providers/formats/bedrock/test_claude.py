from __future__ import annotations

import pytest

from src.providers.formats.bedrock.claude import BedrockClaude
from src.providers.formats.training_example import TextPart, ToolCall, TrainingExample, Turn
from tests.providers.conversations import rules

FORM = BedrockClaude()
USER = {"role": "user", "content": "Hi"}
ANSWER = {"role": "assistant", "content": "Hello"}


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [USER, ANSWER]},
        {"system": "Be brief.", "messages": [USER, ANSWER, USER, ANSWER]},
        {"messages": [{"role": "user", "content": "Human: said\nAssistant too"}, ANSWER]},
    ],
)
def test_single_and_several_turns_are_accepted_and_written_as_they_were(row: dict[str, object]) -> None:
    assert list(FORM.check(row)) == []
    assert FORM.build(FORM.read(row)) == row
    assert list(FORM.build(FORM.read(row))) == list(row)


@pytest.mark.parametrize(
    ("row", "path", "rule"),
    [
        ([], "", "not_an_object"),
        ({"messages": []}, "messages", "messages_missing"),
        ({"messages": [USER]}, "messages", "no_assistant"),
        ({"messages": [ANSWER]}, "messages[0].role", "first_not_user"),
        ({"messages": [USER, ANSWER], "system": None}, "system", "text_not_string"),
        ({"messages": [USER, ANSWER], "system": " "}, "system", "text_empty"),
        ({"messages": [USER, ANSWER], "tools": []}, "tools", "unknown_key"),
        ({"messages": [USER, {**ANSWER, "weight": 1}]}, "messages[1].weight", "unknown_key"),
        ({"messages": [USER, {**ANSWER, "content": "a\nHuman: b"}]}, "messages[1].content", "reserved_text"),
        ({"messages": [USER, {**ANSWER, "content": [{"type": "text", "text": "x"}]}]}, "messages[1].content",
         "text_not_string"),
        ({"messages": [USER, ANSWER, ANSWER]}, "messages[2].role", "roles_not_in_turn"),
        ({"messages": [USER, ANSWER, USER]}, "messages[2].role", "last_not_assistant"),
        ({"messages": [{"role": "system", "content": "x"}, USER, ANSWER]}, "messages[0].role", "unknown_role"),
    ],
)  # fmt: skip
def test_each_broken_rule_is_named_with_its_place(row: object, path: str, rule: str) -> None:
    assert (path, rule) in rules(list(FORM.check(row)))


def test_rows_of_the_other_bedrock_formats_are_not_taken_for_claudes() -> None:
    assert FORM.recognises({"system": "x", "messages": []})
    assert not FORM.recognises({"schemaVersion": "bedrock-conversation-2024", "messages": []})
    assert not FORM.recognises({"system": [{"text": "x"}], "messages": []})
    assert not FORM.recognises({"prompt": "x", "completion": "y"})


def test_parts_are_joined_and_tool_calls_left_out() -> None:
    parts = Turn("user", (TextPart("a"), TextPart("b")))
    fitted = FORM.fit(TrainingExample((parts, Turn("assistant", "c"))))
    assert fitted.example == TrainingExample((Turn("user", "ab"), Turn("assistant", "c")))
    called = Turn("assistant", None, tool_calls=(ToolCall("1", "f", "{}"),))
    assert FORM.fit(TrainingExample((parts, called))).choices[-1].rule == "tool_calls_not_expressible"
