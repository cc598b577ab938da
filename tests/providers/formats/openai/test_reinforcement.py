from __future__ import annotations

import pytest

from src.providers.formats.openai.chat import OpenAIChat
from src.providers.formats.openai.reinforcement import OpenAIReinforcement
from tests.providers.formats.chat.examples import (
    ANSWER,
    SYSTEM,
    TOOL,
    USER,
    faults,
    picture,
    rules_of,
    shows,
)

FORM = OpenAIReinforcement()
DEVELOPER = {"role": "developer", "content": "Be brief."}


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [USER], "answer": "noon"},
        {"messages": [DEVELOPER, USER], "tools": [TOOL], "answer": {"hour": 12}, "parallel_tool_calls": True},
        {"messages": [USER, ANSWER, USER], "answer": None},
        {"messages": [shows(picture())], "answer": "a cat"},
    ],
)
def test_rows_in_the_normal_form_are_accepted_and_stay_as_they_are(row: dict[str, object]) -> None:
    assert list(FORM.check(row)) == []
    assert FORM.build(FORM.read(row)) == row
    assert list(FORM.build(FORM.read(row))) == list(row)


@pytest.mark.parametrize(
    ("row", "path", "rule"),
    [
        ("x", "", "not_an_object"),
        ({"answer": "noon"}, "messages", "messages_missing"),
        ({"messages": [USER, ANSWER], "answer": "noon"}, "messages[1].role", "last_not_user"),
        ({"messages": [DEVELOPER], "answer": "noon"}, "messages[0].role", "last_not_user"),
        ({"messages": [{"role": "user", "content": ""}], "answer": 1}, "messages[0].content", "text_empty"),
        ({"messages": [USER], "tools": {}, "answer": 1}, "tools", "tools_not_list"),
        ({"messages": [shows(picture(0))], "answer": 1}, "messages[0].content[1].image_url.url", "bad_image_colours"),
    ],
)
def test_each_broken_rule_is_named_with_its_place(row: object, path: str, rule: str) -> None:
    assert (path, rule) in faults(FORM, row)


def test_a_row_without_anything_to_compare_with_is_noted() -> None:
    assert faults(FORM, {"messages": [USER]}) == set()
    assert faults(FORM, {"messages": [USER]}, "note") == {("", "no_reference")}


def test_a_system_message_is_warned_of() -> None:
    assert faults(FORM, {"messages": [SYSTEM, USER], "answer": 1}, "warning") == {("messages", "system_in_prompt")}


@pytest.mark.parametrize(
    ("row", "graded"),
    [
        ({"messages": [USER], "answer": "noon"}, True),
        ({"messages": [USER]}, False),
        ({"messages": [USER, ANSWER], "answer": "noon"}, False),
        ({"messages": "none", "answer": "noon"}, False),
    ],
)
def test_prompts_are_told_from_conversations(row: dict[str, object], graded: bool) -> None:
    assert (FORM.recognises(row), OpenAIChat().recognises(row)) == (graded, not graded)


def test_the_fields_for_the_grader_are_dropped_elsewhere_and_it_is_said() -> None:
    example = FORM.read({"messages": [USER, ANSWER, USER], "answer": "noon"})
    assert example.extras == {"answer": "noon"}
    assert "extras_dropped" in rules_of(OpenAIChat().fit(example))
