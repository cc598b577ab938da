from __future__ import annotations

import pytest

from src.providers.formats.bedrock.completion import BedrockCompletion
from src.providers.formats.training_example import TrainingExample, Turn
from tests.providers.conversations import rules

FORM = BedrockCompletion()
ROW = {"prompt": "Is it?", "completion": "It is."}
TURNS = (Turn("user", "Is it?"), Turn("assistant", "It is."))


def test_a_row_is_one_question_and_its_answer() -> None:
    assert list(FORM.check(ROW)) == []
    assert FORM.read(ROW) == TrainingExample(TURNS)
    assert FORM.build(TrainingExample(TURNS)) == ROW
    assert list(FORM.build(TrainingExample(TURNS))) == ["prompt", "completion"]


@pytest.mark.parametrize(
    ("row", "path", "rule"),
    [
        ("x", "", "not_an_object"),
        ({"prompt": "x"}, "completion", "completion_missing"),
        ({"completion": "x"}, "prompt", "prompt_missing"),
        ({**ROW, "prompt": ["x"]}, "prompt", "text_not_string"),
        ({**ROW, "completion": "\n"}, "completion", "text_empty"),
        ({**ROW, "system": "x"}, "system", "unknown_key"),
    ],
)
def test_each_broken_rule_is_named_with_its_place(row: object, path: str, rule: str) -> None:
    assert (path, rule) in rules(list(FORM.check(row)))


def test_the_system_text_heads_the_prompt_and_says_so() -> None:
    fitted = FORM.fit(TrainingExample((Turn("system", "Be brief."), *TURNS)))
    assert fitted.example is not None
    assert FORM.build(fitted.example)["prompt"] == "Be brief.\n\nIs it?"
    assert [choice.rule for choice in fitted.choices] == ["system_into_prompt"]


def test_a_conversation_of_several_turns_is_left_out() -> None:
    fitted = FORM.fit(TrainingExample(TURNS * 2))
    assert fitted.example is None
    assert fitted.choices[-1].rule == "too_many_turns"
