from __future__ import annotations

import pytest

from src.providers.formats.mistral.chat import MistralChat
from src.providers.formats.openai.chat import OpenAIChat
from src.providers.formats.training_example import TextPart, TrainingExample, Turn
from tests.providers.formats.chat.examples import (
    ANSWER,
    CALL,
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

FIRST_PART = "messages[0].content[0]"
FIRST_CALL = "messages[1].tool_calls[0]"
FUNCTION = f"{FIRST_CALL}.function"
FORM = MistralChat()
SHOWN = {
    "role": "user",
    "content": [{"type": "image_url", "image_url": picture()}, {"type": "text", "text": "What is this?"}],
}


def row(*messages: object, **beside: object) -> dict[str, object]:
    return {"messages": list(messages), **beside}


def calling(**changes: object) -> dict[str, object]:
    return {"role": "assistant", "tool_calls": [{**CALL, **changes}]}


def defining(**changes: object) -> dict[str, object]:
    return row(USER, ANSWER, tools=[{"type": "function", "function": {**TOOL["function"], **changes}}])  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "row",
    [
        row(USER, ANSWER),
        row(SYSTEM, USER, ANSWER, USER, {**ANSWER, "weight": 1}),
        row(USER, {**ANSWER, "weight": 0}, USER, ANSWER),
        row(USER, CALLING, RESULT, ANSWER, tools=[TOOL]),
        row(USER, CALLING, {**RESULT, "name": "now"}, {**ANSWER, "weight": 1}, tools=[TOOL]),
        row(USER, CALLING, {**RESULT, "content": ""}, CALLING, tools=[TOOL]),
        row(USER, ANSWER, tools=[TOOL]),
        row(SHOWN, ANSWER),
        row(USER, ANSWER, only_last=True),
    ],
)
def test_rows_in_the_normal_form_are_accepted_and_stay_as_they_are(row: dict[str, object]) -> None:
    assert faults(FORM, row) == set()
    assert FORM.build(FORM.read(row)) == row
    assert list(FORM.build(FORM.read(row))) == list(row)


@pytest.mark.parametrize(
    ("other", "usual"),
    [
        ({"interactions": [USER, ANSWER]}, row(USER, ANSWER)),
        (row({"role": "user", "text": USER["content"]}, ANSWER), row(USER, ANSWER)),
        (row(USER, ANSWER, system_prompt="Be brief."), row(SYSTEM, USER, ANSWER)),
        (row(USER, ANSWER, available_tools=[TOOL]), row(USER, ANSWER, tools=[TOOL])),
        (row(USER, {**ANSWER, "weight": None, "tool_calls": None}), row(USER, ANSWER)),
        (row(USER, {**ANSWER, "tool_calls": []}), row(USER, ANSWER)),
        (row(USER, {"role": "assistant", "content": "", "tool_calls": [CALL]}, tools=[TOOL]),
         row(USER, CALLING, tools=[TOOL])),
        (row(USER, ANSWER, tools=[{"function": TOOL["function"]}]), row(USER, ANSWER, tools=[TOOL])),
        (
            row({"role": "user", "content": [{"type": "image_url", "image_url": {"url": picture()}}]}, ANSWER),
            row({"role": "user", "content": [{"type": "image_url", "image_url": picture()}]}, ANSWER),
        ),
    ],
)  # fmt: skip
def test_other_ways_to_write_a_row_are_accepted_and_read(other: dict[str, object], usual: dict[str, object]) -> None:
    assert faults(FORM, other) == set()
    assert FORM.build(FORM.read(other)) == usual


@pytest.mark.parametrize(
    ("row", "path", "rule"),
    [
        # The row and its other names
        ({"tools": []}, "messages", "messages_missing"),
        (row(USER, ANSWER, interactions=[]), "interactions", "key_twice"),
        (row(USER, ANSWER, tools=[], available_tools=[]), "available_tools", "key_twice"),
        (row({**USER, "text": "Hi"}, ANSWER), "messages[0].text", "key_twice"),
        ({"interactions": [USER, {**ANSWER, "weight": 5}]}, "interactions[1].weight", "bad_weight"),
        (row(USER, ANSWER, available_tools=5), "available_tools", "tools_not_list"),
        (row(USER, ANSWER, only_last="yes"), "only_last", "bad_flag"),
        (row(USER, ANSWER, system_prompt=5), "system_prompt", "text_not_string"),
        (row(USER, ANSWER, parallel_tool_calls=True), "parallel_tool_calls", "unknown_key"),
        # Roles and their order
        (row({"role": "developer", "content": "x"}, USER, ANSWER), "messages[0].role", "unknown_role"),
        (row(SYSTEM, SYSTEM, USER, ANSWER), "messages[1].role", "system_repeated"),
        (row(SYSTEM, USER, ANSWER, system_prompt="x"), "messages[0].role", "system_repeated"),
        (row(USER, ANSWER, SYSTEM, USER, ANSWER), "messages[2].role", "system_after_answer"),
        (row(USER, CALLING, RESULT, SYSTEM, ANSWER), "messages[3].role", "system_after_answer"),
        (row(USER, ANSWER, USER), "messages[2].role", "last_not_assistant"),
        (row(USER, CALLING, RESULT), "messages[2].role", "last_not_assistant"),
        (row(ANSWER), "messages", "no_user"),
        (row(SYSTEM, ANSWER), "messages", "no_user"),
        # Contents, weights and names
        (row(USER, {"role": "assistant", "content": ""}), "messages[1].content", "text_empty"),
        (row(USER, {"role": "assistant"}), "messages[1].content", "content_missing"),
        (row(USER, {"role": "assistant", "content": "", "tool_calls": []}), "messages[1].content", "text_empty"),
        (row(USER, {**ANSWER, "content": [{"type": "text", "text": "a"}]}), "messages[1].content", "text_not_string"),
        (row({**SYSTEM, "content": [{"type": "text", "text": "a"}]}, USER, ANSWER),
         "messages[0].content", "text_not_string"),
        (row(USER, {**ANSWER, "weight": 0.5}), "messages[1].weight", "bad_weight"),
        (row({**USER, "weight": 1}, ANSWER), "messages[0].weight", "bad_weight"),
        (row({**USER, "name": "Ann"}, ANSWER), "messages[0].name", "misplaced_key"),
        (row(USER, {**ANSWER, "prefix": True}), "messages[1].prefix", "unknown_key"),
        (row(USER, {**ANSWER, "refusal": "No."}), "messages[1].refusal", "unknown_key"),
        # Pictures
        (row({**USER, "content": [{"type": "image_url", "image_url": "a.png"}]}, ANSWER),
         f"{FIRST_PART}.image_url", "bad_image"),
        (row({**USER, "content": [{"type": "image", "image": "x"}]}, ANSWER), FIRST_PART, "unknown_part"),
        # Tool calls and their answers
        (row(USER, {"role": "assistant", "content": "Wait.", "tool_calls": [CALL]}),
         "messages[1].tool_calls", "text_beside_call"),
        (row(USER, calling(id="call_1")), f"{FIRST_CALL}.id", "bad_call_id"),
        (row(USER, calling(id="abcdefgh\n")), f"{FIRST_CALL}.id", "bad_call_id"),
        (row(USER, {"role": "assistant", "tool_calls": [{"function": CALL["function"]}]}),
         f"{FIRST_CALL}.id", "bad_call_id"),
        (row(USER, {"role": "assistant", "tool_calls": [{"id": "abcdefghi"}]}), FIRST_CALL, "bad_tool_call"),
        (row(USER, calling(function={"name": "now", "arguments": {}})), f"{FUNCTION}.arguments", "bad_arguments"),
        (row(USER, calling(function={"arguments": "{}"})), f"{FUNCTION}.name", "bad_tool_name"),
        (row(USER, CALLING, {**RESULT, "tool_call_id": "short"}, ANSWER), "messages[2].tool_call_id", "bad_call_id"),
        (row(USER, CALLING, {"role": "tool", "content": "12"}, ANSWER), "messages[2].tool_call_id", "bad_call_id"),
        (row(USER, CALLING, {**RESULT, "name": "a b"}, ANSWER), "messages[2].name", "bad_tool_name"),
        (row(USER, CALLING, {**RESULT, "content": None}, ANSWER), "messages[2].content", "content_missing"),
        (row(USER, CALLING, ANSWER), FIRST_CALL, "call_without_answer"),
        (row(USER, CALLING, RESULT, RESULT, ANSWER), "messages[3].tool_call_id", "answer_without_call"),
        (row(CALLING, RESULT, ANSWER), "messages[0].tool_calls", "call_without_question"),
        (row(USER, RESULT, ANSWER), "messages[1].tool_call_id", "answer_without_call"),
        (row(USER, {"role": "assistant", "tool_calls": [CALL, CALL]}),
         "messages[1].tool_calls[1].id", "call_id_repeated"),
        # Tools
        (row(USER, ANSWER, tools=["now"]), "tools[0]", "bad_tool"),
        (defining(name="a b"), "tools[0].function.name", "bad_tool_name"),
        (defining(description=None), "tools[0].function.description", "bad_tool"),
        (defining(parameters=[]), "tools[0].function.parameters", "bad_schema"),
        (defining(parameters={"properties": {"a": {"type": "str"}}}),
         "tools[0].function.parameters.properties.a.type", "bad_schema"),
        (defining(parameters={"properties": {"a": {"pattern": "["}}}),
         "tools[0].function.parameters.properties.a.pattern", "bad_schema"),
        (row(USER, ANSWER, tools=[{"type": "function", "function": {"name": "now", "parameters": {}}}]),
         "tools[0].function.description", "bad_tool"),
        (row(USER, ANSWER, tools=[{"type": "function", "function": {"name": "now", "description": ""}}]),
         "tools[0].function.parameters", "bad_tool"),
    ],
)  # fmt: skip
def test_each_broken_rule_is_named_with_its_place(row: object, path: str, rule: str) -> None:
    assert (path, rule) in faults(FORM, row)


@pytest.mark.parametrize(
    ("row", "path", "rule"),
    [
        (row(USER, USER, ANSWER), "messages[1].role", "roles_not_in_turn"),
        (row(ANSWER, USER, ANSWER), "messages[0].role", "first_not_user"),
        (row(USER, CALLING, RESULT, USER, ANSWER, tools=[TOOL]), "messages[3].role", "roles_not_in_turn"),
        (row(USER, {**ANSWER, "weight": 0}), "messages", "nothing_learnt"),
        (row(USER, CALLING, RESULT, {**ANSWER, "weight": 0}, tools=[TOOL]), "messages[3].weight", "nothing_learnt"),
        (row(USER, CALLING, RESULT, ANSWER), FIRST_CALL, "undefined_tool"),
        (row(SHOWN, ANSWER), "messages", "pictures_in_the_api_only"),
        (row(USER, {"role": "assistant", "tool_calls": [CALL, {**CALL, "id": "123456789"}]}, tools=[TOOL]),
         "messages[1].tool_calls", "several_last_calls"),
    ],
)  # fmt: skip
def test_what_may_go_wrong_is_warned_of(row: object, path: str, rule: str) -> None:
    assert faults(FORM, row) == set()
    assert faults(FORM, row, "warning") == {(path, rule)}


def test_with_tools_the_last_answer_alone_is_learnt_and_it_is_said() -> None:
    found = faults(FORM, row(USER, CALLING, RESULT, ANSWER, tools=[TOOL]), "note")
    assert found == {("messages[3]", "last_answer_alone_learnt")}
    assert faults(FORM, row(USER, ANSWER, USER, ANSWER, only_last=True), "note")
    assert not faults(FORM, row(USER, ANSWER, USER, ANSWER), "note")


def test_openais_tool_rows_are_written_with_ids_of_nine_letters_and_full_definitions() -> None:
    openai = row(
        USER,
        {"role": "assistant", "tool_calls": [{**CALL, "id": "call_abc"}]},
        {**RESULT, "tool_call_id": "call_abc"},
        ANSWER,
        tools=[{"type": "function", "function": {"name": "now"}}],
        parallel_tool_calls=False,
    )
    fitted = FORM.fit(OpenAIChat().read(openai))
    assert fitted.example is not None
    assert rules_of(fitted) == {"call_ids_rewritten", "definition_completed", "parallel_flag_dropped"}
    assert faults(FORM, FORM.build(fitted.example)) == set()


def test_texts_in_parts_are_joined_beside_pictures_too() -> None:
    shown = OpenAIChat().read(row(shows(picture()), ANSWER)).turns[0]
    answer = Turn("assistant", (TextPart("A "), TextPart("cat.")))
    fitted = FORM.fit(TrainingExample((shown, answer)))
    assert fitted.example == TrainingExample((shown, Turn("assistant", "A cat.")))
    assert "parts_joined" in rules_of(fitted)


def test_each_rule_names_its_source() -> None:
    assert "mistral-common" in FORM.source_of("bad_call_id")
    assert "validate_data.py" in FORM.source_of("system_repeated")
