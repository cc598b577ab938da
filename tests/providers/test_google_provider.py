from __future__ import annotations

import pytest

from src.errors import FormatError
from src.providers import PROVIDERS
from src.records import Message
from tests.providers.conversations import TALK, WITHOUT_SYSTEM, rules, through_json

PROVIDER = PROVIDERS["google"]
USER = {"role": "user", "parts": [{"text": "Hi"}]}
ANSWER = {"role": "model", "parts": [{"text": "Hello"}]}
SYSTEM = {"role": "system", "parts": [{"text": "Be brief."}]}


@pytest.mark.parametrize("messages", [TALK, WITHOUT_SYSTEM])
def test_what_is_written_reads_back(messages: tuple[Message, ...]) -> None:
    row = PROVIDER.format_example(messages)
    assert PROVIDER.parse_example(through_json(row)) == messages


def test_the_answer_is_the_models_and_the_system_text_an_instruction() -> None:
    talk = [Message("system", "Be brief."), Message("user", "Hi"), Message("assistant", "Hello")]
    row = PROVIDER.format_example(talk)
    assert row == {"systemInstruction": SYSTEM, "contents": [USER, ANSWER]}
    assert list(row) == ["systemInstruction", "contents"]


@pytest.mark.parametrize(
    "row",
    [
        {"contents": [USER, ANSWER]},
        {"systemInstruction": {"parts": [{"text": "x"}]}, "contents": [USER, ANSWER, USER, ANSWER]},
        {"system_instruction": SYSTEM, "contents": [USER, ANSWER]},
        {"contents": [{**USER, "parts": [{"fileData": {"mimeType": "image/png", "fileUri": "gs://b/a"}}]}, ANSWER]},
    ],
)  # fmt: skip
def test_good_rows_are_accepted(row: object) -> None:
    assert rules(PROVIDER.validate_example(row)) == set()


def test_a_text_in_several_parts_is_read_as_one() -> None:
    row = {"contents": [{"role": "user", "parts": [{"text": "Good "}, {"text": "day"}]}, ANSWER]}
    assert PROVIDER.parse_example(row)[0] == Message("user", "Good day")


@pytest.mark.parametrize(
    ("row", "path", "rule"),
    [
        (None, "", "not_an_object"),
        ({}, "contents", "contents_missing"),
        ({"contents": {}}, "contents", "contents_missing"),
        ({"messages": [], "contents": [USER, ANSWER]}, "messages", "old_format"),
        ({"label": "x", "contents": [USER, ANSWER]}, "label", "unknown_key"),
        ({"contents": [USER, "Hello"]}, "contents[1]", "content_not_object"),
        ({"contents": [USER, {**ANSWER, "text": "x"}]}, "contents[1].text", "unknown_key"),
        ({"contents": [USER, {"role": "assistant", "parts": [{"text": "x"}]}]}, "contents[1].role", "unknown_role"),
        ({"contents": [USER, {"role": "model", "parts": []}]}, "contents[1].parts", "parts_missing"),
        ({"contents": [USER, {"role": "model", "parts": ["x"]}]}, "contents[1].parts[0]", "bad_part"),
        ({"contents": [USER, {"role": "model", "parts": [{"texts": "x"}]}]}, "contents[1].parts[0]", "bad_part"),
        ({"contents": [USER, {**ANSWER, "parts": [{"text": 1}]}]}, "contents[1].parts[0].text", "text_not_string"),
        ({"contents": [USER, {"role": "model", "parts": [{"text": ""}]}]}, "contents[1].parts[0].text", "text_empty"),
        ({"contents": [ANSWER, USER, ANSWER]}, "contents[0].role", "first_not_user"),
        ({"contents": [USER, USER, ANSWER]}, "contents[1].role", "roles_not_in_turn"),
        ({"contents": [USER, ANSWER, USER]}, "contents[2].role", "last_not_model"),
        ({"contents": [USER, ANSWER], "systemInstruction": "x"}, "systemInstruction", "content_not_object"),
        ({"contents": [USER, ANSWER], "systemInstruction": {"parts": [{"fileData": {}}]}},
         "systemInstruction.parts[0].fileData", "misplaced_part"),
        ({"contents": [USER, ANSWER], "systemInstruction": SYSTEM, "system_instruction": SYSTEM},
         "system_instruction", "system_repeated"),
    ],
)  # fmt: skip
def test_each_broken_rule_is_named_with_its_place(row: object, path: str, rule: str) -> None:
    assert (path, rule) in rules(PROVIDER.validate_example(row))


def test_a_row_with_a_file_is_not_read_as_text() -> None:
    picture = {"fileData": {"mimeType": "image/png", "fileUri": "gs://b/a.png"}}
    row = {"contents": [{"role": "user", "parts": [picture]}, ANSWER]}
    with pytest.raises(FormatError, match="more than texts"):
        PROVIDER.parse_example(row)
