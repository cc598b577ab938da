"""What Claude reads of an example: one frame, the texts, and the tools as JSON.

The 7 tokens around a single message are those of ctok 1.3.0, measured by its author against count_tokens. How turns
are parted is not published; the texts of several turns are added up. With tools, Claude 3 Haiku is told how to use
them in 264 tokens (docs.anthropic.com, "Tool use pricing and tokens", read 2026-11-21).
"""

from __future__ import annotations

import json

from src.providers.formats.training_example import Tool, TrainingExample, Turn
from src.providers.tokenizers.frames.framed import Framed
from src.providers.tokenizers.frames.pictures import claude_pictures

_MESSAGE = 7
_TOOL_USE = 264


def claude_frame(example: TrainingExample) -> Framed:
    """The example with Claude's frame; of a preference, the conversation and both answers."""
    if example.text is not None:
        return Framed([example.text])
    framed = Framed(tokens=_MESSAGE)
    for turn in example.all_turns:
        _add_turn(framed, turn)
    if example.tools:
        framed.at_most("estimated")
        framed.tokens += _TOOL_USE
        framed.texts += map(_as_text, example.tools)
    return framed


def _add_turn(framed: Framed, turn: Turn) -> None:
    if turn.text:  # an empty text on its own would cost a token
        framed.texts.append(turn.text)
    framed.add_pictures(turn, claude_pictures)
    for call in turn.tool_calls:
        framed.texts += (call.name, call.arguments)
    if turn.tool_calls or turn.role == "tool" or turn.media:
        framed.at_most("estimated")


def _as_text(tool: Tool) -> str:
    schema = {"name": tool.name, "description": tool.description or "", "input_schema": tool.parameters or {}}
    return json.dumps(schema, ensure_ascii=False)
