from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.providers.formats.vertex.objects import answer_of, object_of, response_of

leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
json_values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6)
responses = st.dictionaries(st.sampled_from(("output", "error", "x")), json_values, max_size=2)
# Texts that look like responses are the ones that could be mistaken for them.
answers = st.text() | responses.map(json.dumps) | responses.map(lambda value: json.dumps(value, ensure_ascii=False))


@given(answers)
def test_an_answer_comes_back_from_its_response(text: str) -> None:
    assert answer_of(response_of(text)) == text


@given(responses | answers.map(lambda text: {"output": text}))
def test_a_response_comes_back_from_its_answer(response: dict[str, object]) -> None:
    assert json.dumps(response_of(answer_of(response))) == json.dumps(response)


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("True", {"output": "True"}),
        ("", {"output": ""}),
        ('{"sku": "x", "n": 1.0}', {"sku": "x", "n": 1.0}),
        ('{"output": {"a": 1}}', {"output": {"a": 1}}),
        ('{"output": "True"}', {"output": '{"output": "True"}'}),
        ('{"sku":"x"}', {"output": '{"sku":"x"}'}),
        ("[1]", {"output": "[1]"}),
    ],
)
def test_objects_stand_as_they_are_and_other_texts_beside_output(text: str, response: dict[str, object]) -> None:
    assert response_of(text) == response


@pytest.mark.parametrize("text", ["", "[]", "x", '{"a": 1, "a": 2}', '{"a": NaN}', '{"a": 1e999}', '{"a": "\\ud800"}'])
def test_a_text_that_could_not_be_written_again_as_meant_is_no_object(text: str) -> None:
    assert object_of(text) is None
