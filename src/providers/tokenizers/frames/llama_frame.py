"""Llama 3.1's chat template, with its tools, as Meta publishes it and TRL 1.16.0 ships it (llama3_1.jinja, SHA-256
e10ca381b1ccc5cf9db52e371f3b6651576caee0a630b452e2816b2d404d4b65, read 2026-11-21).

Each <|...|> is one token; what stands between two of them is counted as one text. The system block is always there.
"""

from __future__ import annotations

import json

from src.providers.formats.training_example import Tool, TrainingExample, Turn
from src.providers.tokenizers.frames.framed import Framed, as_json, unknown_size

# "\n\n" ends a header and, since all texts are trimmed, never joins what follows it.
_HEADER_END = 1
_BEGIN = 1
_ROLES_OF_ONE_TOKEN = ("system", "user", "assistant")
# "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n", without and with "Environment: ipython\n".
_DATES_TOKENS, _DATES_TOKENS_WITH_TOOLS = 20, 25
_TOOLS_INTRODUCTION = (
    "Given the following functions, please respond with a JSON for a function call "
    "with its proper arguments that best answers the given prompt.\n\n"
    'Respond in the format {"name": function name, "parameters": dictionary of argument name and its value}.'
    "Do not use variables.\n\n"
)


def llama_frame(example: TrainingExample) -> Framed:
    """The example as the template writes it; of a preference, the conversation and both answers.

    Where the template refuses an example (two tool calls in a turn, tools without a user's turn), it is an estimate.
    """
    if example.text is not None:
        return Framed([example.text], tokens=_BEGIN)
    framed = Framed(tokens=_BEGIN)
    turns = list(example.all_turns)
    system = turns.pop(0).text.strip() if turns and turns[0].role == "system" else ""
    framed.tokens += _header(framed, "system") + (_DATES_TOKENS_WITH_TOOLS if example.tools else _DATES_TOKENS) + 1
    framed.texts.append(system)
    if example.tools:
        first = turns.pop(0) if turns else None
        _add_tools(framed, example.tools, first)
    for turn in turns:
        _add_turn(framed, turn)
    return framed


def _add_tools(framed: Framed, tools: tuple[Tool, ...], first: Turn | None) -> None:
    if first is None or first.role != "user":
        framed.at_most("estimated")
    listed = "".join(json.dumps(_as_object(tool), ensure_ascii=False, indent=4) + "\n\n" for tool in tools)
    framed.tokens += _header(framed, "user") + 1
    framed.texts.append(_TOOLS_INTRODUCTION + listed + (first.text.strip() if first else ""))
    if first is not None:
        framed.add_pictures(first, unknown_size)


def _add_turn(framed: Framed, turn: Turn) -> None:
    framed.add_pictures(turn, unknown_size)
    if turn.tool_calls:
        if len(turn.tool_calls) > 1:
            framed.at_most("estimated")
        framed.tokens += _header(framed, "assistant") + 1
        framed.texts.append("".join(_written_call(call.name, call.arguments) for call in turn.tool_calls))
    elif turn.role == "tool":
        framed.tokens += _header(framed, "ipython") + 1
        framed.texts.append(json.dumps(turn.text, ensure_ascii=False))
    else:
        framed.tokens += _header(framed, turn.role) + 1
        framed.texts.append(turn.text.strip())


def _header(framed: Framed, role: str) -> int:
    """The tokens of a turn's header; a role of several tokens is counted with the texts."""
    if role in _ROLES_OF_ONE_TOKEN:
        return 3 + _HEADER_END
    framed.texts.append(role)
    return 2 + _HEADER_END


def _written_call(name: str, arguments: str) -> str:
    return f'{{"name": "{name}", "parameters": {json.dumps(as_json(arguments), ensure_ascii=False)}}}'


def _as_object(tool: Tool) -> dict[str, object]:
    function: dict[str, object] = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    if tool.parameters is not None:
        function["parameters"] = tool.parameters
    if tool.strict is not None:
        function["strict"] = tool.strict
    return {"type": "function", "function": function}
