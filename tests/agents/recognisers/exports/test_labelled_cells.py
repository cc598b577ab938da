"""Dialogues inside one value of a record are found; other texts with colons are left alone."""

from __future__ import annotations

import pytest

from src.agents.recognisers.exports.labelled_cells import find_labelled_cells
from tests.agents.recognisers.exports.support import json_document, table_document, turns

HI = [("user", "Is it open?"), ("assistant", "Yes,\n\nuntil nine.")]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("chosen", "\n\nHuman: Is it open?\n\nAssistant: Yes,\n\nuntil nine."),
        ("text", "### Human: Is it open? ### Assistant: Yes,\n\nuntil nine."),
        ("text", "### Human: Is it open?\n### Assistant: Yes,\n\nuntil nine."),
        ("text", "<|im_start|>user\nIs it open?<|im_end|>\n<|im_start|>assistant\nYes,\n\nuntil nine.<|im_end|>\n"),
        ("text", "<s>[INST] Is it open? [/INST] Yes,\n\nuntil nine. </s>"),
        ("text", "<|user|>\nIs it open?</s>\n<|assistant|>\nYes,\n\nuntil nine.</s>"),
        ("conversation", "Customer: Is it open?\nAgent: Yes,\n\nuntil nine."),
        ("dialogue", "Ann: Is it open?\nBo: Yes,\n\nuntil nine."),
        ("dialogue", "#Person1#: Is it open?\n#Person2#: Yes,\n\nuntil nine."),
    ],
)
def test_forms_of_labels(key: str, text: str) -> None:
    assert turns(
        find_labelled_cells, json_document([{"id": "1", key: text, "rejected": "\n\nHuman: x\n\nAssistant: y"}])
    ) == [HI]
    assert turns(find_labelled_cells, table_document(["id", key], [["1", text]])) == [HI]
    assert turns(find_labelled_cells, json_document({"data": [{key: text}]})) == [HI]


def test_a_system_prompt_in_llamas_format() -> None:
    text = "[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nIs it open? [/INST] Yes,\n\nuntil nine. </s>"
    assert turns(find_labelled_cells, json_document([{"text": text}])) == [[("system", "Be brief."), *HI]]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("text", "Note: be careful.\nWarning: hot."),
        ("text", "Ann: Is it open?\nBo: Yes."),
        ("text", "An article about Human: a being.\nAssistant: a helper."),
        ("dialogue", "Setting: a shop\nTime: noon\nMood: fine"),
        ("comment", "User: a\nAssistant: b"),
    ],
)
def test_other_texts_are_left_alone(key: str, text: str) -> None:
    assert turns(find_labelled_cells, json_document([{key: text}])) == []


@pytest.mark.parametrize("unit", ["a:", "a: ", "### ", "### a: b ", "<|im_start|>", "[INST]", "a:\n", "\n", " "])
def test_hostile_text_is_read_to_its_end(unit: str) -> None:
    """A quadratic or exponential pattern would keep this test from ending."""
    rows = json_document([{"text": "x" + unit * (200_000 // len(unit)), "dialogue": unit * 20_000}])
    assert turns(find_labelled_cells, rows) == []
