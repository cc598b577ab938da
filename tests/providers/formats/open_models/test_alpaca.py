from __future__ import annotations

from typing import Any

import pytest

from src.providers.formats.registry import FORMATS
from src.providers.formats.training_example import Turn
from tests.providers.formats.open_models.conversations import TALK, TOOL_TALK, choices, objections, written

FORM = FORMATS["alpaca"]


def row(**columns: Any) -> dict[str, Any]:
    return {"instruction": "Translate.", "input": "Hallo", "output": "Hello", **columns}


@pytest.mark.parametrize(
    "good",
    [
        row(),
        row(input=""),
        row(input=None, system=None, history=None),
        row(instruction="", system=""),
        row(system="Be brief.", history=[["a", "b"], ["c", "d"]]),
        {"instruction": "Hi", "output": "Hello"},
    ],
)
def test_good_rows_are_accepted(good: object) -> None:
    assert list(FORM.check(good)) == []


@pytest.mark.parametrize(
    ("bad", "path", "rule"),
    [
        ([], "", "not_an_object"),
        ({"input": "Hi", "output": "Hello"}, "instruction", "key_missing"),
        (row(instruction="", input=" "), "instruction", "text_empty"),
        (row(instruction=None, input=None), "instruction", "text_not_string"),
        (row(instruction=7), "instruction", "text_not_string"),
        (row(input=["a"]), "input", "text_not_string"),
        (row(output=""), "output", "text_empty"),
        ({"instruction": "Hi"}, "output", "text_not_string"),
        (row(system=" "), "system", "text_empty"),
        (row(history={}), "history", "bad_history"),
        (row(history=[["a"]]), "history[0]", "bad_history"),
        (row(history=[["a", "b"], ["a", ""]]), "history[1][1]", "text_empty"),
        (row(history=[["", "b"]]), "history[0][0]", "text_empty"),
        (row(text="x"), "text", "unknown_key"),
    ],
)
def test_each_broken_rule_is_named_with_its_place(bad: object, path: str, rule: str) -> None:
    assert (path, rule) in objections("alpaca", bad)


@pytest.mark.parametrize(
    ("given", "question"),
    [
        ({}, "Translate.\nHallo"),
        ({"input": ""}, "Translate."),
        ({"input": None}, "Translate."),
        ({"instruction": ""}, "Hallo"),
    ],
)
def test_the_question_is_the_instruction_and_what_input_there_is(given: dict[str, Any], question: str) -> None:
    assert FORM.read(row(**given)).turns == (Turn("user", question), Turn("assistant", "Hello"))


def test_the_normal_form() -> None:
    assert written("alpaca", TALK) == {
        "instruction": "Bye",
        "input": "",
        "output": "Ciao",
        "system": "Be brief.",
        "history": [["Hi", "Hello"]],
    }
    assert list(written("alpaca", TALK)) == ["instruction", "input", "output", "system", "history"]


def test_tool_calls_are_left_out() -> None:
    assert choices("alpaca", TOOL_TALK) == [("error", "tool_calls_not_expressible")]
