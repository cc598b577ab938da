"""OpenAI's functions, function_call and role "function", which tools have replaced: read, and written as tools.

Deprecated in openai-openapi (ChatCompletionFunctions, ChatCompletionRequestFunctionMessage; commit f85dbe2, 2026-08-21,
read 2026-11-21). The calls, which had no ids, are numbered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from src.providers.formats.chat.texts import check_known_keys, kind_of, shown
from src.providers.formats.chat.tool_rules import (
    ToolRules,
    check_arguments,
    check_definition,
    check_name,
    check_tool_count,
)
from src.providers.formats.findings import Finding, problem

_RULES = ToolRules(definition_keys=("name", "description", "parameters"), most=128)


def check_functions(row: Mapping[str, object], path: str = "") -> Iterator[Finding]:
    """Objections to the old keys of a row (or of an object at `path` in it) and of its messages."""
    head = f"{path}." if path else ""
    if "functions" in row:
        yield from _check_definitions(row["functions"], f"{head}functions")
    yield from check_function_calls(row.get("messages"), f"{head}messages")


def check_function_calls(messages: object, path: str) -> Iterator[Finding]:
    """Objections to the old calls in a list of messages at `path`, and to the answers to them."""
    called = ""
    for index, message in enumerate(messages if isinstance(messages, list) else ()):
        if isinstance(message, dict):
            yield from _check_message(message, f"{path}[{index}]", called)
            call = message.get("function_call")
            called = str(call.get("name")) if isinstance(call, dict) else ""


def _check_definitions(functions: object, path: str) -> Iterator[Finding]:
    if not isinstance(functions, list) or not functions:
        text = f"must be a list with at least one function, not {kind_of(functions)}; remove the key where none is."
        yield problem(path, "tools_not_list", text)
        return
    yield from check_tool_count(functions, _RULES, path)
    for index, function in enumerate(functions):
        if isinstance(function, dict):
            yield from check_definition(function, _RULES, f"{path}[{index}]")
        else:
            yield problem(f"{path}[{index}]", "bad_tool", f"must be an object, not {kind_of(function)}.")


def _check_message(message: Mapping[str, object], path: str, called: str) -> Iterator[Finding]:
    call = message.get("function_call")
    if isinstance(call, dict):
        yield from check_known_keys(call, ("name", "arguments"), f"{path}.function_call")
        yield from check_name(call.get("name"), _RULES, f"{path}.function_call.name")
        yield from check_arguments(call.get("arguments"), _RULES, f"{path}.function_call.arguments")
        if message.get("tool_calls"):
            text = "a message makes either tool calls or the old function_call; keep the tool calls."
            yield problem(f"{path}.function_call", "two_kinds_of_call", text)
    elif call is not None:
        yield problem(f"{path}.function_call", "bad_tool_call", 'must be {"name": ..., "arguments": "{...}"}.')
    if message.get("role") == "function":
        name = message.get("name")
        yield from check_name(name, _RULES, f"{path}.name")
        if isinstance(name, str) and name != called:
            text = f"answers {shown(name)}, which the message before it does not call."
            yield problem(f"{path}.name", "answer_without_call", text)


def modernised(row: Mapping[str, object]) -> Mapping[str, object]:
    """A checked row with its functions written as tools; the row itself where it has none."""
    messages = cast("list[dict[str, Any]]", row["messages"])
    if "functions" not in row and not any("function_call" in m or m["role"] == "function" for m in messages):
        return row
    modern = {key: value for key, value in row.items() if key != "functions"}
    modern["messages"] = list(_modern_messages(messages))
    functions = cast("Sequence[object]", row.get("functions", ()))
    if functions:
        tools = cast("Sequence[object]", row.get("tools") or ())
        modern["tools"] = [*tools, *({"type": "function", "function": function} for function in functions)]
    return modern


def _modern_messages(messages: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    made = 0
    for message in messages:
        call = message.get("function_call")
        modern = {key: value for key, value in message.items() if key != "function_call"}
        if call:
            made += 1
            modern["tool_calls"] = [{"id": f"call_{made}", "type": "function", "function": call}]
        if message["role"] == "function":
            # An answer of nothing was null, where a tool's is an empty text.
            modern = {"role": "tool", "content": message["content"] or "", "tool_call_id": f"call_{made}"}
        yield modern
