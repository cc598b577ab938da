"""Repairs of a row that have exactly one right answer. What could be meant in two ways is left for a person.

Each repair changes a row in place, wherever it finds what it is for; fix_row() keeps the change only where the format
then objects to less than before, and to nothing new.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, cast

from src.providers.formats.fitting.call_ids import nine_letters
from src.providers.formats.row_format import RowFormat

Repair = Callable[[dict[str, Any], RowFormat], None]

_LISTS = ("messages", "preferred_output", "non_preferred_output", "chosen", "rejected", "prompt", "contents")
_OPTIONAL_ON_TOP = ("tools", "parallel_tool_calls", "functions", "response_format", "system", "systemInstruction")
_OPTIONAL = ("name", "weight", "tool_calls", "tool_call_id", "function_call", "refusal")


def without_nulls(row: dict[str, Any], form: RowFormat) -> None:
    """Optional keys that hold null say nothing."""
    for holder, optional in [(row, _OPTIONAL_ON_TOP), *((message, _OPTIONAL) for message in _messages(row))]:
        for key in optional:
            if key in holder and holder[key] is None:
                del holder[key]


def without_empty_lists(row: dict[str, Any], form: RowFormat) -> None:
    """A list of no tools, or of no calls, says nothing."""
    for holder, key in [(row, "tools"), (row, "functions"), *((message, "tool_calls") for message in _messages(row))]:
        if holder.get(key) == []:
            del holder[key]


def whole_weights(row: dict[str, Any], form: RowFormat) -> None:
    """true and 1.0 are 1, false and 0.0 are 0."""
    for message in _messages(row):
        weight = message.get("weight")
        if isinstance(weight, (bool, float)) and weight in (0, 1):
            message["weight"] = int(weight)


def spelt_roles(row: dict[str, Any], form: RowFormat) -> None:
    """ "User" is user; the model's role is "model" at Google and "assistant" elsewhere."""
    model, other = ("model", "assistant") if form.family == "vertex" else ("assistant", "model")
    for message in _messages(row):
        role = message.get("role")
        if isinstance(role, str):
            plain = role.strip().lower()
            message["role"] = model if plain == other else plain


def arguments_as_text(row: dict[str, Any], form: RowFormat) -> None:
    """The arguments of a call as the text of their object."""
    for call in _calls(row):
        function = call.get("function")
        if isinstance(function, dict) and isinstance(function.get("arguments"), dict):
            function["arguments"] = json.dumps(function["arguments"], ensure_ascii=False)


def typed_calls(row: dict[str, Any], form: RowFormat) -> None:
    """A call without a type is a function's."""
    for call in _calls(row):
        call.setdefault("type", "function")


def short_call_ids(row: dict[str, Any], form: RowFormat) -> None:
    """Ids of nine letters and digits, made from the old ones, in a call and in the answer to it."""
    for holder, key in [
        *((call, "id") for call in _calls(row)),
        *((message, "tool_call_id") for message in _messages(row)),
    ]:
        if isinstance(holder.get(key), str):
            holder[key] = nine_letters(holder[key])


def plain_content(row: dict[str, Any], form: RowFormat) -> None:
    """One part of text is that text."""
    for message in _messages(row):
        content = message.get("content")
        if isinstance(content, list) and len(content) == 1 and _is_text_part(content[0]):
            message["content"] = content[0]["text"]


def system_beside(row: dict[str, Any], form: RowFormat) -> None:
    """A system message in front stands beside the messages, where the format has it."""
    messages = row.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    if isinstance(first, dict) and first.keys() == {"role", "content"} and first["role"] == "system":
        rest = {key: value for key, value in row.items() if key not in ("messages", "system")}
        system = row.get("system", first["content"])
        if system == first["content"]:
            row.clear()
            row.update({"system": system, **rest, "messages": cast("list[object]", messages)[1:]})


def instruction_in_parts(row: dict[str, Any], form: RowFormat) -> None:
    """A system instruction that is a text, as Google's object of parts."""
    for key in ("systemInstruction", "system_instruction"):
        if isinstance(row.get(key), str):
            row[key] = {"role": "system", "parts": [{"text": row[key]}]}


REPAIRS: dict[str, Repair] = {
    "an optional key that was null is left out": without_nulls,
    "an empty list is left out": without_empty_lists,
    "a weight is written as 0 or 1": whole_weights,
    "a role is written as the format spells it": spelt_roles,
    "arguments are written as the text of their object": arguments_as_text,
    "a call's type is named": typed_calls,
    "call ids are nine letters and digits made from the old ones": short_call_ids,
    "a content of one text part is that text": plain_content,
    "the system message stands beside the messages": system_beside,
    "the system instruction is made of parts": instruction_in_parts,
}


def _messages(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every message in a row, of the conversation and of the answers to choose from."""
    inner = row.get("input")
    holders = [row, inner] if isinstance(inner, dict) else [row]
    for holder in holders:
        for key in _LISTS:
            turns = holder.get(key)
            yield from (turn for turn in (turns if isinstance(turns, list) else ()) if isinstance(turn, dict))


def _calls(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for message in _messages(row):
        calls = message.get("tool_calls")
        yield from (call for call in (calls if isinstance(calls, list) else ()) if isinstance(call, dict))


def _is_text_part(part: object) -> bool:
    return isinstance(part, dict) and part.keys() == {"type", "text"} and part["type"] == "text"
