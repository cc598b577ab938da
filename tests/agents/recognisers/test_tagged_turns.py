"""Chat templates: turns are what stands between their tags."""

from __future__ import annotations

import pytest

from tests.agents.recognisers.support import exchange, talks


@pytest.mark.parametrize(
    "text",
    [
        "<|im_start|>user\nHi\n<|im_end|>\n<|im_start|>assistant\nHello,\n\nyou.<|im_end|>\n",
        "<s>[INST] Hi [/INST] Hello,\n\nyou. </s>",
        "<|user|>\nHi</s>\n<|assistant|>\nHello,\n\nyou.</s>",
        "<start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\nHello,\n\nyou.<end_of_turn>",
        "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
        "Hello,\n\nyou.<|eot_id|>",
    ],
)
def test_templates_of_many_models(text: str) -> None:
    assert talks(text) == [exchange("Hi", "Hello,\n\nyou.")]


def test_a_start_tag_begins_another_conversation() -> None:
    assert talks("<s>[INST] a [/INST] b </s><s>[INST] c [/INST] d </s>") == [exchange("a", "b"), exchange("c", "d")]


def test_turns_of_one_sequence_stay_together() -> None:
    text = "[INST] <<SYS>>\nBe nice.\n<</SYS>>\n\na [/INST] b </s>[INST] c [/INST] d"
    assert talks(text) == [[("system", "Be nice."), *exchange("a", "b", "c", "d")]]


def test_text_between_two_parts_them() -> None:
    one = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n{}<|im_end|>\n"
    assert talks(one.format("a", "b") + "\nAnd then:\n\n" + one.format("c", "d")) == [
        exchange("a", "b"),
        exchange("c", "d"),
    ]
