from __future__ import annotations

import json

import pytest

from src.providers import PROVIDERS
from src.providers.validation.reserved_texts import MARKS, find_marks, mark_source, may_hold_marks

OWN = {
    "openai": ["<|im_start|>", "<|endoftext|>", "<|im_end|>"],
    "llama": ["<|eot_id|>", "<|begin_of_text|>", "<|start_header_id|>", "<|reserved_special_token_12|>"],
    "mistral": ["[INST]", "[/INST]", "<s>", "</s>", "[TOOL_CALLS]", "[SYSTEM_PROMPT]", "[/AVAILABLE_TOOLS]"],
    "google": ["<start_of_turn>", "<end_of_turn>", "<bos>"],
}


def row(text: str) -> dict[str, object]:
    return {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": text}]}


@pytest.mark.parametrize(("provider", "mark"), [(name, mark) for name, marks in OWN.items() for mark in marks])
def test_control_tokens_of_the_model_are_warned_of_with_their_place(provider: str, mark: str) -> None:
    (finding,) = find_marks(row(f"a {mark} b"), provider)
    assert (finding.severity, finding.rule, finding.path) == ("warning", "control_token", "messages[1].content")
    assert mark in finding.message and mark_source(finding.rule, provider)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_another_models_marks_are_a_note(provider: str) -> None:
    mark = "<|eot_id|>" if provider != "llama" else "<|im_start|>"
    assert [(f.severity, f.rule) for f in find_marks(row(mark), provider)] == [("note", "foreign_template_mark")]


def test_html_and_plain_brackets_are_not_marks_of_other_models() -> None:
    assert not list(find_marks(row("<s>old</s> <b>new</b> a[INS]T <|x|> [1]"), "openai"))


@pytest.mark.parametrize("mark", [mark for marks in OWN.values() for mark in marks])
def test_the_quick_look_sees_every_mark_however_it_is_escaped(mark: str) -> None:
    assert may_hold_marks(json.dumps(row(mark)).encode())
    assert not may_hold_marks(json.dumps(row("plain [words] <b>")).encode())
    for place in range(len(mark)):
        escaped = mark[:place] + f"\\u{ord(mark[place]):04x}" + mark[place + 1 :]
        assert may_hold_marks(json.dumps(row("@")).replace("@", escaped).encode())


def test_every_provider_has_its_marks() -> None:
    assert MARKS.keys() == PROVIDERS.keys()
