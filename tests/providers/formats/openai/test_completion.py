from __future__ import annotations

import pytest

from src.providers.formats.openai.completion import OpenAICompletion
from src.providers.formats.training_example import TrainingExample, Turn
from tests.providers.formats.chat.examples import (
    faults,
    rules_of,
)

FORM = OpenAICompletion()
GOOD = {"prompt": "2 + 2 ->", "completion": " 4\n"}


@pytest.mark.parametrize("row", [GOOD, {"prompt": "", "completion": " Once upon a time. END"}])
def test_rows_in_the_normal_form_are_accepted_and_stay_as_they_are(row: dict[str, object]) -> None:
    assert list(FORM.check(row)) == []
    assert FORM.build(FORM.read(row)) == row


@pytest.mark.parametrize(
    ("row", "path", "rule"),
    [
        ([], "", "not_an_object"),
        ({"completion": " 4"}, "prompt", "prompt_missing"),
        ({"prompt": "2"}, "completion", "completion_missing"),
        ({**GOOD, "Prompt": "2"}, "Prompt", "unknown_key"),
        ({**GOOD, "prompt": None}, "prompt", "text_not_string"),
        ({**GOOD, "completion": 4}, "completion", "text_not_string"),
        ({**GOOD, "completion": None}, "completion", "text_not_string"),
        ({**GOOD, "completion": ""}, "completion", "text_empty"),
    ],
)
def test_each_broken_rule_is_named_with_its_place(row: object, path: str, rule: str) -> None:
    assert (path, rule) in faults(FORM, row)


@pytest.mark.parametrize(
    ("row", "path", "rule"),
    [
        ({**GOOD, "prompt": "2 + 2"}, "prompt", "no_separator"),
        ({**GOOD, "completion": "4\n"}, "completion", "no_leading_space"),
        ({**GOOD, "completion": " 4"}, "completion", "no_ending"),
    ],
)
def test_old_advice_is_given_as_notes(row: object, path: str, rule: str) -> None:
    assert {(finding.severity, finding.path, finding.rule) for finding in FORM.check(row)} == {("note", path, rule)}


def test_a_system_text_heads_the_prompt() -> None:
    example = TrainingExample((Turn("system", "Be brief."), Turn("user", "Hi"), Turn("assistant", "Hello")))
    fitted = FORM.fit(example)
    assert fitted.example is not None and rules_of(fitted) == {"system_into_prompt"}
    assert FORM.build(fitted.example) == {"prompt": "Be brief.\n\nHi", "completion": "Hello"}


def test_a_conversation_of_several_turns_is_left_out() -> None:
    turns = (Turn("user", "Hi"), Turn("assistant", "Hello"))
    assert rules_of(FORM.fit(TrainingExample(turns * 2))) == {"too_many_turns"}
