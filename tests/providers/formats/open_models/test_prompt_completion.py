from __future__ import annotations

import pytest

from src.providers.formats.training_example import TrainingExample, Turn
from tests.providers.formats.open_models.conversations import TALK, TOOL_TALK, choices, objections, written


@pytest.mark.parametrize(
    ("bad", "path", "rule"),
    [
        ("x", "", "not_an_object"),
        ({"prompt": "Hi"}, "completion", "key_missing"),
        ({"completion": "Hi"}, "prompt", "key_missing"),
        ({"prompt": "Hi", "completion": ""}, "completion", "text_empty"),
        ({"prompt": None, "completion": "Hi"}, "prompt", "text_not_string"),
        ({"prompt": "Hi", "completion": "Hello", "system": "x"}, "system", "unknown_key"),
    ],
)
def test_each_broken_rule_is_named_with_its_place(bad: object, path: str, rule: str) -> None:
    assert (path, rule) in objections("prompt-completion", bad)


def test_a_system_text_heads_the_prompt() -> None:
    example = TrainingExample(TALK.turns[:3])
    assert written("prompt-completion", example) == {"prompt": "Be brief.\n\nHi", "completion": "Hello"}
    assert objections("prompt-completion", written("prompt-completion", example)) == set()
    assert choices("prompt-completion", example) == [("warning", "system_into_prompt")]


@pytest.mark.parametrize(
    ("example", "rule"),
    [
        (TALK, "too_many_turns"),
        (TOOL_TALK, "tool_calls_not_expressible"),
        (TrainingExample((Turn("user", "Hi"),)), "kind_not_expressible"),
    ],
)
def test_more_than_a_question_and_an_answer_is_left_out(example: TrainingExample, rule: str) -> None:
    assert choices("prompt-completion", example)[-1] == ("error", rule)
