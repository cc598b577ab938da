from __future__ import annotations

from typing import Any

import pytest

from src.providers.formats.registry import FORMATS
from src.providers.formats.training_example import TrainingExample, Turn
from tests.providers.formats.open_models.conversations import (
    ANSWER,
    SYSTEM,
    TALK,
    TOOL_TALK,
    USER,
    choices,
    objections,
    written,
)

FORM = FORMATS["trl-prompt-completion"]


def row(**columns: Any) -> dict[str, Any]:
    return {"prompt": [USER], "completion": [ANSWER], **columns}


def weighed(*weights: int | None) -> TrainingExample:
    """A conversation whose answers have these weights."""
    turns = (turn for weight in weights for turn in (Turn("user", "a"), Turn("assistant", "b", weight=weight)))
    return TrainingExample(tuple(turns))


@pytest.mark.parametrize("good", [row(), row(prompt=[SYSTEM, USER, ANSWER, USER])])
def test_good_rows_are_accepted(good: object) -> None:
    assert objections("trl-prompt-completion", good) == set()


@pytest.mark.parametrize(
    ("bad", "path", "rule"),
    [
        (None, "", "not_an_object"),
        (row(label=True), "label", "unknown_key"),
        (row(prompt="Hi"), "prompt", "messages_missing"),
        ({"prompt": [USER]}, "completion", "messages_missing"),
        (row(prompt=[USER, ANSWER]), "prompt[1].role", "prompt_ends_with_answer"),
        (row(completion=[USER, ANSWER]), "completion[0].role", "unknown_role"),
        (row(completion=[{**ANSWER, "weight": 1}]), "completion[0].weight", "unknown_key"),
        (row(tools={}), "tools", "tools_not_list"),
    ],
)
def test_each_broken_rule_is_named_with_its_place(bad: object, path: str, rule: str) -> None:
    assert (path, rule) in objections("trl-prompt-completion", bad)


def test_rows_of_messages_are_told_from_rows_of_texts() -> None:
    assert FORM.recognises(row()) and FORM.recognises(row(prompt="Hi"))
    assert not FORM.recognises({"prompt": "Hi", "completion": "Hello"})


def test_earlier_answers_are_no_longer_learnt_which_is_said() -> None:
    assert written("trl-prompt-completion", TALK) == {
        "prompt": [SYSTEM, USER, ANSWER, {"role": "user", "content": "Bye"}],
        "completion": [{"role": "assistant", "content": "Ciao"}],
    }
    assert choices("trl-prompt-completion", TALK) == [("warning", "earlier_answers_not_learnt")]


def test_answers_in_the_prompt_are_read_as_not_to_be_learnt() -> None:
    read = FORM.read(row(prompt=[USER, ANSWER, USER]))
    assert [turn.weight for turn in read.turns] == [None, 0, None, None]
    assert choices("trl-prompt-completion", read) == []


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ((0, None), []),
        ((0, 1), []),
        ((1, 1), [("warning", "earlier_answers_not_learnt")]),
        ((1, 0), [("error", "nothing_learnt")]),
    ],
)
def test_weights_say_what_is_learnt(weights: tuple[int | None, ...], expected: list[tuple[str, str]]) -> None:
    assert choices("trl-prompt-completion", weighed(*weights)) == expected


def test_calls_that_lead_to_the_answer_are_learnt_with_it() -> None:
    built = written("trl-prompt-completion", TOOL_TALK)
    assert [message["role"] for message in built["completion"]] == ["assistant", "tool", "assistant"]
    assert list(built) == ["prompt", "completion", "tools"]


def test_a_completion_after_a_tools_answer_stays_what_it_was() -> None:
    built = written("trl-prompt-completion", TOOL_TALK)
    moved = {**built, "prompt": built["prompt"] + built["completion"][:2], "completion": built["completion"][2:]}
    assert FORM.build(FORM.read(moved)) == moved
