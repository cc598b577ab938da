"""Rows that hold anything anywhere: they are judged, never stumbled over."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.providers.formats.registry import FORMATS
from tests.providers.formats.chat.examples import ANSWER, CALLING, RESULT, SYSTEM, TOOL, USER, picture, shows

TALK = [SYSTEM, {**USER, "name": "Ann"}, CALLING, RESULT, {**ANSWER, "weight": 1}]
OLD_TALK = [
    USER,
    {"role": "assistant", "content": None, "function_call": {"name": "now", "arguments": "{}"}},
    {"role": "function", "name": "now", "content": "12:00"},
    {"role": "assistant", "refusal": "No."},
]
GOOD_ROWS: Mapping[str, list[dict[str, Any]]] = {
    "openai-chat": [
        {"messages": TALK, "tools": [TOOL], "parallel_tool_calls": True},
        {"messages": [shows(picture(), "https://a.example/b.png"), ANSWER]},
        {"messages": OLD_TALK, "functions": [TOOL["function"]]},
    ],
    "openai-preference": [
        {"input": {"messages": [SYSTEM, USER], "tools": [TOOL]},
         "preferred_output": [ANSWER], "non_preferred_output": [CALLING]}
    ],
    "openai-reinforcement": [{"messages": [SYSTEM, USER, ANSWER, USER], "tools": [TOOL], "answer": "noon"}],
    "openai-completion": [{"prompt": "2 + 2 ->", "completion": " 4\n"}],
    "mistral-chat": [
        {"messages": [SYSTEM, USER, CALLING, RESULT, ANSWER], "tools": [TOOL], "only_last": True},
        {"interactions": [shows(picture()), {"role": "assistant", "text": "A cat."}], "system_prompt": "Be brief."},
    ],
    "mistral-text": [{"text": "A book."}],
}  # fmt: skip
ODD_VALUES = (None, "", " ", "x", "a\nb", 0, 1, -1, 2.5, True, [], ["x"], [[]], {}, {"a": 1}, [{}], "\ud800", 10**400)


def places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inner for place in places(one, (*path, key)))]


def with_value(row: dict[str, Any], place: tuple[Any, ...], value: object) -> object:
    if not place:
        return value
    changed: Any = copy.deepcopy(row)
    node = changed
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = value
    return changed


@pytest.mark.parametrize("name", GOOD_ROWS)
def test_a_wrong_value_in_any_place_is_judged(name: str) -> None:
    form = FORMATS[name]
    for row in GOOD_ROWS[name]:
        assert [finding for finding in form.check(row) if finding.severity == "error"] == []
        for place in places(row):
            for value in ODD_VALUES:
                judge(name, with_value(row, place, value))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.data(), JSON_VALUES)
def test_any_value_in_any_place_is_judged(data: st.DataObject, value: object) -> None:
    name = data.draw(st.sampled_from(sorted(GOOD_ROWS)))
    row = data.draw(st.sampled_from(GOOD_ROWS[name]))
    judge(name, with_value(row, data.draw(st.sampled_from(places(row))), value))


def judge(name: str, row: object) -> None:
    """Check a row, and where nothing is wrong read and fit it too."""
    form = FORMATS[name]
    errors = [finding for finding in form.check(row) if finding.severity == "error"]
    assert all(len(finding.message) < 600 for finding in errors)
    if isinstance(row, dict):
        form.recognises(row)
        if not errors:
            form.fit(form.read(row))
