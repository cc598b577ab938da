from __future__ import annotations

import json
from typing import Any

import pytest

from src.providers.formats.bedrock.conversation import VERSION, BedrockConversation
from src.providers.formats.training_example import MediaPart, TextPart, Tool, ToolCall, TrainingExample, Turn
from tests.providers.conversations import rules
from tests.providers.formats.bedrock.junk import check_spoilt_rows

FORM = BedrockConversation()


def text(words: str) -> dict[str, Any]:
    return {"text": words}


def said(role: str, *blocks: object) -> dict[str, Any]:
    return {"role": role, "content": list(blocks)}


def file(kind: str, form: str, uri: str = "s3://bucket/a", **place: object) -> dict[str, Any]:
    return {kind: {"format": form, "source": {"s3Location": {"uri": uri, "bucketOwner": "1", **place}}}}


def row(*messages: object, **more: object) -> dict[str, Any]:
    return {"schemaVersion": VERSION, **more, "messages": list(messages)}


def use(use_id: str = "1", name: str = "now", **given: object) -> dict[str, Any]:
    return {"toolUse": {"toolUseId": use_id, "name": name, "input": given}}


def result(*items: object, use_id: str = "1") -> dict[str, Any]:
    return {"toolResult": {"toolUseId": use_id, "content": list(items)}}


USER, ANSWER = said("user", text("Hi")), said("assistant", text("Hello"))
SPEC = {"name": "now", "description": "The time.", "inputSchema": {"json": {"type": "object"}}}
TOOLS = {"tools": [{"toolSpec": SPEC}]}
PICTURE = file("image", "png")
GOOD = {
    "text": row(USER, ANSWER),
    "system": row(USER, ANSWER, USER, ANSWER, system=[text("Be brief.")]),
    "parts": row(said("user", text("a"), text("b")), ANSWER),
    "image": row(said("user", text("What?"), PICTURE, PICTURE), ANSWER),
    "video": row(said("user", file("video", "mp4", "s3://b-1/c_2/d.mp4")), ANSWER),
    "document": row(said("user", file("document", "pdf"), text("Sum up.")), ANSWER),
    "reasoning": row(USER, said("assistant", {"reasoningContent": {"reasoningText": text("Hm.")}}, text("Yes."))),
    "tools": row(
        USER,
        said("assistant", text("Let me see."), use("1", zone="é"), use("2")),
        said("user", result({"json": {"hour": 3}}), result(text("no"), text("way"), use_id="2")),
        ANSWER,
        toolConfig=TOOLS,
    ),
    "result and question": row(
        USER, said("assistant", use()), said("user", result(text("")), text("And?")), ANSWER, toolConfig=TOOLS
    ),
}
# Keys in the order of the normal form.
GOOD = {name: {key: good[key] for key in ("schemaVersion", "system", "toolConfig", "messages") if key in good}
        for name, good in GOOD.items()}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_rows_in_the_normal_form_are_accepted_and_written_as_they_were(name: str) -> None:
    assert rules(list(FORM.check(GOOD[name]))) == set()
    assert json.dumps(FORM.build(FORM.read(GOOD[name]))) == json.dumps(GOOD[name])
    assert FORM.recognises(GOOD[name])


MANY_PICTURES = row(said("user", *[PICTURE] * 6), ANSWER, said("user", *[PICTURE] * 5), ANSWER)


@pytest.mark.parametrize(
    ("bad", "path", "rule"),
    [
        (1, "", "not_an_object"),
        ({"messages": [USER, ANSWER]}, "schemaVersion", "schema_version"),
        ({**GOOD["text"], "schemaVersion": "2024"}, "schemaVersion", "schema_version"),
        ({**GOOD["text"], "id": 1}, "id", "unknown_key"),
        ({"schemaVersion": VERSION}, "messages", "messages_missing"),
        (row(USER, "x"), "messages[1]", "message_not_object"),
        (row(USER), "messages", "no_assistant"),
        (row(ANSWER, USER, ANSWER), "messages[0].role", "first_not_user"),
        (row(USER, USER, ANSWER), "messages[1].role", "roles_not_in_turn"),
        (row(USER, ANSWER, USER), "messages[2].role", "last_not_assistant"),
        (row(said("system", text("x")), USER, ANSWER), "messages[0].role", "unknown_role"),
        (row({"content": [text("x")]}, ANSWER), "messages[0].role", "role_missing"),
        (row({**USER, "name": "x"}, ANSWER), "messages[0].name", "unknown_key"),
        (row({**USER, "content": "Hi"}, ANSWER), "messages[0].content", "content_not_list"),
        (row(said("user"), ANSWER), "messages[0].content", "content_not_list"),
        (row(USER, ANSWER, system="x"), "system", "system_not_list"),
        (row(USER, ANSWER, system=[]), "system", "system_not_list"),
        (row(USER, ANSWER, system=[{"text": "x", "y": 1}]), "system[0]", "bad_block"),
        (row(USER, ANSWER, system=[text("System: x")]), "system[0].text", "reserved_text"),
        (row(said("user", text(" ")), ANSWER), "messages[0].content[0].text", "text_empty"),
        (row(said("user", text("a <image> b")), ANSWER), "messages[0].content[0].text", "reserved_text"),
        (row(USER, said("assistant", text("User: b"))), "messages[1].content[0].text", "reserved_text"),
        (row(said("user", {"type": "text", "text": "x"}), ANSWER), "messages[0].content[0]", "bad_block"),
        (row(said("user", "x"), ANSWER), "messages[0].content[0]", "bad_block"),
        (row(said("user", {"image": "x"}), ANSWER), "messages[0].content[0].image", "bad_block"),
        (row(USER, said("assistant", text("x"), PICTURE)), "messages[1].content[1].image", "misplaced_block"),
        (row(said("user", use()), ANSWER), "messages[0].content[0].toolUse", "misplaced_block"),
        (row(USER, said("assistant", result(text("x")))), "messages[1].content[0].toolResult", "misplaced_block"),
        (row(said("user", file("image", "bmp")), ANSWER), "messages[0].content[0].image.format", "bad_file_format"),
        (row(said("user", file("video", "png")), ANSWER), "messages[0].content[0].video.format", "bad_file_format"),
        (row(said("user", {"image": {"format": "png", "source": {"bytes": "aGk="}}}), ANSWER),
         "messages[0].content[0].image.source", "bad_file"),
        (row(said("user", file("image", "png", "https://b/a")), ANSWER),
         "messages[0].content[0].image.source.s3Location.uri", "bad_file"),
        (row(said("user", file("image", "png", "s3://b/a b.png")), ANSWER),
         "messages[0].content[0].image.source.s3Location.uri", "bad_file"),
        (row(said("user", file("image", "png", bucketOwner=1)), ANSWER),
         "messages[0].content[0].image.source.s3Location.bucketOwner", "bad_file"),
        (row(said("user", file("image", "png", key="a")), ANSWER),
         "messages[0].content[0].image.source.s3Location.key", "unknown_key"),
        (MANY_PICTURES, "messages", "too_many_images"),
        (row(said("user", *[file("video", "mp4")] * 2), ANSWER), "messages", "too_many_videos"),
        (row(said("user", *[file("document", "pdf")] * 2), ANSWER), "messages", "too_many_documents"),
        (row(said("user", PICTURE), ANSWER, said("user", file("video", "mp4")), ANSWER), "messages", "mixed_files"),
        (row(USER, said("assistant", {"reasoningContent": {"text": "x"}}, text("y"))),
         "messages[1].content[0].reasoningContent", "bad_reasoning"),
        (row(USER, said("assistant", {"reasoningContent": {"reasoningText": text("x")}})),
         "messages[1].content", "bad_reasoning"),
        (row(said("user", {"reasoningContent": {"reasoningText": text("x")}}), ANSWER),
         "messages[0].content[0].reasoningContent", "misplaced_block"),
    ],
)  # fmt: skip
def test_each_broken_rule_is_named_with_its_place(bad: object, path: str, rule: str) -> None:
    assert (path, rule) in rules(list(FORM.check(bad)))


def talk(*, called: object, answered: object, config: object = TOOLS) -> dict[str, Any]:
    return row(USER, said("assistant", called), said("user", answered), ANSWER, toolConfig=config)


FINE = result(text("x"))
USED, RESULT = "messages[1].content[0].toolUse", "messages[2].content[0].toolResult"
FIRST = "toolConfig.tools[0]"


def spec(**changes: object) -> dict[str, Any]:
    return {"tools": [{"toolSpec": {key: value for key, value in {**SPEC, **changes}.items() if value is not None}}]}


@pytest.mark.parametrize(
    ("bad", "path", "rule"),
    [
        (talk(called=use(), answered=FINE, config={"tools": []}), "toolConfig", "bad_tool"),
        (talk(called=use(), answered=FINE, config={**TOOLS, "toolChoice": {}}), "toolConfig.toolChoice", "unknown_key"),
        (talk(called=use(), answered=FINE, config={"tools": [SPEC]}), FIRST, "bad_tool"),
        (talk(called=use(), answered=FINE, config={"tools": TOOLS["tools"] * 2}), "toolConfig.tools[1].toolSpec.name",
         "tool_repeated"),
        (talk(called=use(), answered=FINE, config=spec(name="a b")), f"{FIRST}.toolSpec.name", "bad_tool_name"),
        (talk(called=use(), answered=FINE, config=spec(description=None)), f"{FIRST}.toolSpec.description", "bad_tool"),
        (talk(called=use(), answered=FINE, config=spec(description=" ")), f"{FIRST}.toolSpec.description", "bad_tool"),
        (talk(called=use(), answered=FINE, config=spec(strict=True)), f"{FIRST}.toolSpec.strict", "unknown_key"),
        (talk(called=use(), answered=FINE, config=spec(inputSchema={"json": {}})), f"{FIRST}.toolSpec.inputSchema",
         "bad_schema"),
        (talk(called=use(), answered=FINE, config=spec(inputSchema={"json": {"type": "OBJECT"}})),
         f"{FIRST}.toolSpec.inputSchema.json.type", "bad_schema"),
        (talk(called=use(name="then"), answered=FINE), USED, "undefined_tool"),
        (talk(called=use(" "), answered=FINE), f"{USED}.toolUseId", "bad_call_id"),
        (talk(called={"toolUse": {"toolUseId": "1", "name": "now", "input": "{}"}}, answered=FINE), f"{USED}.input",
         "bad_arguments"),
        (talk(called={"toolUse": {**use()["toolUse"], "type": "x"}}, answered=FINE), f"{USED}.type", "unknown_key"),
        (talk(called=use(), answered=result(text("x"), use_id="2")), f"{RESULT}.toolUseId", "answer_without_call"),
        (talk(called=use(), answered=result()), f"{RESULT}.content", "bad_result"),
        (talk(called=use(), answered=result({"json": "x"})), f"{RESULT}.content[0]", "bad_result"),
        (talk(called=use(), answered=result({"json": {}, "text": ""})), f"{RESULT}.content[0]", "bad_result"),
        (talk(called=use(), answered=result(text("Bot: x"))), f"{RESULT}.content[0].text", "reserved_text"),
        (row(USER, said("assistant", use(), use()), said("user", FINE), ANSWER, toolConfig=TOOLS),
         "messages[1].content[1].toolUse.toolUseId", "call_id_repeated"),
    ],
)  # fmt: skip
def test_each_broken_rule_of_tools_is_named_with_its_place(bad: object, path: str, rule: str) -> None:
    assert (path, rule) in rules(list(FORM.check(bad)))


def test_what_awss_pages_disagree_about_is_a_warning() -> None:
    assert ("toolConfig", "tools_may_fail") in rules(list(FORM.check(GOOD["tools"])), "warning")
    assert FORM.source_of("tools_may_fail") != FORM.source
    twice = row(USER, ANSWER, system=[text("a"), text("b")])
    assert rules(list(FORM.check(twice)), "warning") == {("system[1]", "system_repeated")}
    lower = row(said("user", text("the user: me")), ANSWER)
    place = "messages[0].content[0].text"
    assert rules(list(FORM.check(lower)), "warning") == {(place, "reserved_text_in_any_case")}
    bare = row(said("user", {"image": {"format": "png", "source": {"s3Location": {"uri": "s3://b/a"}}}}), ANSWER)
    assert {rule for _, rule in rules(list(FORM.check(bare)), "warning")} == {"owner_missing"}


def test_tools_and_results_become_turns() -> None:
    example = FORM.read(GOOD["tools"])
    calls = (ToolCall("1", "now", '{"zone": "é"}'), ToolCall("2", "now", "{}"))
    assert example.turns[1:4] == (
        Turn("assistant", "Let me see.", tool_calls=calls),
        Turn("tool", '{"hour": 3}', tool_call_id="1"),
        Turn("tool", (TextPart("no"), TextPart("way")), tool_call_id="2"),
    )
    assert example.tools == (Tool("now", "The time.", {"type": "object"}),)


def test_owners_and_reasoning_are_extras_that_other_formats_drop() -> None:
    assert FORM.read(GOOD["image"]).extras == {"bucketOwners": ["1", "1"]}
    assert FORM.read(GOOD["reasoning"]).extras == {"reasoning": {"1": "Hm."}}
    assert FORM.read(GOOD["reasoning"]).extras_of == "bedrock"


def test_results_stand_before_the_words_and_uses_after_them() -> None:
    messages = row(said("user", text("x")), said("assistant", use(), text("a")), said("user", result(text('{"b": 1}'))))
    written = FORM.build(FORM.read({**messages, "messages": [*messages["messages"], ANSWER]}))
    assert written["messages"][1:3] == [  # type: ignore[index]
        said("assistant", text("a"), use()),
        said("user", result({"json": {"b": 1}})),
    ]


QUESTION, REPLY = Turn("user", "q"), Turn("assistant", "a")


def called(*calls: ToolCall) -> Turn:
    return Turn("assistant", None, tool_calls=calls)


def test_a_tool_without_description_is_given_its_name() -> None:
    call = called(ToolCall("1", "now", '{"a":1}'))
    example = TrainingExample((QUESTION, call, Turn("tool", '{"b":2}', tool_call_id="1"), REPLY), tools=(Tool("now"),))
    fitted = FORM.fit(example)
    assert fitted.example is not None
    written = FORM.build(fitted.example)
    empty = {"name": "now", "description": "now", "inputSchema": {"json": {"type": "object", "properties": {}}}}
    assert written["toolConfig"] == {"tools": [{"toolSpec": empty}]}
    assert rules(list(FORM.check(written))) == set()
    assert {choice.rule for choice in fitted.choices} == {"arguments_rewritten", "answers_rewritten", "tool_completed"}


def test_an_id_that_stands_in_two_turns_is_made_two() -> None:
    turns = (called(ToolCall("1", "now", "{}")), Turn("tool", "x", tool_call_id="1"))
    fitted = FORM.fit(TrainingExample((QUESTION, *turns, *turns, REPLY), tools=(Tool("now", "d", {"type": "object"}),)))
    assert fitted.example is not None
    found = [(turn.tool_call_id, [call.id for call in turn.tool_calls]) for turn in fitted.example.turns[1:5]]
    assert found == [("", ["call_1"]), ("call_1", []), ("", ["call_2"]), ("call_2", [])]


@pytest.mark.parametrize(
    ("example", "rule"),
    [
        (TrainingExample((Turn("user", (MediaPart("https://h/a.png"),)), REPLY)), "media_kind_not_expressible"),
        (TrainingExample((Turn("user", (MediaPart("s3://b/a.bmp", "image/bmp"),)), REPLY)), "bad_file_format"),
        (TrainingExample((Turn("user", (MediaPart("s3://b/a b.png", "image/png"),)), REPLY)), "bad_file"),
        (TrainingExample((Turn("user", "a\nUser: b"), REPLY)), "reserved_text"),
        (TrainingExample((QUESTION, called(ToolCall("1", "x", "{}"))), tools=(Tool("now", "d"),)), "undefined_tool"),
    ],
)
def test_what_would_be_refused_is_left_out_with_the_reason(example: TrainingExample, rule: str) -> None:
    fitted = FORM.fit(example)
    assert fitted.example is None
    assert fitted.choices[-1].rule == rule


def test_the_kind_of_a_file_is_taken_from_its_name() -> None:
    fitted = FORM.fit(TrainingExample((Turn("user", (TextPart("q"), MediaPart("s3://b/a.mov"))), REPLY)))
    assert fitted.example is not None
    blocks = FORM.build(fitted.example)["messages"][0]["content"]  # type: ignore[index]
    assert blocks[1] == {"video": {"format": "mov", "source": {"s3Location": {"uri": "s3://b/a.mov"}}}}


def test_rows_without_the_version_are_known_by_their_lists() -> None:
    assert FORM.recognises({"system": [text("x")], "messages": []})
    assert FORM.recognises({"toolConfig": TOOLS, "messages": []})
    assert not FORM.recognises({"system": "x", "messages": []})


@pytest.mark.parametrize("name", GOOD)
def test_no_value_in_any_place_makes_the_check_fail_itself(name: str) -> None:
    check_spoilt_rows(FORM, GOOD[name])
