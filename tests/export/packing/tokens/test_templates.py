"""Ids and masks against the reference of each family: tiktoken with special tokens, mistral_common, SentencePiece."""

from __future__ import annotations

import random
from typing import Any

import pytest

from src.errors import FormatError, UsageError
from src.export.packing.tokens.token_encoders import ENCODERS, check_tokenizer, load_encoder
from src.providers.formats.open_models.llama_template import render
from src.providers.formats.training_example import MediaPart, TextPart, Tool, ToolCall, TrainingExample, Turn
from src.providers.tokenizers import TOKENIZERS as COUNTED
from src.providers.tokenizers.engines import PATTERNS
from src.providers.tokenizers.vocabularies import packaged_file, read_vocabulary, vocabulary_file
from tests.export.packing.tokens.token_files import SPECIAL_WORDS, TOKENIZERS, encoder_of, tokens_of
from tests.providers.tokenizers.frames.test_mistral_frame import FILES, Conversations, as_message

WORDS = [
    "Hello",
    "  two",
    "naïve",
    "日本",
    "a\nb",
    "end. ",
    '{"a": 1}',
    "🚀",
    "x  ",
    "\tq",
    "'s",
    "don't",
    "1234567",
    "é",
]
# Gemma 3's own, from tokenizer_config.json of google/gemma-3-4b-it without its branch for pictures (public copies, read
# 2026-11-21).
GEMMA_TEMPLATE = (
    "{{ bos_token }}{%- if messages[0]['role'] == 'system' -%}{%- set first_user_prefix = messages[0]['content'] + "
    "'\\n\\n' -%}{%- set loop_messages = messages[1:] -%}{%- else -%}{%- set first_user_prefix = \"\" -%}"
    "{%- set loop_messages = messages -%}{%- endif -%}{%- for message in loop_messages -%}"
    "{%- if (message['role'] == 'assistant') -%}{%- set role = \"model\" -%}{%- else -%}"
    "{%- set role = message['role'] -%}{%- endif -%}"
    "{{ '<start_of_turn>' + role + '\\n' + (first_user_prefix if loop.first else \"\") }}"
    "{{ message['content'] | trim }}{{ '<end_of_turn>\\n' }}{%- endfor -%}"
)
CALL = ToolCall("abcdefghi", "find", '{"a":[1,"\\u00e9"]}')


def talks(count: int, seed: str, trimmed: bool = True) -> list[tuple[Turn, ...]]:
    pick = random.Random(seed)

    def text() -> str:
        words = " ".join(pick.choices(WORDS, k=pick.randint(1, 8))).strip()
        return words if trimmed else pick.choice(["", " ", "\n", "\n\n\t"]) + words + pick.choice(["", "  ", "\n"])

    found = []
    for _ in range(count):
        turns = [Turn("system", text())] if pick.random() < 0.5 else []
        for _ in range(pick.randint(1, 3)):
            turns += [Turn("user", text()), Turn("assistant", text())]
        found.append(tuple(turns))
    return found


def reference(name: str) -> Any:
    """tiktoken's own encoding, in which special tokens in a text become their ids."""
    import tiktoken

    specials = {mark: number for mark, number in encoder_of(name).specials.items() if mark != "<pad>"}
    return tiktoken.Encoding(
        name, pat_str=PATTERNS[name], mergeable_ranks=read_vocabulary(vocabulary_file(name)), special_tokens=specials
    )


def ids_of(name: str, example: TrainingExample) -> list[int]:
    return [number for number, _ in tokens_of(encoder_of(name), example)]


def test_llamas_ids_are_those_of_the_whole_rendered_text() -> None:
    whole = reference("llama3")
    called = (Turn("assistant", tool_calls=(CALL,)), Turn("tool", '{"b": "é"}', name="find", tool_call_id=CALL.id))
    for turns in talks(150, "llama", trimmed=False):
        tools = (Tool("find", "Fïnds", {"type": "object"}),)
        with_tools = (*turns[:-1], *called, turns[-1])
        assert ids_of("llama3", TrainingExample(turns)) == whole.encode(render(turns), allowed_special="all")
        expected = whole.encode(render(with_tools, tools), allowed_special="all")
        assert ids_of("llama3", TrainingExample(with_tools, tools=tools)) == expected


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base"])
def test_chatmls_ids_are_those_of_the_whole_text(name: str) -> None:
    whole = reference(name)
    for turns in talks(150, name):
        text = "".join(f"<|im_start|>{turn.role}\n{turn.text}<|im_end|>\n" for turn in turns)
        assert ids_of(name, TrainingExample(turns)) == whole.encode(text, allowed_special="all")
    named = Turn("user", "Hi", name="ann")
    text = "<|im_start|>user name=ann\nHi<|im_end|>\n<|im_start|>assistant\nHo<|im_end|>\n"
    assert ids_of(name, TrainingExample((named, Turn("assistant", "Ho")))) == whole.encode(text, allowed_special="all")


@pytest.mark.skipif("gemma3" not in TOKENIZERS, reason="Gemma's tokenizer was not fetched (src.main tokenizers)")
def test_gemmas_ids_are_those_of_the_template_rendered_by_jinja() -> None:
    import re

    from jinja2 import Environment
    from sentencepiece import SentencePieceProcessor

    from src.providers.tokenizers.gemma import verified_gemma

    processor = SentencePieceProcessor(model_file=str(verified_gemma()))
    template = Environment(autoescape=False).from_string(GEMMA_TEMPLATE)
    for turns in talks(150, "gemma", trimmed=False):
        messages = [{"role": turn.role, "content": turn.text} for turn in turns]
        text = template.render(messages=messages, bos_token="<bos>")
        expected: list[int] = []
        for piece in re.split("(<bos>|<start_of_turn>|<end_of_turn>)", text):
            expected += [processor.piece_to_id(piece)] if piece.startswith("<") else processor.encode(piece)
        assert ids_of("gemma3", TrainingExample(turns)) == expected


@pytest.mark.parametrize("name", list(FILES))
def test_mistrals_ids_are_those_of_mistral_common(name: str) -> None:
    from mistral_common.protocol.instruct.request import ChatCompletionRequest
    from mistral_common.protocol.instruct.validator import ValidationMode
    from mistral_common.tokens.tokenizers.mistral import MistralTokenizer

    path = str(packaged_file("mistral_common", f"data/{FILES[name]}"))
    mistral = MistralTokenizer.from_file(path, mode=ValidationMode.finetuning)
    conversations = Conversations(name)
    for example in [conversations.example() for _ in range(200)]:
        tools = [
            {"function": {"name": tool.name, "description": tool.description or "", "parameters": tool.parameters}}
            for tool in example.tools
        ]
        request = ChatCompletionRequest(messages=list(map(as_message, example.turns)), tools=tools or None)
        assert ids_of(name, example) == mistral.encode_chat_completion(request).tokens


@pytest.mark.parametrize("name", TOKENIZERS)
def test_exactly_the_answers_and_the_ends_of_their_turns_are_learnt(name: str) -> None:
    encoder = encoder_of(name)
    turns = (
        Turn("system", "Be brief."),
        *(Turn("user", "One?"), Turn("assistant", "First answer")),
        *(Turn("user", "Two?"), Turn("assistant", "Second answer", weight=0)),
        *(Turn("user", "Three?"), Turn("assistant", "Third answer", weight=1)),
    )
    marks = {"llama3": "<|eot_id|>", "gemma3": "<end_of_turn>"}
    end = encoder.specials[marks.get(name, "</s>" if name.startswith("mistral") else "<|im_end|>")]
    first, third = ([*ids, end] for ids in encoder.encode(["First answer", "Third answer"]))
    assert [number for number, learnt in tokens_of(encoder, TrainingExample(turns)) if learnt] == first + third
    assert [number for number, learnt in tokens_of(encoder, TrainingExample(turns), "last") if learnt] == third
    masked = [number for number, learnt in tokens_of(encoder, TrainingExample(turns), "all") if not learnt]
    assert masked == [*encoder.encode(["Second answer"])[0], end]


@pytest.mark.parametrize("name", TOKENIZERS)
def test_words_that_look_like_special_tokens_never_become_them(name: str) -> None:
    encoder = encoder_of(name)
    special = {number for mark, number in encoder.specials.items() if number != encoder.specials["<pad>"]}
    pick = random.Random(name)

    def evil() -> str:
        return "x" + pick.choice(["", " ", "\n"]).join(pick.choices([*SPECIAL_WORDS, *WORDS], k=pick.randint(1, 12)))

    for talk in talks(150, "evil" + name):
        harmless = tuple(Turn(turn.role, "x") for turn in talk)
        harmful = tuple(Turn(turn.role, evil()) for turn in talk)
        found, expected = (
            [(number, learnt) for number, learnt in tokens_of(encoder, TrainingExample(one)) if number in special]
            for one in (harmful, harmless)
        )
        assert found == expected


@pytest.mark.parametrize("name", TOKENIZERS)
def test_raw_text_is_learnt_but_for_its_beginning(name: str) -> None:
    encoder = encoder_of(name)
    ids, learnt = zip(*tokens_of(encoder, TrainingExample(text="Once upon </s> a time")), strict=True)
    begins = not name.endswith("_base")
    assert list(learnt) == [False] * begins + [True] * (len(ids) - begins)
    assert list(ids[begins:-1]) == encoder.encode(["Once upon </s> a time"])[0]
    assert ids[-1] in encoder.specials.values()


def test_an_answers_first_newline_is_its_own() -> None:
    """The header is what the model is given, so that its newline is never learnt."""
    encoder = encoder_of("o200k_base")
    example = TrainingExample((Turn("user", "Hi"), Turn("assistant", "\nHo")))
    learnt = [number for number, learnt in tokens_of(encoder, example) if learnt]
    assert learnt == [*encoder.encode(["\nHo"])[0], encoder.specials["<|im_end|>"]]


PICTURE = Turn("user", (TextPart("What?"), MediaPart("https://example.org/a.png")))
ASKED, SAID = Turn("user", "Hi"), Turn("assistant", "Ho")


@pytest.mark.parametrize(
    ("name", "example", "reason"),
    [
        ("llama3", TrainingExample((PICTURE, SAID)), "pictures"),
        ("llama3", TrainingExample((ASKED,), preferred=(SAID,), rejected=(SAID,)), "two answers"),
        ("llama3", TrainingExample((ASKED,)), "no answer"),
        ("llama3", TrainingExample((ASKED, Turn("assistant", refusal="No."))), "refusal"),
        ("llama3", TrainingExample((Turn("developer", "x"), ASKED, SAID)), "developer"),
        ("llama3", TrainingExample((ASKED, Turn("assistant", tool_calls=(CALL, CALL)))), "several tool calls"),
        ("llama3", TrainingExample((ASKED, Turn("assistant", "Wait.", tool_calls=(CALL,)))), "beside a tool call"),
        ("llama3", TrainingExample((ASKED, Turn("assistant", tool_calls=(ToolCall("1", "f", "[1]"),)))), "JSON object"),
        ("llama3", TrainingExample((SAID,), tools=(Tool("f"),)), "without a user's turn"),
        ("o200k_base", TrainingExample((ASKED, SAID), tools=(Tool("f"),)), "ChatML has no place"),
        ("mistral-v1", TrainingExample((ASKED, Turn("assistant", tool_calls=(CALL,)))), "v1 has no place"),
        ("mistral-v3", TrainingExample((ASKED, Turn("assistant", "Wait.", tool_calls=(CALL,)))), "before v7"),
        ("mistral-v3", TrainingExample((ASKED, Turn("assistant", ""))), "empty answer"),
        ("mistral-v7", TrainingExample((SAID,)), "no user's turn"),
    ],
)
def test_what_a_template_cannot_write_is_refused(name: str, example: TrainingExample, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        tokens_of(encoder_of(name), example)


@pytest.mark.parametrize("name", sorted(set(COUNTED) - set(ENCODERS)))
def test_tokenizers_whose_ids_are_not_public_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match=f"'{name}' cannot be packed.*Use one of llama3"):
        check_tokenizer(name)
    with pytest.raises(UsageError, match="is not a tokenizer"):
        load_encoder("gpt2")


def test_every_id_is_below_the_size_of_its_vocabulary() -> None:
    texts = ["".join(map(chr, range(start, start + 500))) for start in (0, 0x370, 0x4E00, 0x1F300)]
    for name in TOKENIZERS:
        encoder = encoder_of(name)
        largest = max(max(ids) for ids in encoder.encode(texts))
        assert max(largest, *encoder.specials.values()) < encoder.size
