"""What Google counts of a Gemini example: each text on its own, and of tools the names and texts within them.

So does LocalTokenizer of google-genai 3.4.0 (local_tokenizer.py, read 2026-11-21). Roles and turns cost nothing there;
what a tuning job adds to them is not published. Google calls that tokenizer experimental, so tools are "assumed".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from src.providers.formats.training_example import TextPart, Tool, TrainingExample, Turn
from src.providers.tokenizers.frames.framed import Framed, as_json, unknown_size


def google_frame(example: TrainingExample) -> Framed:
    """The example as Google's own counter cuts it; of a preference, the conversation and both answers."""
    if example.text is not None:
        return Framed([example.text])
    framed = Framed()
    for tool in example.tools:
        _add_tool(framed, tool)
    for turn in example.all_turns:
        _add_turn(framed, turn)
    framed.texts = list(filter(None, framed.texts))
    return framed


def _add_turn(framed: Framed, turn: Turn) -> None:
    for call in turn.tool_calls:
        framed.texts.append(call.name)
        _add_value(framed, as_json(call.arguments))
    if turn.role == "tool":
        framed.texts.append(turn.name)
        _add_value(framed, as_json(turn.text))
    elif isinstance(turn.content, tuple):
        framed.texts += (part.text for part in turn.content if isinstance(part, TextPart))
    else:
        framed.texts.append(turn.text)
    if turn.tool_calls or turn.role == "tool":
        framed.at_most("assumed")
    framed.add_pictures(turn, unknown_size)


def _add_tool(framed: Framed, tool: Tool) -> None:
    framed.at_most("assumed")
    framed.texts += (tool.name, tool.description or "")
    if tool.parameters:
        _add_schema(framed, tool.parameters)


def _add_schema(framed: Framed, schema: Mapping[str, object]) -> None:
    framed.texts += (str(schema[key]) for key in ("format", "description") if schema.get(key))
    for key in ("enum", "required"):
        listed = schema.get(key)
        if isinstance(listed, list):
            framed.texts += map(str, listed)
    inner = schema.get("properties")
    if isinstance(inner, Mapping):
        framed.texts += inner
    for child in (schema.get("items"), *(inner.values() if isinstance(inner, Mapping) else ())):
        if isinstance(child, Mapping):
            _add_schema(framed, child)


def _add_value(framed: Framed, value: Any) -> None:
    """The keys and the texts within a JSON value; numbers and truth values count nothing."""
    if isinstance(value, str):
        framed.texts.append(value)
    elif isinstance(value, dict):
        framed.texts += value
        for inner in value.values():
            _add_value(framed, inner)
    elif isinstance(value, list):
        for inner in value:
            _add_value(framed, inner)
