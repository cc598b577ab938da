"""Every example costs what mistral_common's own encoding of it costs, in each tokenizer version."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from src.providers.formats.training_example import MediaPart, TextPart, Tool, ToolCall, TrainingExample, Turn
from src.providers.token_counter import TokenCounter
from src.providers.tokenizers import TOKENIZERS
from src.providers.tokenizers.vocabularies import packaged_file

pytest.importorskip("mistral_common", reason="it is in requirements.txt")

FILES = {
    "mistral-v1": "tokenizer.model.v1",
    "mistral-v2": "mistral_instruct_tokenizer_240216.model.v2",
    "mistral-v3": "mistral_instruct_tokenizer_240323.model.v3",
    "mistral-v7": "mistral_instruct_tokenizer_241114.model.v7",
    "mistral-tekken": "tekken_240718.json",
}
WORDS = ["Hello", "  two", "naïve", "日本", "a\nb", "[INST]", "</s>", "end. ", '{"a": 1}', "🚀", "x  ", "\tq", " "]
PARAMETERS: list[dict[str, object]] = [{"type": "object", "properties": {"a": {"type": "string"}}}, {}]


class Conversations:
    """Random ones, as far as a tokenizer version can express them."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.pick = random.Random(name)

    def text(self) -> str:
        return " ".join(self.pick.choices(WORDS, k=self.pick.randint(1, 6)))

    def arguments(self) -> str:
        values: list[object] = [1, "é", None, [1, 2], {"k": "v"}]
        return json.dumps({name: self.pick.choice(values) for name in self.pick.sample("abc", 2)})

    def user(self) -> list[Turn]:
        parts = (TextPart(self.text()), TextPart(self.text()))
        return [Turn("user", self.pick.choice([self.text(), parts])) for _ in range(self.pick.choice([1, 1, 2]))]

    def calls(self) -> list[Turn]:
        count = 1 if self.name == "mistral-v2" else self.pick.randint(1, 2)
        ids = ["".join(self.pick.choices("abcDEF019", k=9)) for _ in range(count)]
        calls = tuple(ToolCall(id_, "find", self.arguments()) for id_ in ids)
        beside = self.text() if self.name == "mistral-v7" and self.pick.random() < 0.4 else None
        answers = [self.pick.choice([self.text(), self.arguments(), ""]) for _ in ids]
        return [Turn("assistant", beside, tool_calls=calls)] + [
            Turn("tool", answer, name="find", tool_call_id=id_) for answer, id_ in zip(answers, ids, strict=True)
        ]

    def example(self) -> TrainingExample:
        tools = self.name != "mistral-v1" and self.pick.random() < 0.6
        turns = [Turn("system", self.text()) for _ in range(self.pick.randint(0, 2))]
        for _ in range(self.pick.randint(1, 4)):
            turns += self.user()
            if self.pick.random() < 0.1:
                turns += [Turn("system", self.text()), *self.user()]
            if tools and self.pick.random() < 0.5:
                turns += self.calls()
            turns += [Turn("assistant", self.text().strip() or "ok") for _ in range(self.pick.choice([1, 1, 2]))]
        descriptions = self.pick.sample([None, "Déscription.", "x"], self.pick.randint(1, 2))
        offered = tuple(Tool("find", text, self.pick.choice(PARAMETERS)) for text in descriptions)
        return TrainingExample(tuple(turns), tools=offered if tools else ())


def as_message(turn: Turn) -> Any:
    from mistral_common.protocol.instruct import messages

    content: Any = turn.content
    if isinstance(content, tuple):
        content = [{"type": "text", "text": part.text} for part in content if isinstance(part, TextPart)]
    if turn.role == "system":
        return messages.SystemMessage(content=content)
    if turn.role == "user":
        return messages.UserMessage(content=content)
    if turn.role == "tool":
        return messages.ToolMessage(content=content, name=turn.name, tool_call_id=turn.tool_call_id)
    calls = [{"id": call.id, "function": {"name": call.name, "arguments": call.arguments}} for call in turn.tool_calls]
    return messages.FinetuningAssistantMessage(content=content, tool_calls=calls or None)


@pytest.mark.parametrize("name", list(FILES))
def test_examples_cost_what_mistral_makes_of_them(name: str) -> None:
    from mistral_common.protocol.instruct.request import ChatCompletionRequest
    from mistral_common.protocol.instruct.validator import ValidationMode
    from mistral_common.tokens.tokenizers.mistral import MistralTokenizer

    mistral = MistralTokenizer.from_file(
        str(packaged_file("mistral_common", f"data/{FILES[name]}")), mode=ValidationMode.finetuning
    )
    conversations = Conversations(name)
    examples = [conversations.example() for _ in range(300)]
    truth = []
    for example in examples:
        tools = [
            {"function": {"name": tool.name, "description": tool.description or "", "parameters": tool.parameters}}
            for tool in example.tools
        ]
        request = ChatCompletionRequest(messages=list(map(as_message, example.turns)), tools=tools or None)
        truth.append(len(mistral.encode_chat_completion(request).tokens))
    counter = TokenCounter(TOKENIZERS[name])
    assert counter.count_training_examples(examples) == truth
    assert {counter.exactness_of(example) for example in examples} == {"exact"}


CALL = Turn("assistant", "Wait.", tool_calls=(ToolCall("abcdefghi", "find", "{}"),))
PICTURE = Turn("user", (TextPart("What is it?"), MediaPart("data:image/png;base64,AAAA")))


@pytest.mark.parametrize(
    ("name", "turns"),
    [
        ("mistral-v1", (Turn("user", "Hi"), Turn("assistant", None, tool_calls=CALL.tool_calls))),
        ("mistral-v3", (Turn("user", "Hi"), CALL)),
        ("mistral-v3", (PICTURE, Turn("assistant", "A cat."))),
        ("mistral-tekken", (Turn("user", "Hi"), Turn("assistant", ""))),
    ],
)
def test_what_mistral_refuses_is_an_estimate(name: str, turns: tuple[Turn, ...]) -> None:
    assert TokenCounter(TOKENIZERS[name]).exactness_of(TrainingExample(turns)) == "estimated"


def test_a_text_beside_calls_is_exact_in_v7() -> None:
    assert TokenCounter(TOKENIZERS["mistral-v7"]).exactness_of(TrainingExample((Turn("user", "Hi"), CALL))) == "exact"


def test_pixtrals_picture_costs_its_patches() -> None:
    from tests.providers.tokenizers.frames.test_pictures import png

    counter = TokenCounter(TOKENIZERS["mistral-pixtral"])
    asked = Turn("user", (TextPart("What is it?"), MediaPart(png(64, 32))))
    with_picture, without = counter.count_training_examples(
        [TrainingExample((asked,)), TrainingExample((Turn("user", "What is it?"),))]
    )
    assert with_picture - without == 2 * (4 + 1)
    assert counter.exactness_of(TrainingExample((asked,))) == "exact"
