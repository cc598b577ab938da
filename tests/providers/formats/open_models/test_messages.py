from __future__ import annotations

from dataclasses import replace

import pytest

from src.providers.formats.registry import FORMATS
from src.providers.formats.training_example import MediaPart, TextPart, TrainingExample, Turn
from tests.providers.formats.open_models.conversations import (
    ANSWER,
    CALL,
    CALLING,
    PARTS,
    PICTURE,
    RESULT,
    SYSTEM,
    TALK,
    TOOL,
    TOOL_TALK,
    USER,
    choices,
    objections,
    warnings,
    written,
)
from tests.providers.formats.strategies import PIXEL

OBJECT_CALL = {**CALL, "function": {"name": "now", "arguments": {"zone": "Köln"}}}


def row(*messages: object, **more: object) -> dict[str, object]:
    return {"messages": list(messages), **more}


@pytest.mark.parametrize(
    "good",
    [
        row(USER, ANSWER),
        row(SYSTEM, USER, ANSWER, USER, {**ANSWER, "weight": 0}, {**USER, "weight": 1}, ANSWER),
        row(USER, CALLING, RESULT, ANSWER, tools=[TOOL]),
        row(USER, {"role": "assistant", "tool_calls": [OBJECT_CALL]}, {**RESULT, "content": ""}, ANSWER, tools=[TOOL]),
        row(PICTURE, PARTS),
        row({**PICTURE, "weight": 0}, PARTS),
    ],
)
def test_good_rows_are_accepted(good: object) -> None:
    assert list(FORMATS["messages"].check(good)) == []


@pytest.mark.parametrize(
    ("bad", "path", "rule"),
    [
        (7, "", "not_an_object"),
        ({}, "messages", "messages_missing"),
        (row(USER, ANSWER, parallel_tool_calls=True), "parallel_tool_calls", "unknown_key"),
        (row(USER, {**ANSWER, "refusal": "No."}), "messages[1].refusal", "unknown_key"),
        (row({"role": "developer", "content": "x"}, USER, ANSWER), "messages[0].role", "unknown_role"),
        (row(USER, SYSTEM, ANSWER), "messages[1].role", "system_not_first"),
        (row(SYSTEM, SYSTEM, USER, ANSWER), "messages[1].role", "system_repeated"),
        (row(ANSWER, USER, ANSWER), "messages[0].role", "first_not_user"),
        (row(USER, USER, ANSWER), "messages[1].role", "roles_not_in_turn"),
        (row(USER, CALLING, RESULT, USER, ANSWER), "messages[3].role", "roles_not_in_turn"),
        (row(USER, ANSWER, USER), "messages[2].role", "last_not_assistant"),
        (row(USER), "messages", "no_assistant"),
        (row(USER, {**ANSWER, "weight": 2}), "messages[1].weight", "bad_weight"),
        (row(USER, {**ANSWER, "content": " "}), "messages[1].content", "text_empty"),
        (row(USER, ANSWER, weight="1"), "weight", "bad_row_weight"),
        (row(USER, ANSWER, weight=True), "weight", "bad_row_weight"),
        (row(USER, ANSWER, weight=float("nan")), "weight", "bad_row_weight"),
        (row(PICTURE, ANSWER), "messages[1].content", "mixed_content"),
        (row({**PICTURE, "weight": 1}, PARTS), "messages[0].weight", "weighed_image"),
        (
            row({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://a.b/c.png"}}]}, PARTS),
            "messages[0].content[0].image_url.url",
            "bad_image",
        ),
        (row({**PICTURE, "content": PICTURE["content"] * 11}, PARTS), "messages", "too_many_images"),
        (
            row({"role": "user", "content": [{"type": "text", "text": "Hi"}]}, {**PICTURE, "role": "assistant"}),
            "messages[1].content[0]",
            "misplaced_image",
        ),
        (
            row(USER, CALLING, {**RESULT, "tool_call_id": "c2"}, ANSWER),
            "messages[2].tool_call_id",
            "answer_without_call",
        ),
        (row(USER, ANSWER, tools={}), "tools", "tools_not_list"),
    ],
)
def test_each_broken_rule_is_named_with_its_place(bad: object, path: str, rule: str) -> None:
    assert (path, rule) in objections("messages", bad)


def test_a_weight_of_the_row_is_read_and_written_again_with_a_note() -> None:
    weighed = row(USER, ANSWER, weight=0.5)
    form = FORMATS["messages"]
    assert warnings("messages", weighed, "note") == {("weight", "row_weight")}
    assert "docs.fireworks.ai" in form.source_of("row_weight")
    assert form.build(form.read(weighed)) == weighed


def test_the_normal_form() -> None:
    assert list(written("messages", replace(TOOL_TALK, extras={"weight": 2}, extras_of="messages"))) == [
        "messages",
        "tools",
        "weight",
    ]
    assert written("messages", TALK)["messages"][:2] == [SYSTEM, USER]


def test_arguments_are_written_as_the_text_they_came_in() -> None:
    form = FORMATS["messages"]
    read = form.read(row(USER, {"role": "assistant", "tool_calls": [OBJECT_CALL]}, RESULT, ANSWER))
    assert form.build(read)["messages"] == [USER, CALLING, RESULT, ANSWER]


def test_texts_become_parts_beside_a_picture_and_one_text_elsewhere() -> None:
    seen = Turn("user", (MediaPart(PIXEL), TextPart("What is it?")))
    shown = TrainingExample((seen, Turn("assistant", "A dot.")))
    assert written("messages", shown)["messages"][1]["content"] == [{"type": "text", "text": "A dot."}]
    assert choices("messages", shown) == [("note", "texts_as_parts")]
    spoken = TrainingExample((Turn("user", (TextPart("a"), TextPart("b"))), Turn("assistant", "c")))
    assert written("messages", spoken)["messages"][0]["content"] == "ab"
    assert choices("messages", spoken) == [("note", "parts_joined")]


@pytest.mark.parametrize("uri", ["https://example.org/a.png", "gs://bucket/a.png", "data:image/gif;base64,R0lGODlh"])
def test_a_picture_that_is_not_in_the_row_is_left_out_with_its_example(uri: str) -> None:
    shown = TrainingExample((Turn("user", (MediaPart(uri),)), Turn("assistant", "A dot.")))
    assert choices("messages", shown) == [("error", "media_kind_not_expressible")]


def test_the_weight_of_a_picture_is_dropped_with_a_warning() -> None:
    shown = TrainingExample((Turn("user", (MediaPart(PIXEL),), weight=1), Turn("assistant", (TextPart("A dot."),))))
    assert "weight" not in written("messages", shown)["messages"][0]
    assert choices("messages", shown) == [("warning", "weight_dropped")]


def test_the_flag_for_parallel_calls_is_dropped_and_said() -> None:
    assert choices("messages", replace(TOOL_TALK, parallel_tool_calls=False)) == [("warning", "parallel_flag_dropped")]
    assert choices("messages", replace(TOOL_TALK, parallel_tool_calls=True)) == [("note", "parallel_flag_dropped")]
