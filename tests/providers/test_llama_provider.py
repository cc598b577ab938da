from __future__ import annotations

import pytest

from src.errors import FormatError
from src.providers import PROVIDERS
from src.records import Message
from tests.providers.conversations import TALK, WITHOUT_SYSTEM, rules, through_json

PROVIDER = PROVIDERS["llama"]
SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "Hi"}
ANSWER = {"role": "assistant", "content": "Hello"}


@pytest.mark.parametrize("messages", [TALK, WITHOUT_SYSTEM])
def test_what_is_written_reads_back(messages: tuple[Message, ...]) -> None:
    row = PROVIDER.format_example(messages)
    assert PROVIDER.parse_example(through_json(row)) == messages


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [SYSTEM, USER, ANSWER]},
        {"messages": [USER, {**ANSWER, "weight": 0}, {**USER, "weight": 0}, ANSWER]},
        {"messages": [USER, ANSWER], "weight": 0.5},
    ],
)
def test_good_rows_are_accepted(row: object) -> None:
    assert rules(PROVIDER.validate_example(row)) == set()


@pytest.mark.parametrize(
    ("row", "path", "rule"),
    [
        (True, "", "not_an_object"),
        ({"messages": [USER, ANSWER], "text": "x"}, "text", "unknown_key"),
        ({"messages": [USER, SYSTEM, ANSWER]}, "messages[1].role", "system_not_first"),
        ({"messages": [SYSTEM, SYSTEM, USER, ANSWER]}, "messages[1].role", "system_repeated"),
        ({"messages": [SYSTEM, ANSWER]}, "messages[1].role", "first_not_user"),
        ({"messages": [USER, ANSWER, ANSWER]}, "messages[2].role", "roles_not_in_turn"),
        ({"messages": [USER, ANSWER, USER]}, "messages[2].role", "last_not_assistant"),
        ({"messages": [USER, {**ANSWER, "weight": 3}]}, "messages[1].weight", "bad_weight"),
    ],
)
def test_each_broken_rule_is_named_with_its_place(row: object, path: str, rule: str) -> None:
    assert (path, rule) in rules(PROVIDER.validate_example(row))


def test_turns_out_of_order_are_not_written() -> None:
    with pytest.raises(FormatError, match="first_not_user"):
        PROVIDER.format_example(TALK[2:])
