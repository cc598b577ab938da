from __future__ import annotations

import json
from typing import Any

import pytest

from src.providers.formats.training_example import MediaPart, TrainingExample, Turn
from src.providers.formats.vertex.preference import VertexPreference
from tests.providers.conversations import rules
from tests.providers.formats.bedrock.junk import check_spoilt_rows

FORM = VertexPreference()


def said(role: str, *texts: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"text": text} for text in texts]}


USER = said("user", "q")


def completion(score: object, content: object) -> dict[str, Any]:
    return {"score": score, "completion": content}


BETTER, WORSE = completion(1, said("model", "good")), completion(0, said("model", "bad"))
ROW = {"system_instruction": {"parts": [{"text": "s"}]}, "contents": [USER], "completions": [BETTER, WORSE]}
EXAMPLE = TrainingExample(
    (Turn("system", "s"), Turn("user", "q")),
    preferred=(Turn("assistant", "good"),),
    rejected=(Turn("assistant", "bad"),),
)


def test_a_row_is_a_conversation_with_a_better_and_a_worse_answer() -> None:
    assert list(FORM.check(ROW)) == []
    assert FORM.read(ROW) == EXAMPLE
    assert json.dumps(FORM.build(EXAMPLE)) == json.dumps(ROW)


def test_the_other_order_and_the_other_spelling_are_read() -> None:
    row = {"contents": [USER], "systemInstruction": said("system", "s"), "completions": [WORSE, BETTER]}
    assert list(FORM.check(row)) == []
    assert FORM.read(row) == EXAMPLE


@pytest.mark.parametrize(
    ("row", "path", "rule"),
    [
        ([], "", "not_an_object"),
        ({**ROW, "tools": []}, "tools", "unknown_key"),
        ({**ROW, "contents": []}, "contents", "contents_missing"),
        ({**ROW, "contents": [USER, said("model", "a")]}, "contents[1].role", "last_not_user"),
        ({**ROW, "contents": [said("model", "a"), USER]}, "contents[0].role", "first_not_user"),
        ({**ROW, "contents": [USER, USER]}, "contents[1].role", "roles_not_in_turn"),
        ({**ROW, "contents": [{"role": "user", "parts": [{"fileData": {}}]}]}, "contents[0].parts[0].fileData",
         "misplaced_part"),
        ({**ROW, "contents": [said("user", " ")]}, "contents[0].parts[0].text", "text_empty"),
        ({**ROW, "completions": [BETTER]}, "completions", "completions_not_two"),
        ({**ROW, "completions": [BETTER, "x"]}, "completions[1]", "completion_not_object"),
        ({**ROW, "completions": [BETTER, {**WORSE, "label": 1}]}, "completions[1].label", "unknown_key"),
        ({**ROW, "completions": [BETTER, completion(0.5, said("model", "x"))]}, "completions[1].score", "bad_score"),
        ({**ROW, "completions": [completion(True, said("model", "x")), WORSE]}, "completions[0].score", "bad_score"),
        ({**ROW, "completions": [BETTER, BETTER]}, "completions[1].score", "same_score"),
        ({**ROW, "completions": [BETTER, completion(0, "x")]}, "completions[1].completion", "content_not_object"),
        ({**ROW, "completions": [BETTER, completion(0, said("user", "x"))]}, "completions[1].completion.role",
         "unknown_role"),
        ({**ROW, "completions": [BETTER, completion(0, said("model"))]}, "completions[1].completion.parts",
         "parts_missing"),
        ({**ROW, "systemInstruction": said("system", "s")}, "system_instruction", "system_repeated"),
    ],
)  # fmt: skip
def test_each_broken_rule_is_named_with_its_place(row: object, path: str, rule: str) -> None:
    assert (path, rule) in rules(list(FORM.check(row)))


@pytest.mark.parametrize(
    ("example", "rule"),
    [
        (TrainingExample((Turn("user", "q"), Turn("assistant", "a"))), "kind_not_expressible"),
        (TrainingExample((Turn("user", (MediaPart("gs://b/a.png"),)),), preferred=EXAMPLE.preferred,
                         rejected=EXAMPLE.rejected), "media_not_expressible"),
        (TrainingExample(EXAMPLE.turns, preferred=EXAMPLE.preferred, rejected=(Turn("assistant", None),)),
         "parts_missing"),
    ],
)  # fmt: skip
def test_what_cannot_be_expressed_is_left_out_with_the_reason(example: TrainingExample, rule: str) -> None:
    fitted = FORM.fit(example)
    assert fitted.example is None
    assert fitted.choices[-1].rule == rule


def test_its_rows_are_known_by_their_completions() -> None:
    assert FORM.recognises(ROW)
    assert not FORM.recognises({"contents": []})


def test_no_value_in_any_place_makes_the_check_fail_itself() -> None:
    check_spoilt_rows(FORM, ROW)
