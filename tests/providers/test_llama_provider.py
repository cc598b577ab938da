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


def test_samples_are_written_as_messages() -> None:
    assert PROVIDER.format_example([Message("user", "Hi"), Message("assistant", "Hello")]) == {
        "messages": [USER, ANSWER]
    }


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"messages": [SYSTEM, USER, ANSWER]}, "messages"),
        ({"messages": [USER, ANSWER], "weight": 0.5}, "messages"),
        (
            {
                "input": {"messages": [USER]},
                "preferred_output": [ANSWER],
                "non_preferred_output": [{**ANSWER, "content": "?"}],
            },
            "preference",
        ),
        ({"prompt": [USER], "chosen": [ANSWER], "rejected": [{**ANSWER, "content": "?"}]}, "trl-preference"),
        ({"prompt": [USER], "completion": [ANSWER]}, "trl-prompt-completion"),
        ({"prompt": "Hi", "completion": "Hello"}, "prompt-completion"),
        ({"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]}, "sharegpt"),
        ({"instruction": "Hi", "input": "", "output": "Hello"}, "alpaca"),
        ({"text": "Once upon a time"}, "llama-text"),
    ],
)
def test_rows_of_every_shape_are_known_and_accepted(row: object, name: str) -> None:
    assert PROVIDER.format_of(row).name == name
    assert rules(PROVIDER.validate_example(row)) == set()


@pytest.mark.parametrize(
    ("row", "path", "rule"),
    [
        (True, "", "not_an_object"),
        ({"question": "x"}, "messages", "messages_missing"),
        ({"messages": [USER, ANSWER], "text": "x"}, "text", "unknown_key"),
        ({"messages": [USER, SYSTEM, ANSWER]}, "messages[1].role", "system_not_first"),
    ],
)
def test_each_broken_rule_is_named_with_its_place(row: object, path: str, rule: str) -> None:
    assert (path, rule) in rules(PROVIDER.validate_example(row))


def test_turns_out_of_order_are_not_written() -> None:
    with pytest.raises(FormatError, match="first question"):
        PROVIDER.format_example(TALK[2:])
