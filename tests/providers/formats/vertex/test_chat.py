from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from src.providers.formats.training_example import MediaPart, TextPart, Tool, ToolCall, TrainingExample, Turn
from src.providers.formats.vertex.chat import VertexChat
from tests.providers.conversations import rules
from tests.providers.formats.bedrock.junk import check_spoilt_rows

FORM = VertexChat()


def said(role: str, *parts: object) -> dict[str, Any]:
    return {"role": role, "parts": list(parts)}


def text(words: str) -> dict[str, Any]:
    return {"text": words}


def file(mime_type: str = "image/png", uri: str = "gs://bucket/a") -> dict[str, Any]:
    return {"fileData": {"mimeType": mime_type, "fileUri": uri}}


def call(name: str = "now", **given: object) -> dict[str, Any]:
    return {"functionCall": {"name": name, "args": given}}


def answer(name: str = "now", **response: object) -> dict[str, Any]:
    return {"functionResponse": {"name": name, "response": response}}


USER, ANSWER = said("user", text("Hi")), said("model", text("Hello"))
NOW = {
    "name": "now",
    "description": "The time.",
    "parameters": {"type": "OBJECT", "properties": {"zone": {"type": "STRING"}}},
}
TOOLS = [{"functionDeclarations": [NOW, {"name": "where"}]}]
INLINE = {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(b"abc").decode()}}
CUT = {
    "videoMetadata": {"startOffset": "5s", "endOffset": "25.5s"},
    "mediaResolution": {"level": "MEDIA_RESOLUTION_HIGH"},
}
GOOD: dict[str, dict[str, Any]] = {
    "text": {"contents": [USER, ANSWER, USER, ANSWER]},
    "system": {"systemInstruction": said("system", text("Be brief.")), "contents": [USER, ANSWER]},
    "files": {"contents": [said("user", file(), text("and"), file("application/pdf", "https://h/a.pdf")), ANSWER]},
    "data": {"contents": [said("user", INLINE, text("What?")), ANSWER]},
    "video": {"contents": [said("user", file(), {**file("video/mp4"), **CUT}, text("?")), ANSWER],
              "generationConfig": {"mediaResolution": "MEDIA_RESOLUTION_LOW"}},
    "last call": {"contents": [USER, said("model", call(zone="é"), call("where"))], "tools": TOOLS},
    "tools": {
        "contents": [
            USER,
            said("model", text("Let me see."), call(), call("where")),
            said("user", answer(output="noon"), answer("where", lat=1.5, output="x")),
            ANSWER,
        ],
        "tools": TOOLS,
        "toolConfig": {"functionCallingConfig": {"mode": "AUTO"}},
    },
    "answer and question": {"contents": [USER, said("model", call()), said("user", answer(), text("And?")), ANSWER]},
    "ids": {"contents": [USER, said("model", {"functionCall": {"id": "1", "name": "now", "args": {}}}),
                         said("user", {"functionResponse": {"id": "1", "name": "now", "response": {}}}), ANSWER]},
    "any schema": {"contents": [USER, ANSWER], "tools": [
        {"functionDeclarations": [{"name": "f", "parametersJsonSchema": {"type": ["object", "null"]}}]}]},
    "labels": {"contents": [USER, ANSWER], "labels": {"a": "b"}, "safetySettings": []},
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_rows_in_the_normal_form_are_accepted_and_written_as_they_were(name: str) -> None:
    assert rules(list(FORM.check(GOOD[name]))) == set()
    assert json.dumps(FORM.build(FORM.read(GOOD[name]))) == json.dumps(GOOD[name])


SNAKE = {
    "system_instruction": {"parts": [text("s")]},
    "contents": [
        said("user", {"file_data": {"mime_type": "video/mp4", "file_uri": "gs://b/a"},
                      "video_metadata": {"start_offset": "1s"}}),
        said("model", {"function_call": {"name": "now"}}),
        {"parts": [{"function_response": {"name": "now", "response": {"output": "3"}}}]},
        ANSWER,
    ],
    "tools": [{"function_declarations": [{"name": "now", "parameters": {"type": "OBJECT", "min_properties": 1}}]},
              {"function_declarations": [{"name": "f", "parameters_json_schema": {"type": "object"}}]}],
    "tool_config": {"function_calling_config": {}},
    "generation_config": {"media_resolution": "MEDIA_RESOLUTION_LOW"},
}  # fmt: skip


def test_the_other_spelling_is_read_and_the_documented_one_written() -> None:
    assert rules(list(FORM.check(SNAKE))) == set()
    example = FORM.read(SNAKE)
    assert example.turns[1:4] == (
        Turn("user", (MediaPart("gs://b/a", "video/mp4"),)),
        Turn("assistant", None, tool_calls=(ToolCall("", "now", "{}"),)),
        Turn("tool", "3", name="now"),
    )
    assert example.tools == (
        Tool("now", None, {"type": "object", "minProperties": 1}),
        Tool("f", None, {"type": "object"}),
    )
    written = FORM.build(example)
    assert list(written) == ["systemInstruction", "contents", "tools", "toolConfig", "generationConfig"]
    # Google's page leaves the role of an answer out; the service takes user and model.
    assert written["contents"][2] == said("user", answer(output="3"))  # type: ignore[index]
    assert written["tools"] == [{"functionDeclarations": [
        {"name": "now", "parameters": {"type": "OBJECT", "minProperties": 1}},
        {"name": "f", "parameters": {"type": "OBJECT"}},
    ]}]  # fmt: skip
    assert rules(list(FORM.check(written))) == set()


@pytest.mark.parametrize("role", ["user", "function", None])
def test_a_functions_answer_may_have_any_role_but_the_models(role: str | None) -> None:
    content = {"parts": [answer()]} if role is None else said(role, answer())
    row = {"contents": [USER, said("model", call()), content, ANSWER]}
    assert rules(list(FORM.check(row))) == set()


def first(*parts: object) -> dict[str, Any]:
    return {"contents": [said("user", *parts), ANSWER]}


PART = "contents[0].parts[0]"
BAD_CUT, BAD_LEVEL = {"videoMetadata": {"startOffset": 5}}, {"mediaResolution": {"level": "HIGH"}}


@pytest.mark.parametrize(
    ("row", "path", "rule"),
    [
        (3, "", "not_an_object"),
        ({"x": 1}, "x", "unknown_key"),
        ({"x": 1}, "contents", "contents_missing"),
        ({"contents": [USER, ANSWER], "messages": []}, "messages", "old_format"),
        ({"contents": [USER, ANSWER], "model": "m"}, "model", "unknown_key"),
        ({"contents": [USER, ANSWER], "toolConfig": {}, "tool_config": {}}, "tool_config", "key_repeated"),
        ({"contents": [USER, {"parts": [text("x")]}]}, "contents[1].role", "unknown_role"),
        ({"contents": [USER, said("assistant", text("x"))]}, "contents[1].role", "unknown_role"),
        ({"contents": [USER, said("model")]}, "contents[1].parts", "parts_missing"),
        ({"contents": [USER, {**ANSWER, "id": 1}]}, "contents[1].id", "unknown_key"),
        ({"contents": [ANSWER]}, "contents[0].role", "first_not_user"),
        ({"contents": [USER, USER, ANSWER]}, "contents[1].role", "roles_not_in_turn"),
        ({"contents": [USER, ANSWER, ANSWER]}, "contents[2].role", "roles_not_in_turn"),
        ({"contents": [USER, ANSWER, USER]}, "contents[2].role", "last_not_model"),
        (first({}), PART, "bad_part"),
        (first({"text": "x", "fileData": {}}), PART, "bad_part"),
        (first({"text": "x", "thought": True}), f"{PART}.thought", "unknown_key"),
        (first({"text": None}), f"{PART}.text", "text_not_string"),
        (first({"text": "x", **CUT}), f"{PART}.videoMetadata", "unknown_key"),
        (first({"fileData": "gs://b/a"}), f"{PART}.fileData", "bad_part"),
        (first(file("png")), f"{PART}.fileData.mimeType", "bad_mime_type"),
        (first({"fileData": {"fileUri": "gs://b/a"}}), f"{PART}.fileData.mimeType", "bad_mime_type"),
        (first(file(uri="s3://b/a")), f"{PART}.fileData.fileUri", "bad_file"),
        (first(file(uri="gs://b")), f"{PART}.fileData.fileUri", "bad_file"),
        (first({"fileData": {**file()["fileData"], "name": "x"}}), f"{PART}.fileData.name", "unknown_key"),
        (first({"file_data": {"mime_type": "x"}}), f"{PART}.file_data.mime_type", "bad_mime_type"),
        (first({**file("video/mp4"), **BAD_CUT}), f"{PART}.videoMetadata", "bad_video_cut"),
        (first({**file("video/mp4"), "videoMetadata": {"fps": "1s"}}), f"{PART}.videoMetadata.fps", "unknown_key"),
        (first({**file(), **BAD_LEVEL}), f"{PART}.mediaResolution", "bad_resolution"),
        (first({"inlineData": {"mimeType": "image/png", "data": "?"}}), f"{PART}.inlineData.data", "bad_file"),
        (first({"inlineData": {"mimeType": "image/png"}}), f"{PART}.inlineData.data", "bad_file"),
        (first(call()), f"{PART}.functionCall", "misplaced_part"),
        ({"contents": [USER, said("model", file())]}, "contents[1].parts[0].fileData", "misplaced_part"),
        ({"contents": [USER, said("model", answer())]}, "contents[1].parts[0].functionResponse", "misplaced_part"),
        ({"contents": [USER, ANSWER, said("function", text("x")), ANSWER]}, "contents[2].parts[0].text",
         "misplaced_part"),
        (first(*[file()] * 31), "contents", "too_many_images"),
        (first(*[file("application/pdf")] * 5), "contents", "too_many_documents"),
        ({"contents": [USER, said("model", call("1a"))]}, "contents[1].parts[0].functionCall.name", "bad_tool_name"),
        ({"contents": [USER, said("model", {"functionCall": {"name": "f", "args": "{}"}})]},
         "contents[1].parts[0].functionCall.args", "bad_arguments"),
        ({"contents": [USER, said("model", {"functionCall": {"name": "f", "id": 1}})]},
         "contents[1].parts[0].functionCall.id", "bad_call_id"),
        ({"contents": [USER, said("model", {"functionCall": {"name": "f", "arguments": {}}})]},
         "contents[1].parts[0].functionCall.arguments", "unknown_key"),
        ({"contents": [USER, said("model", call()), said("user", {"functionResponse": {"name": "now", "response": 1}}),
                       ANSWER]}, "contents[2].parts[0].functionResponse.response", "bad_response"),
        ({"contents": [USER, ANSWER, said("user", answer()), ANSWER]}, "contents[2].parts[0]", "answer_without_call"),
        ({"contents": [USER, said("model", call()), said("user", answer(), answer()), ANSWER]},
         "contents[2].parts[1]", "answer_without_call"),
        ({"contents": [USER, said("model", call()), said("function", answer()), USER, ANSWER]}, "contents[3].role",
         "roles_not_in_turn"),
        ({"contents": [USER, ANSWER], "systemInstruction": said("system", file())},
         "systemInstruction.parts[0].fileData", "misplaced_part"),
        ({"contents": [USER, ANSWER], "generationConfig": []}, "generationConfig", "bad_setting"),
        ({"contents": [USER, ANSWER], "generationConfig": {"mediaResolution": "LOW"}},
         "generationConfig.mediaResolution", "bad_resolution"),
        ({"contents": [USER, ANSWER], "generationConfig": {"tokens": 1}}, "generationConfig.tokens", "unknown_key"),
        ({"contents": [USER, ANSWER], "toolConfig": {"mode": 1}}, "toolConfig.mode", "unknown_key"),
        ({"contents": [USER, ANSWER], "labels": {"a": 1}}, "labels", "bad_setting"),
        ({"contents": [USER, ANSWER], "safetySettings": {}}, "safetySettings", "bad_setting"),
    ],
)  # fmt: skip
def test_each_broken_rule_is_named_with_its_place(row: object, path: str, rule: str) -> None:
    assert (path, rule) in rules(list(FORM.check(row)))


LIST = "tools[0].functionDeclarations"


@pytest.mark.parametrize(
    ("tools", "path", "rule"),
    [
        ({}, "tools", "tools_not_list"),
        ([{"googleSearch": {}}], "tools[0]", "bad_tool"),
        ([{"functionDeclarations": []}], "tools[0]", "bad_tool"),
        ([{**TOOLS[0], "googleSearch": {}}], "tools[0].googleSearch", "unknown_key"),
        ([{"functionDeclarations": ["f"]}], f"{LIST}[0]", "bad_tool"),
        ([{"functionDeclarations": [{"name": "a b"}]}], f"{LIST}[0].name", "bad_tool_name"),
        ([*TOOLS, {"functionDeclarations": [NOW]}], "tools[1].functionDeclarations[0].name", "tool_repeated"),
        ([{"functionDeclarations": [{**NOW, "description": 1}]}], f"{LIST}[0].description", "bad_tool"),
        ([{"functionDeclarations": [{**NOW, "strict": True}]}], f"{LIST}[0].strict", "unknown_key"),
        ([{"functionDeclarations": [{**NOW, "parameters": {"type": "object"}}]}], f"{LIST}[0].parameters.type",
         "bad_schema"),
        ([{"functionDeclarations": [{**NOW, "parametersJsonSchema": {}}]}], f"{LIST}[0].parametersJsonSchema",
         "bad_schema"),
        ([{"functionDeclarations": [{"name": "f", "parametersJsonSchema": "x"}]}], f"{LIST}[0].parametersJsonSchema",
         "bad_schema"),
        ([{"functionDeclarations": [{"name": f"f{n}"} for n in range(129)]}], "tools", "too_many_tools"),
    ],
)  # fmt: skip
def test_each_broken_rule_of_tools_is_named_with_its_place(tools: object, path: str, rule: str) -> None:
    assert (path, rule) in rules(list(FORM.check({"contents": [USER, ANSWER], "tools": tools})))


def test_what_may_still_be_taken_is_a_warning() -> None:
    unanswered = {"contents": [USER, said("model", call()), USER, ANSWER]}
    assert rules(list(FORM.check(unanswered)), "warning") == {("contents[2]", "call_without_answer")}
    assert rules(list(FORM.check(first(INLINE))), "warning") == {(f"{PART}.inlineData", "inline_data")}
    odd = rules(list(FORM.check(first(file("image/tiff")))), "warning")
    assert odd == {(f"{PART}.fileData.mimeType", "unusual_mime_type")}


def test_a_file_in_the_row_is_measured() -> None:
    large = {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(bytes((20 << 20) + 1)).decode()}}
    assert rules(list(FORM.check(first(large)))) == {(f"{PART}.inlineData.data", "file_too_large")}


def test_texts_that_are_the_only_parts_are_one_text_even_beside_files() -> None:
    words = said("user", text("a"), text("b"))
    example = FORM.read({"contents": [said("user", file(), text("c")), ANSWER, words, ANSWER]})
    assert example.turns[2].content == "ab"
    parts = Turn("user", (TextPart("a"), TextPart("b")))
    fitted = FORM.fit(TrainingExample((*example.turns[:2], parts, example.turns[3])))
    assert fitted.example == example
    assert [choice.rule for choice in fitted.choices] == ["parts_joined"]


QUESTION, REPLY = Turn("user", "q"), Turn("assistant", "a")


def test_calls_with_ids_become_calls_in_order() -> None:
    calls = Turn("assistant", None, tool_calls=(ToolCall("1", "f", '{"a":1}'), ToolCall("2", "g", "{}")))
    answers = (Turn("tool", '{"b":2}', tool_call_id="2"), Turn("tool", "x", tool_call_id="1"))
    fitted = FORM.fit(TrainingExample((QUESTION, calls, *answers, REPLY)))
    assert fitted.example is not None
    contents: Any = FORM.build(fitted.example)["contents"]
    assert contents[1] == said("model", call("f", a=1), call("g"))
    assert contents[2] == said("user", answer("f", output="x"), answer("g", b=2))
    found = {choice.rule for choice in fitted.choices}
    assert found == {"call_ids_dropped", "answers_reordered", "arguments_rewritten", "answers_rewritten"}


def test_what_only_openai_says_is_dropped_and_noted() -> None:
    picture = MediaPart("https://h/a.png", detail="low")
    example = TrainingExample(
        (Turn("user", (picture,)), REPLY), tools=(Tool("f", strict=True),), parallel_tool_calls=False
    )
    fitted = FORM.fit(example)
    assert fitted.example is not None
    written: Any = FORM.build(fitted.example)
    assert written["contents"][0]["parts"] == [file(uri="https://h/a.png")]
    assert written["tools"] == [{"functionDeclarations": [{"name": "f"}]}]
    assert {choice.rule for choice in fitted.choices} >= {"detail_dropped", "strict_dropped", "parallel_flag_dropped"}


@pytest.mark.parametrize(
    ("example", "rule"),
    [
        (TrainingExample((Turn("user", (MediaPart("s3://b/a.png"),)), REPLY)), "media_kind_not_expressible"),
        (TrainingExample((QUESTION, REPLY), tools=(Tool("1st"),)), "bad_tool_name"),
        (TrainingExample((QUESTION, Turn("assistant", None, tool_calls=(ToolCall("", "f", "["),)))),
         "arguments_not_expressible"),
    ],
)  # fmt: skip
def test_what_would_be_refused_is_left_out_with_the_reason(example: TrainingExample, rule: str) -> None:
    fitted = FORM.fit(example)
    assert fitted.example is None
    assert fitted.choices[-1].rule == rule


def test_settings_are_extras_of_vertex() -> None:
    example = FORM.read(GOOD["video"])
    assert example.extras == {"generationConfig": GOOD["video"]["generationConfig"], "besideMedia": [{}, CUT]}
    assert example.extras_of == "vertex"


def test_its_rows_are_known_by_their_contents() -> None:
    assert FORM.recognises({"contents": []})
    assert not FORM.recognises({"contents": [], "completions": []})


@pytest.mark.parametrize("name", GOOD)
def test_no_value_in_any_place_makes_the_check_fail_itself(name: str) -> None:
    check_spoilt_rows(FORM, GOOD[name])
