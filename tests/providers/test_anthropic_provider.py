from __future__ import annotations

import pytest

from src.errors import FormatError
from src.providers import PROVIDERS
from src.records import Message
from tests.providers.conversations import TALK, WITHOUT_SYSTEM, rules, through_json

PROVIDER = PROVIDERS["anthropic"]
USER = {"role": "user", "content": "Hi"}
ANSWER = {"role": "assistant", "content": "Hello"}


@pytest.mark.parametrize("messages", [TALK, WITHOUT_SYSTEM])
def test_what_is_written_reads_back(messages: tuple[Message, ...]) -> None:
    row = PROVIDER.format_example(messages)
    assert PROVIDER.parse_example(through_json(row)) == messages


def test_the_system_text_stands_beside_the_messages_and_first() -> None:
    row = PROVIDER.format_example(TALK)
    assert list(row) == ["system", "messages"]
    assert row["system"] == TALK[0].content
    assert "system" not in PROVIDER.format_example(WITHOUT_SYSTEM)


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [USER, ANSWER]},
        {"system": "Be brief.", "messages": [USER, ANSWER, USER, ANSWER]},
        {"messages": [{"role": "user", "content": "Is Human: or\nAssistant a word?"}, ANSWER]},
    ],
)
def test_good_rows_are_accepted(row: object) -> None:
    assert PROVIDER.validate_example(row) == []


@pytest.mark.parametrize(
    ("row", "path", "rule"),
    [
        ("text", "", "not_an_object"),
        ({"system": "x"}, "messages", "messages_missing"),
        ({"system": None, "messages": [USER, ANSWER]}, "system", "text_not_string"),
        ({"system": "", "messages": [USER, ANSWER]}, "system", "text_empty"),
        ({"system": "a\nHuman: b", "messages": [USER, ANSWER]}, "system", "reserved_text"),
        ({"messages": [USER, ANSWER], "id": 1}, "id", "unknown_key"),
        ({"messages": [{"role": "system", "content": "x"}, USER, ANSWER]}, "messages[0].role", "unknown_role"),
        ({"messages": [ANSWER, USER, ANSWER]}, "messages[0].role", "first_not_user"),
        ({"messages": [USER, ANSWER, USER]}, "messages[2].role", "last_not_assistant"),
        ({"messages": [USER, USER, ANSWER]}, "messages[1].role", "roles_not_in_turn"),
        ({"messages": [USER, {**ANSWER, "name": "x"}]}, "messages[1].name", "unknown_key"),
        ({"messages": [{**USER, "content": [{"text": "Hi"}]}, ANSWER]}, "messages[0].content", "text_not_string"),
        ({"messages": [USER, {**ANSWER, "content": "x\nAssistant: y"}]}, "messages[1].content", "reserved_text"),
        ({"messages": [USER]}, "messages", "no_assistant"),
    ],
)  # fmt: skip
def test_each_broken_rule_is_named_with_its_place(row: object, path: str, rule: str) -> None:
    assert (path, rule) in rules(PROVIDER.validate_example(row))


def test_a_system_message_in_the_middle_cannot_be_written() -> None:
    with pytest.raises(FormatError, match="moved to the front"):
        PROVIDER.format_example([*WITHOUT_SYSTEM, TALK[0]])
