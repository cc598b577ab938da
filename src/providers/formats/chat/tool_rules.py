"""Rules for tool definitions and tool calls, in the shape OpenAI gave them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from src.providers.formats.chat.schema_rules import TYPES, check_keywords
from src.providers.formats.chat.texts import check_known_keys, kind_of, shown
from src.providers.formats.findings import Finding, problem
from src.records import Severity

# Longer lists of tools are judged anew each time, so that what is remembered stays small.
_REMEMBERED_LENGTH = 16_000


@dataclass(frozen=True, slots=True, eq=False)
class ToolRules:
    """What one format asks of tools. (Compared by identity, so that it can be a key.)

    `call_ids` and `names` are patterns a whole id or name must match.
    `arguments`: a call's arguments are the text of a JSON object, or the object itself. `described` and
    `parameters_required` say whether a definition needs a description and parameters; `unanswered` is how bad a call
    without an answer before the next message is. `typed` says where {"type": "function"} may not be left out; `most`
    is how many tools a row may have; `no_calls` takes an empty list of calls for none; `python_patterns` asks that the
    patterns in a schema are Python's.
    """

    names: re.Pattern[str] = re.compile(r"[a-zA-Z0-9_-]{1,64}")
    call_ids: re.Pattern[str] = re.compile(r"(?s).+")
    arguments: Literal["string", "object", "either"] = "string"
    described: bool = False
    parameters_required: bool = False
    definition_keys: tuple[str, ...] = ("name", "description", "parameters", "strict")
    unanswered: Severity = "warning"
    typed: tuple[Literal["tools", "calls"], ...] = ("tools",)
    most: int | None = None
    no_calls: bool = False
    python_patterns: bool = False


def check_tools(tools: object, rules: ToolRules, path: str = "tools") -> Iterator[Finding]:
    """Objections to a row's list of tool definitions."""
    if not isinstance(tools, list):
        yield problem(path, "tools_not_list", f"must be a list of tools, not {kind_of(tools)}.")
        return
    text = json.dumps(tools)
    # The rows of a file have the same few tools, so that they are judged once.
    yield from _remembered(text, rules, path) if len(text) < _REMEMBERED_LENGTH else _check_tools(tools, rules, path)


@lru_cache(maxsize=256)
def _remembered(text: str, rules: ToolRules, path: str) -> tuple[Finding, ...]:
    return tuple(_check_tools(json.loads(text), rules, path))


def _check_tools(tools: Sequence[object], rules: ToolRules, path: str) -> Iterator[Finding]:
    yield from check_tool_count(tools, rules, path)
    names: set[str] = set()
    for index, tool in enumerate(tools):
        place = f"{path}[{index}]"
        function = _function_of(tool, "tools" in rules.typed)
        if function is None or not isinstance(tool, dict):
            text = 'must be {"type": "function", "function": {"name": ..., "parameters": {...}}}.'
            yield problem(place, "bad_tool", text)
            continue
        yield from check_known_keys(tool, ("type", "function"), place)
        yield from check_definition(function, rules, f"{place}.function")
        name = str(function.get("name"))
        if name in names:
            yield problem(f"{place}.function.name", "tool_repeated", "a tool of this name stands there already.")
        names.add(name)


def check_tool_count(tools: Sequence[object], rules: ToolRules, path: str) -> Iterator[Finding]:
    if rules.most is not None and len(tools) > rules.most:
        yield problem(path, "too_many_tools", f"{len(tools)} tools; at most {rules.most} are taken: leave some out.")


def _function_of(tool: object, typed: bool) -> dict[str, object] | None:
    """The function of a definition or a call of the right shape."""
    function = tool.get("function") if isinstance(tool, dict) else None
    if not isinstance(tool, dict) or not isinstance(function, dict):
        return None
    return function if tool.get("type", None if typed else "function") == "function" else None


def check_definition(function: Mapping[str, object], rules: ToolRules, path: str) -> Iterator[Finding]:
    """Objections to one function's name, description, parameters and strictness."""
    yield from check_known_keys(function, rules.definition_keys, path)
    yield from check_name(function.get("name"), rules, f"{path}.name")
    description = function.get("description")
    if (rules.described or "description" in function) and not isinstance(description, str):
        yield problem(f"{path}.description", "bad_tool", "needs a description, as a string.")
    if "strict" in rules.definition_keys and not isinstance(function.get("strict"), (bool, type(None))):
        yield problem(f"{path}.strict", "bad_flag", "must be true or false.")
    if "parameters" in function:
        yield from check_schema(function["parameters"], f"{path}.parameters", python_patterns=rules.python_patterns)
    elif rules.parameters_required:
        yield problem(f"{path}.parameters", "bad_tool", 'needs parameters; write {"type": "object", "properties": {}}.')


def check_name(name: object, rules: ToolRules, path: str) -> Iterator[Finding]:
    if not isinstance(name, str) or not rules.names.fullmatch(name):
        text = f"the name is {shown(name)}; a function's name matches {rules.names.pattern}."
        yield problem(path, "bad_tool_name", text)


def check_schema(
    schema: object, path: str, types: Sequence[str] = TYPES, python_patterns: bool = False
) -> Iterator[Finding]:
    """Objections to the parameters of a function: a JSON Schema that is an object."""
    if isinstance(schema, dict):
        yield from check_keywords(schema, path, types, python_patterns)
    else:
        yield problem(path, "bad_schema", f"must be a JSON Schema (an object), not {kind_of(schema)}.")


def check_calls(calls: object, rules: ToolRules, path: str) -> Iterator[Finding]:
    """Objections to the tool calls of one message."""
    if calls == [] and rules.no_calls:
        return
    if not isinstance(calls, list) or not calls:
        text = "must be a list with at least one call; remove the key where none is made."
        yield problem(path, "bad_tool_call", text)
        return
    for index, call in enumerate(calls):
        place = f"{path}[{index}]"
        function = _function_of(call, "calls" in rules.typed)
        if function is None:
            text = 'must be {"id": ..., "type": "function", "function": {"name": ..., "arguments": "{...}"}}.'
            yield problem(place, "bad_tool_call", text)
            continue
        yield from check_known_keys(call, ("id", "type", "function"), place)
        yield from check_call_id(call.get("id"), rules, f"{place}.id")
        yield from check_known_keys(function, ("name", "arguments"), f"{place}.function")
        yield from check_name(function.get("name"), rules, f"{place}.function.name")
        yield from check_arguments(function.get("arguments"), rules, f"{place}.function.arguments")


def check_call_id(call_id: object, rules: ToolRules, path: str) -> Iterator[Finding]:
    if not isinstance(call_id, str) or not rules.call_ids.fullmatch(call_id):
        wanted = "a text" if rules.call_ids.pattern == "(?s).+" else f"a text that matches {rules.call_ids.pattern}"
        yield problem(path, "bad_call_id", f"the id is {shown(call_id)}; a call's id is {wanted}.")


def check_arguments(arguments: object, rules: ToolRules, path: str) -> Iterator[Finding]:
    """Arguments must be an object, or the text of one."""
    if isinstance(arguments, dict) and rules.arguments != "string":
        return
    if not isinstance(arguments, str) or rules.arguments == "object":
        wanted = "the text of a JSON object" if rules.arguments == "string" else "an object"
        yield problem(path, "bad_arguments", f"must be {wanted}, not {kind_of(arguments)}.")
        return
    try:
        value = _STRICT_JSON.decode(arguments)
    except (ValueError, RecursionError) as error:
        yield problem(path, "bad_arguments", f"the text is not valid JSON ({error}); write a JSON object.")
        return
    if not isinstance(value, dict):
        yield problem(path, "bad_arguments", f"the text is {kind_of(value)} in JSON; write an object.")


def _refuse_constant(word: str) -> object:
    # Python reads NaN and Infinity, which are not JSON.
    raise ValueError(f"{word} is not JSON")


_STRICT_JSON = json.JSONDecoder(parse_constant=_refuse_constant)
