"""The rules of a ShareGPT row: who speaks at which place, and the JSON that stands in its texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from src.providers.formats.chat.texts import check_text, kind_of, shown
from src.providers.formats.chat.tool_rules import ToolRules, check_definition, check_name
from src.providers.formats.findings import Finding, problem

_TOOL_RULES = ToolRules()
_ODD, _EVEN = ("human", "observation"), ("gpt", "function_call")
_SENDERS = ("system", *_ODD, *_EVEN)


def check_conversation(messages: object, has_system: bool, path: str = "conversations") -> Iterator[Finding]:
    """Objections to the messages; `has_system` says that a system text stands beside them."""
    if not isinstance(messages, list) or not messages:
        yield problem(path, "messages_missing", f"'{path}' must be a list with at least one message.")
        return
    for index, message in enumerate(messages):
        yield from _check_message(message, f"{path}[{index}]")
    senders = [message.get("from") if isinstance(message, dict) else None for message in messages]
    if all(sender in _SENDERS for sender in senders):
        yield from _check_order([str(sender) for sender in senders], has_system, path)


def check_tools_text(tools: object, path: str = "tools") -> Iterator[Finding]:
    """Objections to the text that holds the tools."""
    value = _parsed(tools) if isinstance(tools, str) else None
    if not isinstance(value, list):
        text = "must be the text of a JSON list of tools; LLaMA-Factory parses it."
        yield problem(path, "bad_tools_text", text)
        return
    for index, tool in enumerate(value):
        if not isinstance(tool, dict):
            yield problem(f"{path}[{index}]", "bad_tool", f"must be an object, not {kind_of(tool)}.")
            continue
        function = tool["function"] if isinstance(tool.get("function"), dict) else tool
        yield from check_definition(function, _TOOL_RULES, f"{path}[{index}]")


def flat_tools(tools: object) -> list[dict[str, Any]]:
    """The definitions in a text that has been checked, without OpenAI's wrapping."""
    value = json.loads(str(tools)) if tools else []
    return [tool.get("function", tool) for tool in value]


def _check_message(message: object, path: str) -> Iterator[Finding]:
    if not isinstance(message, dict):
        yield problem(path, "message_not_object", f"must be an object with from and value, not {kind_of(message)}.")
        return
    for key in message:
        if key not in ("from", "value"):
            yield problem(f"{path}.{key}", "unknown_key", f"'{key}' is not a key of a message here; remove it.")
    sender, value = message.get("from"), message.get("value")
    if sender not in _SENDERS:
        text = f"is from {shown(sender)}; use one of {', '.join(_SENDERS)}: LLaMA-Factory skips the example."
        yield problem(f"{path}.from", "unknown_role" if "from" in message else "role_missing", text)
    # A tool may answer with nothing.
    if value != "" or sender != "observation":
        yield from check_text(value, f"{path}.value")
    if sender == "function_call" and isinstance(value, str) and value.strip():
        yield from _check_calls(value, f"{path}.value")


def _check_calls(text: str, path: str) -> Iterator[Finding]:
    value = _parsed(text)
    calls = value if isinstance(value, list) else [value]
    for call in calls:
        if not isinstance(call, dict) or call.keys() != {"name", "arguments"}:
            yield problem(path, "bad_tool_call", 'must be the text of {"name": ..., "arguments": {...}}.')
            return
        yield from check_name(call["name"], _TOOL_RULES, f"{path}.name")
        if not isinstance(call["arguments"], dict):
            text = f"must be an object, not {kind_of(call['arguments'])}; a text would be quoted a second time."
            yield problem(f"{path}.arguments", "bad_arguments", text)
    if not calls:
        yield problem(path, "bad_tool_call", "must hold at least one call.")


def _check_order(senders: Sequence[str], has_system: bool, path: str) -> Iterator[Finding]:
    offset = 1 if senders[0] == "system" else 0
    if offset and has_system:
        text = "the system text stands here and beside the conversation; keep the one in 'system'."
        yield problem(f"{path}[0].from", "system_repeated", text)
    for index, sender in enumerate(senders[offset:], start=offset):
        wanted = _EVEN if (index - offset) % 2 else _ODD
        if sender == "system":
            yield problem(f"{path}[{index}].from", "system_not_first", "a system message must be the first; move it.")
            return
        if sender not in wanted:
            text = f"is from {sender} where {' or '.join(wanted)} must speak: LLaMA-Factory skips the example."
            yield problem(f"{path}[{index}].from", "roles_not_in_turn", text)
            return
    yield from _check_pairs(senders, offset, path)


def _check_pairs(senders: Sequence[str], offset: int, path: str) -> Iterator[Finding]:
    if (len(senders) - offset) % 2:
        text = "the last message is not an answer; end with gpt's: LLaMA-Factory skips the example."
        yield problem(f"{path}[{len(senders) - 1}].from", "last_not_assistant", text)
    if len(senders) == offset:
        yield problem(path, "no_assistant", "holds no answer to be learnt; add gpt's.")
    for index in range(offset, len(senders)):
        before = senders[index - 1] if index else ""
        if (senders[index] == "observation") != (before == "function_call") and index % 2 == offset:
            text = "a function_call and its observation belong together; the one stands here without the other."
            yield problem(f"{path}[{index}].from", "answer_without_call", text, "warning")


def _parsed(text: str) -> object:
    """The JSON in a text; None where it is none, or holds numbers that JSON does not have."""
    try:
        value = json.loads(text)
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return None
    return value
