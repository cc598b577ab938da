"""OpenAI's framing: the cookbook's count of messages and, as far as it goes, of tools.

"How to count tokens with tiktoken", sections 6 and 7, in github.com/openai/openai-cookbook (read 2026-11-21): 3 tokens
for each message, its role, its content, a name and one more, and 3 to open the answer. Section 7 gives a formula for
function definitions of one level. What a tool call costs is not published: its name and arguments are counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from src.providers.formats.training_example import Tool, TrainingExample, Turn
from src.providers.tokenizers.frames.framed import Framed, PictureRule, unknown_size

_PER_MESSAGE = 3
_TO_OPEN_THE_ANSWER = 3
# "system", "user" and "assistant" are one token in o200k_base and in cl100k_base; other roles are counted.
_ROLES_OF_ONE_TOKEN = ("system", "user", "assistant")
_PER_FUNCTION = {"o200k_base": 7, "cl100k_base": 10}
_PROPERTIES, _PROPERTY, _ENUM, _ENUM_VALUE, _FUNCTIONS_END = 3, 3, -3, 3, 12


@dataclass(frozen=True, slots=True)
class OpenAIFrame:
    """Calling it frames an example; of a preference, the conversation and both answers."""

    vocabulary: str
    pictures: PictureRule = unknown_size

    def __call__(self, example: TrainingExample) -> Framed:
        if example.text is not None:
            return Framed([example.text])
        framed = Framed(tokens=_TO_OPEN_THE_ANSWER)
        for turn in example.all_turns:
            self._add_turn(framed, turn)
        if example.tools:
            framed.at_most("assumed")
            framed.tokens += _FUNCTIONS_END
            for tool in example.tools:
                self._add_tool(framed, tool)
        return framed

    def _add_turn(self, framed: Framed, turn: Turn) -> None:
        framed.texts.append(turn.text)
        framed.tokens += _PER_MESSAGE
        if turn.role in _ROLES_OF_ONE_TOKEN:
            framed.tokens += 1
        else:
            framed.texts.append(turn.role)
        if turn.name:
            framed.texts.append(turn.name)
            framed.tokens += 1
        if turn.refusal:
            framed.texts.append(turn.refusal)
        for call in turn.tool_calls:
            framed.texts += (call.name, call.arguments)
            framed.tokens += _PER_MESSAGE
        if turn.tool_calls or turn.role == "tool" or turn.refusal:
            framed.at_most("estimated")
        if turn.media:
            framed.at_most("assumed")
            framed.add_pictures(turn, self.pictures)

    def _add_tool(self, framed: Framed, tool: Tool) -> None:
        framed.tokens += _PER_FUNCTION[self.vocabulary]
        framed.texts.append(f"{tool.name}:{_without_stop(tool.description)}")
        properties = (tool.parameters or {}).get("properties")
        if not isinstance(properties, Mapping) or not properties:
            return
        framed.tokens += _PROPERTIES
        for name, schema in properties.items():
            _add_property(framed, name, schema if isinstance(schema, Mapping) else {})


def _add_property(framed: Framed, name: str, schema: Mapping[str, object]) -> None:
    framed.tokens += _PROPERTY
    values = schema.get("enum")
    if isinstance(values, list):
        framed.tokens += _ENUM + _ENUM_VALUE * len(values)
        framed.texts += map(str, values)
    framed.texts.append(f"{name}:{schema.get('type', '')}:{_without_stop(schema.get('description'))}")
    if "properties" in schema or "items" in schema:
        framed.at_most("estimated")  # the formula knows one level


def _without_stop(description: object) -> str:
    return str(description or "").removesuffix(".")
