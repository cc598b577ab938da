from __future__ import annotations

import pytest

from src.providers.formats.openai.chat import OpenAIChat
from src.providers.formats.training_example import ToolCall, TrainingExample, Turn
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
FORM = OpenAIChat()
OLD_FUNCTION = {"name": "now", "description": "The time.", "parameters": {"type": "object", "properties": {}}}
OLD_CALLING = {"role": "assistant", "content": None, "function_call": {"name": "now", "arguments": "{}"}}
OLD_RESULT = {"role": "function", "name": "now", "content": "12:00"}
REFUSING = {"role": "assistant", "refusal": "I will not say."}


def row(*messages: object, **beside: object) -> dict[str, object]:
    return {"messages": list(messages), **beside}


def calling(**changes: object) -> dict[str, object]:
    return {"role": "assistant", "tool_calls": [{**CALL, **changes}]}


def defining(**changes: object) -> dict[str, object]:
    return row(USER, ANSWER, tools=[{"type": "function", "function": {"name": "now", **changes}}])


# Each of them is in the normal form: it is what build() makes of what read() finds.
NORMAL_ROWS = [
    row(USER, ANSWER),
    row(SYSTEM, USER, ANSWER, SYSTEM, USER, ANSWER),
    row({"role": "developer", "content": "Be brief."}, {**USER, "name": "Ann"}, ANSWER),
    row(USER, {**ANSWER, "weight": 0}, USER, {**ANSWER, "weight": 1}),
    row({"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "text", "text": "!"}]}, ANSWER),
    row(shows(picture(), "https://a.example/b.jpg", "http://a.example/c.webp"), ANSWER),
    row({**USER, "content": [{"type": "image_url", "image_url": {"url": picture(6), "detail": "low"}}]}, ANSWER),
    row(USER, REFUSING),
    row(USER, CALLING, RESULT, ANSWER, tools=[TOOL]),
    row(USER, CALLING, {**RESULT, "content": ""}, ANSWER, tools=[TOOL], parallel_tool_calls=False),
    row(USER, {"role": "assistant", "content": "Let me see.", "tool_calls": [CALL]}, tools=[TOOL]),
    row(USER, ANSWER, tools=[{"type": "function", "function": {"name": "now"}}], parallel_tool_calls=True),
]


@pytest.mark.parametrize("row", NORMAL_ROWS)
def test_rows_in_the_normal_form_are_accepted_and_stay_as_they_are(row: dict[str, object]) -> None:
    assert list(FORM.check(row)) == []
    assert FORM.build(FORM.read(row)) == row
    assert [list(message) for message in FORM.build(FORM.read(row))["messages"]] == [  # type: ignore[attr-defined]
        list(message)
        for message in row["messages"]  # type: ignore[attr-defined]
    ]


@pytest.mark.parametrize(
    "row",
    [
        row(USER, {"role": "assistant", "content": None, "tool_calls": [CALL]}, tools=[TOOL]),
        row(USER, {**REFUSING, "content": None}),
        row(USER, {**ANSWER, "refusal": None, "function_call": None}),
        row(USER, {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}),
        row(USER, CALLING, {**RESULT, "content": [{"type": "text", "text": "12:00"}]}, ANSWER, tools=[TOOL]),
        row(USER, CALLING, {**RESULT, "name": "now"}, ANSWER, tools=[TOOL]),
        row(USER, OLD_CALLING, OLD_RESULT, ANSWER, functions=[OLD_FUNCTION]),
        row(USER, OLD_CALLING, {**OLD_RESULT, "content": None}, ANSWER, functions=[OLD_FUNCTION]),
    ],
)
def test_other_ways_to_write_a_row_are_accepted_and_read(row: dict[str, object]) -> None:
    assert faults(FORM, row) == set()
    example = FORM.read(row)
    normal = FORM.build(FORM.fit(example).example or example)
    assert faults(FORM, normal) == set()
    assert FORM.read(normal) == FORM.fit(example).example


def test_a_refusal_among_parts_is_read_as_a_refusal() -> None:
    part = {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}
    assert FORM.read(row(USER, part)).turns[1] == Turn("assistant", refusal="No.")


def test_functions_are_read_as_tools_and_their_calls_are_numbered() -> None:
    old = row(USER, OLD_CALLING, OLD_RESULT, OLD_CALLING, OLD_RESULT, ANSWER, functions=[OLD_FUNCTION])
    example = FORM.read(old)
    assert example.turns[1].tool_calls == (ToolCall("call_1", "now", "{}"),)
    assert example.turns[4] == Turn("tool", "12:00", tool_call_id="call_2")
    built = FORM.build(example)
    assert built["tools"] == [{"type": "function", "function": OLD_FUNCTION}]
    assert "functions" not in built and faults(FORM, built) == set()


@pytest.mark.parametrize(
    ("row", "path", "rule"),
    [
        # The messages and their keys
        (row({"role": "user"}, ANSWER), "messages[0].content", "content_missing"),
        (row({**USER, "content": None}, ANSWER), "messages[0].content", "content_missing"),
        (row({**USER, "content": []}, ANSWER), "messages[0].content", "text_empty"),
        (row({"role": "user", "refusal": "No."}, ANSWER), "messages[0].refusal", "misplaced_key"),
        (row({"role": "user", "refusal": "No."}, ANSWER), "messages[0].content", "content_missing"),
        (row(USER, {**ANSWER, "audio": {"id": "a"}}), "messages[1].audio", "unknown_key"),
        (row({**USER, "name": 5}, ANSWER), "messages[0].name", "text_not_string"),
        (row({**USER, "name": None}, ANSWER), "messages[0].name", "text_not_string"),
        (row(USER, {**ANSWER, "refusal": 5}), "messages[1].refusal", "text_not_string"),
        (row(USER, {**ANSWER, "weight": None}), "messages[1].weight", "bad_weight"),
        (row(USER, {**ANSWER, "weight": 1.0}), "messages[1].weight", "bad_weight"),
        (row(USER, {**ANSWER, "weight": 2}), "messages[1].weight", "bad_weight"),
        (row({**SYSTEM, "weight": 0}, USER, ANSWER), "messages[0].weight", "bad_weight"),
        # Parts
        (row({**USER, "content": ["Hi"]}, ANSWER), FIRST_PART, "unknown_part"),
        (row({**USER, "content": [{"type": "input_audio"}]}, ANSWER), FIRST_PART, "unknown_part"),
        (row({**USER, "content": [{"type": "text"}]}, ANSWER), f"{FIRST_PART}.text", "text_not_string"),
        (
            row({**USER, "content": [{"type": "text", "text": "a", "b": 1}]}, ANSWER),
            f"{FIRST_PART}.b",
            "unknown_key",
        ),
        (row({**USER, "content": [{"type": "refusal", "refusal": "a"}]}, ANSWER), FIRST_PART, "unknown_part"),
        (
            row(USER, {**ANSWER, "content": [{"type": "text", "text": "a"}, {"type": "refusal", "refusal": "b"}]}),
            "messages[1].content[1]",
            "bad_refusal",
        ),
        # Pictures
        (row(USER, {**ANSWER, "content": shows("https://a.b/c")["content"]}),
         "messages[1].content[1]", "misplaced_image"),
        (row({**SYSTEM, "content": shows(picture())["content"]}, USER, ANSWER),
         "messages[0].content[1]", "misplaced_image"),
        (row(shows("ftp://a"), ANSWER), "messages[0].content[1].image_url.url", "bad_image"),
        (row(shows(picture(0)), ANSWER), "messages[0].content[1].image_url.url", "bad_image_colours"),
        (row(shows(*["https://a.b/c"] * 11), ANSWER), "messages", "too_many_images"),
        (
            row({**USER, "content": [{"type": "image_url", "image_url": "https://a.b/c"}]}, ANSWER),
            f"{FIRST_PART}.image_url",
            "bad_image",
        ),
        (
            row({**USER, "content": [{"type": "image_url", "image_url": {"url": "https://a", "detail": "x"}}]}, ANSWER),
            f"{FIRST_PART}.image_url.detail",
            "bad_image",
        ),
        # Tool calls
        (row(USER, {"role": "assistant", "tool_calls": []}), "messages[1].tool_calls", "bad_tool_call"),
        (row(USER, {**ANSWER, "tool_calls": None}), "messages[1].tool_calls", "bad_tool_call"),
        (row(USER, {"role": "assistant", "tool_calls": ["now"]}), FIRST_CALL, "bad_tool_call"),
        (row(USER, calling(type="custom")), FIRST_CALL, "bad_tool_call"),
        (row(USER, {"role": "assistant", "tool_calls": [{"id": "a", "function": {}}]}), FIRST_CALL, "bad_tool_call"),
        (row(USER, calling(index=0)), f"{FIRST_CALL}.index", "unknown_key"),
        (row(USER, calling(id="")), f"{FIRST_CALL}.id", "bad_call_id"),
        (row(USER, calling(id=None)), f"{FIRST_CALL}.id", "bad_call_id"),
        (row(USER, calling(function={"name": "a b", "arguments": "{}"})), f"{FUNCTION}.name", "bad_tool_name"),
        (row(USER, calling(function={"name": "a" * 65, "arguments": "{}"})), f"{FUNCTION}.name", "bad_tool_name"),
        (row(USER, calling(function={"name": "a", "arguments": {}})), f"{FUNCTION}.arguments", "bad_arguments"),
        (row(USER, calling(function={"name": "a", "arguments": "{"})), f"{FUNCTION}.arguments", "bad_arguments"),
        (row(USER, calling(function={"name": "a", "arguments": "[]"})), f"{FUNCTION}.arguments", "bad_arguments"),
        (row(USER, calling(function={"name": "a", "arguments": '{"b": NaN}'})),
         f"{FUNCTION}.arguments", "bad_arguments"),
        (row(USER, {"role": "assistant", "tool_calls": [CALL, CALL]}),
         "messages[1].tool_calls[1].id", "call_id_repeated"),
        (row({**USER, "tool_calls": [CALL]}, ANSWER), "messages[0].tool_calls", "misplaced_key"),
        # Answers of tools
        (row(USER, CALLING, {"role": "tool", "content": "12:00"}, ANSWER), "messages[2].tool_call_id", "bad_call_id"),
        (row(USER, CALLING, {**RESULT, "content": None}, ANSWER), "messages[2].content", "content_missing"),
        (row(USER, CALLING, {**RESULT, "content": 12}, ANSWER), "messages[2].content", "text_not_string"),
        (row(USER, CALLING, {**RESULT, "tool_call_id": "other"}, ANSWER),
         "messages[2].tool_call_id", "answer_without_call"),
        (row(USER, CALLING, RESULT, RESULT, ANSWER), "messages[3].tool_call_id", "answer_without_call"),
        (row({**USER, "tool_call_id": "a"}, ANSWER), "messages[0].tool_call_id", "misplaced_key"),
        # Beside the messages
        (row(USER, ANSWER, tools={}), "tools", "tools_not_list"),
        (row(USER, ANSWER, tools=None), "tools", "tools_not_list"),
        (row(USER, ANSWER, tools=[{"function": {"name": "now"}}]), "tools[0]", "bad_tool"),
        (row(USER, ANSWER, tools=[{"type": "web_search"}]), "tools[0]", "bad_tool"),
        (row(USER, ANSWER, tools=[{**TOOL, "cache": 1}]), "tools[0].cache", "unknown_key"),
        (row(USER, ANSWER, tools=[TOOL, TOOL]), "tools[1].function.name", "tool_repeated"),
        (row(USER, ANSWER, tools=[TOOL] * 129), "tools", "too_many_tools"),
        (defining(name="a.b"), "tools[0].function.name", "bad_tool_name"),
        (defining(returns={}), "tools[0].function.returns", "unknown_key"),
        (defining(description=None), "tools[0].function.description", "bad_tool"),
        (defining(strict="yes"), "tools[0].function.strict", "bad_flag"),
        (defining(parameters=None), "tools[0].function.parameters", "bad_schema"),
        (defining(parameters={"type": "objekt"}), "tools[0].function.parameters.type", "bad_schema"),
        (row(USER, ANSWER, parallel_tool_calls="yes"), "parallel_tool_calls", "bad_flag"),
        (row(USER, ANSWER, parallel_tool_calls=None), "parallel_tool_calls", "bad_flag"),
        # The old functions
        (row(USER, ANSWER, functions=[]), "functions", "tools_not_list"),
        (row(USER, ANSWER, functions=["now"]), "functions[0]", "bad_tool"),
        (row(USER, ANSWER, functions=[{"name": ""}]), "functions[0].name", "bad_tool_name"),
        (row(USER, ANSWER, functions=[{"name": "now", "strict": True}]), "functions[0].strict", "unknown_key"),
        (row(USER, ANSWER, functions=[OLD_FUNCTION] * 129), "functions", "too_many_tools"),
        (row(USER, {**ANSWER, "function_call": "now"}), "messages[1].function_call", "bad_tool_call"),
        (row(USER, {**ANSWER, "function_call": {"arguments": "{}"}}),
         "messages[1].function_call.name", "bad_tool_name"),
        (row(USER, {**ANSWER, "function_call": {"name": "now"}}),
         "messages[1].function_call.arguments", "bad_arguments"),
        (row({**USER, "function_call": OLD_CALLING["function_call"]}, ANSWER),
         "messages[0].function_call", "misplaced_key"),
        (row(USER, {**OLD_CALLING, "tool_calls": [CALL]}), "messages[1].function_call", "two_kinds_of_call"),
        (row(USER, OLD_RESULT, ANSWER), "messages[1].name", "answer_without_call"),
        (row(USER, OLD_CALLING, {**OLD_RESULT, "name": "later"}, ANSWER), "messages[2].name", "answer_without_call"),
        (row(USER, OLD_CALLING, {"role": "function", "content": "12"}, ANSWER), "messages[2].name", "bad_tool_name"),
        (row(USER, OLD_CALLING, {"role": "function", "name": "now"}, ANSWER), "messages[2].content", "content_missing"),
    ],
)  # fmt: skip
def test_each_broken_rule_is_named_with_its_place(row: object, path: str, rule: str) -> None:
    assert (path, rule) in faults(FORM, row)


@pytest.mark.parametrize(
    ("row", "path", "rule"),
    [
        (row(USER, ANSWER, USER), "messages[2].role", "last_not_assistant"),
        (row({**USER, "name": "Ann Lee"}, ANSWER), "messages[0].name", "bad_name"),
        (row(USER, {**ANSWER, "weight": 0}), "messages", "nothing_learnt"),
        (row(USER, CALLING, USER, ANSWER, tools=[TOOL]), FIRST_CALL, "call_without_answer"),
        (row(USER, CALLING, RESULT, ANSWER), FIRST_CALL, "undefined_tool"),
        (row(USER, ANSWER, response_format={"type": "json_object"}), "response_format", "undocumented_key"),
        (defining(strict=True, parameters={"properties": {"a": {}}, "additionalProperties": False}),
         "tools[0].function.parameters", "not_strict"),
        (defining(strict=True, parameters={"properties": {"a": {"items": {"properties": {}}}}, "required": ["a"],
                                           "additionalProperties": False}),
         "tools[0].function.parameters.properties.a.items", "not_strict"),
    ],
)  # fmt: skip
def test_what_may_go_wrong_is_warned_of(row: object, path: str, rule: str) -> None:
    assert faults(FORM, row) == set()
    assert faults(FORM, row, "warning") == {(path, rule)}


def test_the_last_message_may_call_a_tool_that_is_not_answered() -> None:
    assert list(FORM.check(row(USER, CALLING, tools=[TOOL]))) == []


def test_a_response_format_is_kept() -> None:
    given = row(USER, ANSWER, response_format={"type": "json_object"})
    assert FORM.build(FORM.read(given)) == given


def test_a_strict_tool_that_is_strict_is_not_warned_of() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    assert list(FORM.check(defining(strict=True, parameters=schema))) == []


def test_each_rule_names_its_source() -> None:
    assert "Vision" in FORM.source_of("too_many_images")
    assert "openai-openapi" in FORM.source_of("bad_weight")


def test_a_picture_that_is_not_at_a_web_address_cannot_be_written() -> None:
    from src.providers.formats.training_example import MediaPart

    example = TrainingExample((Turn("user", (MediaPart("gs://bucket/a.png"),)), Turn("assistant", "A cat.")))
    assert rules_of(FORM.fit(example)) == {"media_kind_not_expressible"}
