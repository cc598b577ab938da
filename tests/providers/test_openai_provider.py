from __future__ import annotations

import pytest

from src.errors import FormatError
from src.providers import PROVIDERS
from src.records import Message
from tests.providers.conversations import TALK, WITHOUT_SYSTEM, rules, through_json

PROVIDER = PROVIDERS["openai"]
USER = {"role": "user", "content": "Hi"}
ANSWER = {"role": "assistant", "content": "Hello"}


@pytest.mark.parametrize("messages", [TALK, WITHOUT_SYSTEM])
def test_what_is_written_reads_back(messages: tuple[Message, ...]) -> None:
    row = PROVIDER.format_example(messages)
    assert PROVIDER.parse_example(through_json(row)) == messages


def test_the_row_is_a_list_of_role_and_content() -> None:
    row = PROVIDER.format_example([Message("user", "Hi"), Message("assistant", "Hello")])
    assert row == {"messages": [USER, ANSWER]}


TOOL_ROW: dict[str, list[object]] = {
    "messages": [
        USER,
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "now", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "12:00"},
        ANSWER,
    ],
    "tools": [{"type": "function", "function": {"name": "now", "parameters": {}}}],
}


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [USER, ANSWER]},
        {"messages": [{"role": "developer", "content": "Be brief."}, USER, ANSWER]},
        {"messages": [USER, {**ANSWER, "weight": 0}, USER, {**ANSWER, "weight": 1}]},
        {"messages": [{**USER, "name": "Ann"}, ANSWER]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}, ANSWER]},
        TOOL_ROW,
    ],
)
def test_good_rows_are_accepted(row: object) -> None:
    assert rules(PROVIDER.validate_example(row)) == set()


@pytest.mark.parametrize(
    ("row", "path", "rule"),
    [
        ([], "", "not_an_object"),
        ({}, "messages", "messages_missing"),
        ({"messages": []}, "messages", "messages_missing"),
        ({"messages": [USER, ANSWER], "prompt": "x"}, "prompt", "unknown_key"),
        ({"messages": [USER, "Hello"]}, "messages[1]", "message_not_object"),
        ({"messages": [{"content": "Hi"}, ANSWER]}, "messages[0].role", "role_missing"),
        ({"messages": [USER, {"role": "model", "content": "x"}]}, "messages[1].role", "unknown_role"),
        ({"messages": [USER, {"role": ["assistant"], "content": "x"}]}, "messages[1].role", "unknown_role"),
        ({"messages": [USER, {"role": "assistant"}]}, "messages[1].content", "content_missing"),
        ({"messages": [USER, {"role": "assistant", "content": None}]}, "messages[1].content", "content_missing"),
        ({"messages": [USER, {"role": "assistant", "content": 7}]}, "messages[1].content", "text_not_string"),
        ({"messages": [USER, {"role": "assistant", "content": " "}]}, "messages[1].content", "text_empty"),
        ({"messages": [USER, {**ANSWER, "mood": "x"}]}, "messages[1].mood", "unknown_key"),
        ({"messages": [USER, {**ANSWER, "weight": 0.5}]}, "messages[1].weight", "bad_weight"),
        ({"messages": [USER, {**ANSWER, "weight": True}]}, "messages[1].weight", "bad_weight"),
        ({"messages": [{**USER, "weight": 1}, ANSWER]}, "messages[0].weight", "bad_weight"),
        ({"messages": [USER]}, "messages", "no_assistant"),
    ],
)
def test_each_broken_rule_is_named_with_its_place(row: object, path: str, rule: str) -> None:
    assert (path, rule) in rules(PROVIDER.validate_example(row))


def test_a_last_message_of_the_user_is_only_warned_of() -> None:
    findings = PROVIDER.validate_example({"messages": [USER, ANSWER, USER]})
    assert rules(findings) == set()
    assert rules(findings, "warning") == {("messages[2].role", "last_not_assistant")}


def test_rows_with_tools_are_judged_and_not_read_as_text() -> None:
    assert PROVIDER.validate_example(TOOL_ROW) == []
    broken = {**TOOL_ROW, "messages": [USER, TOOL_ROW["messages"][1], ANSWER]}
    assert rules(PROVIDER.validate_example(broken), "warning") == {("messages[1].tool_calls[0]", "call_without_answer")}
    with pytest.raises(FormatError, match="holds more than texts"):
        PROVIDER.parse_example(TOOL_ROW)


@pytest.mark.parametrize(
    ("row", "path", "rule"),
    [
        ({"input": {"messages": [USER]}, "preferred_output": [ANSWER]}, "non_preferred_output", "one_answer_wanted"),
        ({"messages": [USER, {"role": "user", "content": ""}], "answer": "x"}, "messages[1].content", "text_empty"),
        ({"prompt": "2 + 2 ->", "completion": ""}, "completion", "text_empty"),
    ],
)
def test_a_row_is_held_to_the_format_it_looks_like(row: object, path: str, rule: str) -> None:
    assert rules(PROVIDER.validate_example(row)) == {(path, rule)}


def test_messages_the_provider_would_refuse_are_not_written() -> None:
    with pytest.raises(FormatError, match=r"messages\[1\]\.content: has no text.*\[content_missing\]"):
        PROVIDER.format_example([Message("user", "Hi"), Message("assistant", "")])
