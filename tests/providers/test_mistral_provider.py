from __future__ import annotations

import pytest

from src.errors import FormatError
from src.providers import PROVIDERS
from src.records import Message
from tests.providers.conversations import TALK, WITHOUT_SYSTEM, rules, through_json

PROVIDER = PROVIDERS["mistral"]
SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "Hi"}
ANSWER = {"role": "assistant", "content": "Hello"}
CALLING = {
    "role": "assistant",
    "tool_calls": [{"id": "abcdefghi", "type": "function", "function": {"name": "now", "arguments": "{}"}}],
}
TOOL = {"type": "function", "function": {"name": "now", "description": "The time.", "parameters": {}}}


@pytest.mark.parametrize("messages", [TALK, WITHOUT_SYSTEM])
def test_what_is_written_reads_back(messages: tuple[Message, ...]) -> None:
    row = PROVIDER.format_example(messages)
    assert PROVIDER.parse_example(through_json(row)) == messages


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [SYSTEM, USER, ANSWER]},
        {"messages": [USER, {**ANSWER, "weight": 0}, USER, ANSWER]},
        {"messages": [USER, CALLING, {"role": "tool", "tool_call_id": "abcdefghi", "content": "12:00"}, ANSWER],
         "tools": [TOOL]},
        {"interactions": [USER, ANSWER]},
        {"text": "a book"},
        {"content": "a book"},
    ],
)  # fmt: skip
def test_good_rows_are_accepted(row: object) -> None:
    assert rules(PROVIDER.validate_example(row)) == set()


@pytest.mark.parametrize(
    ("row", "path", "rule"),
    [
        (3, "", "not_an_object"),
        ({"text": "a book", "messages": [USER, ANSWER]}, "text", "unknown_key"),
        ({"text": "a book", "content": "a book"}, "content", "text_twice"),
        ({"messages": [USER, {"role": "assistant", "tool_calls": [{"id": "abcdefghi"}]}]},
         "messages[1].tool_calls[0]", "bad_tool_call"),
        ({"messages": [SYSTEM, USER, SYSTEM, ANSWER]}, "messages[2].role", "system_repeated"),
        ({"messages": [USER, ANSWER, USER]}, "messages[2].role", "last_not_assistant"),
        ({"messages": [USER, {**ANSWER, "weight": 2}]}, "messages[1].weight", "bad_weight"),
        ({"messages": [{"role": "developer", "content": "x"}, USER, ANSWER]}, "messages[0].role", "unknown_role"),
        ({"messages": [USER, {"role": "assistant", "content": ""}]}, "messages[1].content", "text_empty"),
        ({"messages": [{"role": "user", "content": ["Hi"]}, ANSWER]}, "messages[0].content[0]", "unknown_part"),
    ],
)  # fmt: skip
def test_each_broken_rule_is_named_with_its_place(row: object, path: str, rule: str) -> None:
    assert (path, rule) in rules(PROVIDER.validate_example(row))


def test_two_turns_of_one_side_are_only_warned_of() -> None:
    findings = PROVIDER.validate_example({"messages": [USER, USER, ANSWER]})
    assert rules(findings) == set()
    assert rules(findings, "warning") == {("messages[1].role", "roles_not_in_turn")}


def test_a_second_system_message_is_not_written() -> None:
    with pytest.raises(FormatError, match="system_merged"):
        PROVIDER.format_example([TALK[0], *TALK])
