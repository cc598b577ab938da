from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from src.providers.formats.registry import FORMATS
from src.providers.formats.training_example import ToolCall, Turn
from tests.providers.formats.open_models.conversations import (
    TALK,
    TOOL,
    TOOL_TALK,
    choices,
    objections,
    warnings,
    written,
)

FORM = FORMATS["sharegpt"]
SYSTEM = {"from": "system", "value": "Be brief."}
HUMAN = {"from": "human", "value": "Hi"}
GPT = {"from": "gpt", "value": "Hello"}
CALLING = {"from": "function_call", "value": '{"name": "now", "arguments": {"zone": "Köln"}}'}
SEEN = {"from": "observation", "value": "12:00"}
FLAT = '[{"name": "now", "parameters": {"type": "object", "properties": {}}}]'


def row(*messages: object, **more: object) -> dict[str, object]:
    return {"conversations": list(messages), **more}


def calling(value: object) -> dict[str, Any]:
    return {"from": "function_call", "value": value if isinstance(value, str) else json.dumps(value)}


@pytest.mark.parametrize(
    "good",
    [
        row(HUMAN, GPT),
        row(SYSTEM, HUMAN, GPT, system="", tools="[]"),
        row(HUMAN, GPT, system="Be brief.", tools=""),
        row(HUMAN, CALLING, SEEN, GPT, HUMAN, CALLING, tools=FLAT),
        row(HUMAN, CALLING, {**SEEN, "value": ""}, GPT, tools=json.dumps([TOOL])),
        row(HUMAN, calling([{"name": "now", "arguments": {}}, {"name": "now", "arguments": {}}])),
    ],
)
def test_good_rows_are_accepted(good: object) -> None:
    assert list(FORM.check(good)) == []


@pytest.mark.parametrize(
    ("bad", "path", "rule"),
    [
        ("x", "", "not_an_object"),
        (row(), "conversations", "messages_missing"),
        ({"conversations": "Hi"}, "conversations", "messages_missing"),
        (row(HUMAN, GPT, images=[]), "images", "unknown_key"),
        (row("Hi", GPT), "conversations[0]", "message_not_object"),
        (row({**HUMAN, "weight": 1}, GPT), "conversations[0].weight", "unknown_key"),
        (row({"from": "user", "value": "Hi"}, GPT), "conversations[0].from", "unknown_role"),
        (row({"value": "Hi"}, GPT), "conversations[0].from", "role_missing"),
        (row(HUMAN, {"from": "gpt", "value": ""}), "conversations[1].value", "text_empty"),
        (row(HUMAN, {"from": "gpt"}), "conversations[1].value", "text_not_string"),
        (row(GPT, HUMAN), "conversations[0].from", "roles_not_in_turn"),
        (row(HUMAN, HUMAN), "conversations[1].from", "roles_not_in_turn"),
        (row(SYSTEM, HUMAN, SEEN), "conversations[2].from", "roles_not_in_turn"),
        (row(HUMAN, SYSTEM, GPT), "conversations[1].from", "system_not_first"),
        (row(SYSTEM, HUMAN, GPT, system="Be kind."), "conversations[0].from", "system_repeated"),
        (row(HUMAN, GPT, HUMAN), "conversations[2].from", "last_not_assistant"),
        (row(SYSTEM), "conversations", "no_assistant"),
        (row(HUMAN, GPT, system=" "), "system", "text_empty"),
        (row(HUMAN, calling("now()")), "conversations[1].value", "bad_tool_call"),
        (row(HUMAN, calling([])), "conversations[1].value", "bad_tool_call"),
        (row(HUMAN, calling({"name": "now"})), "conversations[1].value", "bad_tool_call"),
        (row(HUMAN, calling('{"name": "now", "arguments": {"a": NaN}}')), "conversations[1].value", "bad_tool_call"),
        (row(HUMAN, calling('{"name": "now", "arguments": {"a": 1e999}}')), "conversations[1].value", "bad_tool_call"),
        (row(HUMAN, calling({"name": "", "arguments": {}})), "conversations[1].value.name", "bad_tool_name"),
        (row(HUMAN, calling({"name": "now", "arguments": "{}"})), "conversations[1].value.arguments", "bad_arguments"),
        (row(HUMAN, GPT, tools=[TOOL]), "tools", "bad_tools_text"),
        (row(HUMAN, GPT, tools="{}"), "tools", "bad_tools_text"),
        (row(HUMAN, GPT, tools='["now"]'), "tools[0]", "bad_tool"),
        (row(HUMAN, GPT, tools='[{"name": "a b"}]'), "tools[0].name", "bad_tool_name"),
    ],
)
def test_each_broken_rule_is_named_with_its_place(bad: object, path: str, rule: str) -> None:
    assert (path, rule) in objections("sharegpt", bad)


@pytest.mark.parametrize(
    ("odd", "path"),
    [
        (row(HUMAN, GPT, SEEN, GPT), "conversations[2].from"),
        (row(HUMAN, CALLING, HUMAN, GPT), "conversations[2].from"),
        (row(SYSTEM, SEEN, GPT), "conversations[1].from"),
    ],
)
def test_a_call_without_its_observation_is_warned_of(odd: object, path: str) -> None:
    assert warnings("sharegpt", odd) == {(path, "answer_without_call")}


def test_the_normal_form() -> None:
    built = written("sharegpt", TOOL_TALK)
    assert list(built) == ["conversations", "tools"]
    assert built["conversations"][1] == CALLING
    assert json.loads(built["tools"])[0]["name"] == "now"
    assert written("sharegpt", TALK) == row(
        HUMAN, GPT, {"from": "human", "value": "Bye"}, {"from": "gpt", "value": "Ciao"}, system="Be brief."
    )


def test_both_places_for_the_system_text_and_both_shapes_of_tools_are_read_alike() -> None:
    assert FORM.read(row(SYSTEM, HUMAN, GPT)) == FORM.read(row(HUMAN, GPT, system="Be brief."))
    assert FORM.read(row(HUMAN, GPT, tools=json.dumps([TOOL]))) == FORM.read(row(HUMAN, GPT, tools=FLAT))


def test_calls_at_once_are_left_out_since_one_observation_cannot_answer_both() -> None:
    two = (ToolCall("a", "now", "{}"), ToolCall("b", "now", "{}"))
    turns = (Turn("user", "Hi"), Turn("assistant", tool_calls=two))
    assert choices("sharegpt", replace(TOOL_TALK, turns=turns))[-1] == ("error", "parallel_calls_not_expressible")


def test_what_a_call_loses_is_said() -> None:
    turns = (*TOOL_TALK.turns[:1], replace(TOOL_TALK.turns[1], content="Wait."), *TOOL_TALK.turns[2:])
    assert choices("sharegpt", replace(TOOL_TALK, turns=turns)) == [
        ("warning", "text_beside_call_dropped"),
        ("note", "call_ids_dropped"),
    ]
