from __future__ import annotations

import pytest

from src.providers.formats.openai.preference import OpenAIPreference
from src.providers.formats.training_example import TrainingExample, Turn
from tests.providers.formats.chat.examples import (
    ANSWER,
    CALLING,
    RESULT,
    SYSTEM,
    TOOL,
    USER,
    faults,
    picture,
    rules_of,
    shows,
)

FORM = OpenAIPreference()
WORSE = {"role": "assistant", "content": "No idea."}
OLD_CALL = {"role": "assistant", "content": None, "function_call": {"name": "now", "arguments": "{}"}}


def row(given: object, preferred: object = None, rejected: object = None) -> dict[str, object]:
    return {
        "input": given,
        "preferred_output": [ANSWER] if preferred is None else preferred,
        "non_preferred_output": [WORSE] if rejected is None else rejected,
    }


def asked(*messages: object, **beside: object) -> dict[str, object]:
    return row({"messages": list(messages), **beside})


@pytest.mark.parametrize(
    "row",
    [
        asked(USER),
        asked(SYSTEM, USER, ANSWER, {**USER, "name": "Ann"}),
        asked(USER, tools=[TOOL], parallel_tool_calls=True),
        asked(USER, CALLING, RESULT, tools=[TOOL]),
        row({"messages": [USER], "tools": [TOOL]}, [CALLING]),
        row({"messages": [USER]}, [{"role": "assistant", "refusal": "No."}]),
        row({"messages": [USER]}, [{"role": "assistant", "content": [{"type": "text", "text": "Noon."}]}]),
    ],
)
def test_rows_in_the_normal_form_are_accepted_and_stay_as_they_are(row: dict[str, object]) -> None:
    assert list(FORM.check(row)) == []
    assert FORM.build(FORM.read(row)) == row
    assert list(FORM.build(FORM.read(row))) == list(row)


@pytest.mark.parametrize(
    ("row", "path", "rule"),
    [
        (3, "", "not_an_object"),
        ({}, "input", "input_missing"),
        ({}, "preferred_output", "one_answer_wanted"),
        (row("What?"), "input", "input_missing"),
        (row({}), "input.messages", "messages_missing"),
        ({**asked(USER), "messages": []}, "messages", "unknown_key"),
        (asked(USER, functions=[]), "input.functions", "unknown_key"),
        (asked(USER, ANSWER), "input.messages[1].role", "input_ends_with_answer"),
        (asked({"role": "user", "content": " "}), "input.messages[0].content", "text_empty"),
        (asked(shows(picture())), "input.messages[0].content[1]", "unknown_part"),
        (asked(USER, tools="x"), "input.tools", "tools_not_list"),
        (asked(USER, parallel_tool_calls=1), "input.parallel_tool_calls", "bad_flag"),
        (asked(USER, RESULT), "input.messages[1].tool_call_id", "answer_without_call"),
        (row({"messages": [USER]}, []), "preferred_output", "one_answer_wanted"),
        (row({"messages": [USER]}, ANSWER), "preferred_output", "one_answer_wanted"),
        (row({"messages": [USER]}, [ANSWER, ANSWER]), "preferred_output", "one_answer_wanted"),
        (row({"messages": [USER]}, [ANSWER], [USER]), "non_preferred_output[0].role", "unknown_role"),
        (row({"messages": [USER]}, [ANSWER], [{"role": "assistant"}]),
         "non_preferred_output[0].content", "content_missing"),
        (row({"messages": [USER]}, [{**ANSWER, "weight": 1}]), "preferred_output[0].weight", "unknown_key"),
        (row({"messages": [USER]}, [{**OLD_CALL, "function_call": {"name": "now"}}]),
         "preferred_output[0].function_call.arguments", "bad_arguments"),
        ({"input": {"messages": [USER]}, "preferred_completion": [ANSWER], "non_preferred_completion": [WORSE]},
         "preferred_completion", "old_key"),
    ],
)  # fmt: skip
def test_each_broken_rule_is_named_with_its_place(row: object, path: str, rule: str) -> None:
    assert (path, rule) in faults(FORM, row)


def test_two_equal_answers_are_warned_of() -> None:
    found = faults(FORM, row({"messages": [USER]}, [ANSWER], [ANSWER]), "warning")
    assert found == {("non_preferred_output", "answers_equal")}


def test_old_calls_in_an_answer_are_read_as_tool_calls() -> None:
    given = row({"messages": [USER]}, [OLD_CALL])
    assert faults(FORM, given) == set()
    assert [call.name for call in FORM.read(given).preferred[0].tool_calls] == ["now"]


def test_weights_in_the_conversation_are_taken_and_left_out_when_fitted() -> None:
    given = asked(USER, {**ANSWER, "weight": 0}, USER)
    assert list(FORM.check(given)) == []
    fitted = FORM.fit(FORM.read(given))
    assert rules_of(fitted) == {"weight_dropped"}
    assert fitted.example == FORM.read(asked(USER, ANSWER, USER))


def test_an_answer_in_several_steps_is_left_out() -> None:
    steps = (Turn("assistant", "One."), Turn("tool", "12", tool_call_id="a"), Turn("assistant", "Two."))
    example = TrainingExample((Turn("user", "Hi"),), preferred=steps, rejected=steps[:1])
    assert FORM.fit(example).example is None


def test_rows_are_known_by_their_keys() -> None:
    assert FORM.recognises(asked(USER)) and FORM.recognises({"preferred_completion": []})
    assert not FORM.recognises({"instruction": "x", "input": "y", "output": "z"})
    assert not FORM.recognises({"messages": []})
