"""The Llama 3.1 chat template: write a conversation as the one text a Llama model is trained on, and read it back.

The text is what Meta's template renders (llama3_1.jinja, sha256 e10ca381..., as TRL 1.16.0 ships it, read 2026-11-21)
with its own defaults: the day 26 Jul 2024, and tools in the first user message. JSON is written as transformers does
it, that is, without escapes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from src.providers.formats.chat.rows import build_tools, read_tools
from src.providers.formats.fitting.arguments import canonical_arguments, object_of_arguments, written_arguments
from src.providers.formats.training_example import Tool, ToolCall, Turn, TurnRole

BEGIN, START, END, EOT, EOM = (
    f"<|{name}|>" for name in ("begin_of_text", "start_header_id", "end_header_id", "eot_id", "eom_id")
)
DAY = "26 Jul 2024"
_WITH_TOOLS = "Environment: ipython\n"
_GUIDE = (
    "Given the following functions, please respond with a JSON for a function call "
    "with its proper arguments that best answers the given prompt.\n\n"
    'Respond in the format {"name": function name, "parameters": dictionary of argument name and its value}.'
    "Do not use variables.\n\n"
)
_BLOCK = re.compile(rf"{re.escape(START)}(.*?){re.escape(END)}\n\n(.*?)(?:{re.escape(EOT)}|{re.escape(EOM)})", re.S)
_HEADER = re.compile(
    rf"({_WITH_TOOLS})?Cutting Knowledge Date: December 2023\nToday Date: ([^\n]*)\n\n(.*)", re.S
)  # fmt: skip
_ROLES: dict[str, TurnRole] = {
    "system": "system",
    "user": "user",
    "assistant": "assistant",
    "ipython": "tool",
    "tool": "tool",
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a rendered text says. `day` is its date; `broken_at` is where it is not of the template, None when whole."""

    turns: tuple[Turn, ...]
    tools: tuple[Tool, ...] = ()
    day: str = DAY
    broken_at: int | None = None


def looks_rendered(text: str) -> bool:
    return text.removeprefix(BEGIN).startswith(START)


def render(turns: Sequence[Turn], tools: Sequence[Tool] = (), day: str = DAY) -> str:
    """The text of a conversation whose turns hold a text or one tool call each."""
    return BEGIN + "".join(_block(role, content) for role, content in blocks(turns, tools, day))


def blocks(turns: Sequence[Turn], tools: Sequence[Tool] = (), day: str = DAY) -> list[tuple[str, str]]:
    """The role and the content of each block in it: the system's, then those of all turns but a first system one."""
    opening, rest = ("", list(turns))
    if rest and rest[0].role == "system":
        opening, rest = rest[0].text, rest[1:]
    head = _WITH_TOOLS if tools else ""
    head += f"Cutting Knowledge Date: December 2023\nToday Date: {day}\n\n"
    written = [("system", head + opening.strip())]
    if tools and rest:
        listed = "".join(f"{json.dumps(tool, ensure_ascii=False, indent=4)}\n\n" for tool in build_tools(tools))
        written.append(("user", _GUIDE + listed + rest.pop(0).text.strip()))
    return [*written, *map(_turn_block, rest)]


def parse(text: str) -> Rendered:
    """What a rendered text says, as far as it is whole."""
    place = len(BEGIN) if text.startswith(BEGIN) else 0
    blocks: list[tuple[str, str]] = []
    while (match := _BLOCK.match(text, place)) and match[1] in _ROLES:
        blocks.append((match[1], match[2]))
        place = match.end()
    rendered = _read_blocks(blocks)
    return rendered if place == len(text) else replace(rendered, broken_at=place)


def _block(role: str, content: str) -> str:
    return f"{START}{role}{END}\n\n{content}{EOT}"


def _turn_block(turn: Turn) -> tuple[str, str]:
    if turn.role == "tool":
        # The template takes a text for a list of characters, and so writes it as JSON.
        return "ipython", json.dumps(turn.text, ensure_ascii=False)
    if not turn.tool_calls:
        return turn.role, turn.text.strip()
    call = turn.tool_calls[0]
    arguments = written_arguments(object_of_arguments(call.arguments))
    return "assistant", f'{{"name": "{call.name}", "parameters": {arguments}}}'


def _read_blocks(blocks: list[tuple[str, str]]) -> Rendered:
    header = _HEADER.fullmatch(blocks[0][1]) if blocks and blocks[0][0] == "system" else None
    if header is None:
        return Rendered(_read_turns(blocks, with_tools=False))
    rest = blocks[1:]
    tools: tuple[Tool, ...] = ()
    if header[1] and rest and rest[0][0] == "user" and rest[0][1].startswith(_GUIDE):
        tools, question = _read_tools(rest[0][1].removeprefix(_GUIDE))
        rest[0] = ("user", question)
    system = (Turn("system", header[3]),) if header[3] else ()
    return Rendered(system + _read_turns(rest, bool(tools)), tools, header[2])


def _read_tools(text: str) -> tuple[tuple[Tool, ...], str]:
    """The tools a user message begins with, and what follows them."""
    tools: list[Tool] = []
    decoder = json.JSONDecoder()
    while text.startswith("{"):
        try:
            value, end = decoder.raw_decode(text)
        except (ValueError, RecursionError):
            break
        definition = value.get("function") if isinstance(value, dict) else None
        if not isinstance(definition, dict) or "name" not in definition or text[end : end + 2] != "\n\n":
            break
        tools += read_tools([value])
        text = text[end + 2 :]
    return tuple(tools), text


def _read_turns(blocks: Sequence[tuple[str, str]], with_tools: bool) -> tuple[Turn, ...]:
    turns = []
    for index, (role, content) in enumerate(blocks):
        answered = index + 1 < len(blocks) and _ROLES[blocks[index + 1][0]] == "tool"
        call = _read_call(content) if role == "assistant" and (with_tools or answered) else None
        if call is not None:
            turns.append(Turn("assistant", tool_calls=(call,)))
        else:
            turns.append(Turn(_ROLES[role], _read_answer(content) if _ROLES[role] == "tool" else content))
    return tuple(turns)


def _read_call(content: str) -> ToolCall | None:
    value = _json(content)
    if not isinstance(value, dict) or list(value) != ["name", "parameters"]:
        return None
    arguments = canonical_arguments(json.dumps(value["parameters"], ensure_ascii=False))
    return ToolCall("", str(value["name"]), arguments) if arguments is not None else None


def _read_answer(content: str) -> str:
    value = _json(content)
    return value if isinstance(value, str) else content


def _json(content: str) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None
