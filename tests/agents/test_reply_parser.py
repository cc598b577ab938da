"""Answers are read as they are or refused; nothing is repaired."""

from __future__ import annotations

import json

import pytest

from src.agents.asking.reply_parser import parse_object
from src.errors import MalformedAnswerError

SCHEMA = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "minLength": 3, "maxLength": 20},
        "turns": {
            "type": "array",
            "minItems": 1,
            "maxItems": 2,
            "items": {"type": "object", "properties": {"line": {"type": "integer"}}, "required": ["line"]},
        },
        "role": {"type": "string", "enum": ["user", "assistant"]},
    },
    "required": ["question"],
    "additionalProperties": False,
}


def test_a_fitting_object_comes_back_as_it_is() -> None:
    value = {"question": "Who?", "turns": [{"line": 3}], "role": "user"}
    assert parse_object(json.dumps(value), SCHEMA) == value


def test_a_code_fence_around_the_answer_is_taken_off() -> None:
    assert parse_object('```json\n{"question": "Who?"}\n```', SCHEMA) == {"question": "Who?"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"question": "Who', "not valid JSON"),
        ('{"question": "Who?"', "not valid JSON"),
        ("Here it is: {}", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[1]", "answer must be a JSON object"),
        ("{}", "lacks the key 'question'"),
        ('{"question": 3}', "answer.question must be a string"),
        ('{"question": "  x "}', "answer.question is too short"),
        ('{"question": "x23456789012345678901"}', "longer than 20 characters"),
        ('{"question": "Who \\ud83d?"}', "has a character that is no text"),
        ('{"question": "Who?", "extra": 1}', "unknown key 'extra'"),
        ('{"question": "Who?", "turns": []}', "needs at least 1 item"),
        ('{"question": "Who?", "turns": [{"line": 1}, {"line": 2}, {"line": 3}]}', "at most 2 items"),
        ('{"question": "Who?", "turns": [{"line": true}]}', "turns[0].line must be a whole number"),
        ('{"question": "Who?", "role": "robot"}', "must be one of user, assistant"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_place(text: str, complaint: str) -> None:
    with pytest.raises(MalformedAnswerError) as caught:
        parse_object(text, SCHEMA)
    assert complaint in str(caught.value)
