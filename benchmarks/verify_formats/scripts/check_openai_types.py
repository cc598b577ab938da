"""The request types of the openai SDK, checked by pydantic with unknown keys forbidden.

The types know no `weight`, which fine-tuning rows add: it is taken off assistant messages when it is 0 or 1. The rows'
own rules (what stands beside the messages; the order of a preference) follow openai/openai-openapi f85dbe2.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Union, get_args, get_origin, get_type_hints

from openai.types.chat import ChatCompletionFunctionToolParam, ChatCompletionMessageParam
from protocol import answer, by_row
from pydantic import ConfigDict, TypeAdapter, with_config
from typing_extensions import Required, is_typeddict

MESSAGE_KEYS = {"messages", "tools", "parallel_tool_calls", "functions", "response_format"}


def strict(kind: Any, seen: set[Any] | None = None) -> Any:
    """The type with unknown keys forbidden in every TypedDict, and lists where the SDK also takes other iterables."""
    seen = set() if seen is None else seen
    if is_typeddict(kind):
        if kind not in seen:
            seen.add(kind)
            hints = get_type_hints(kind, include_extras=True)
            kind.__annotations__ = {name: strict(inner, seen) for name, inner in hints.items()}
            with_config(ConfigDict(extra="forbid"))(kind)
        return kind
    origin, inner = get_origin(kind), tuple(strict(one, seen) for one in get_args(kind))
    if origin is Iterable:
        return list[inner[0]]  # type: ignore[valid-type]
    if origin is Union:
        return Union[inner]  # noqa: UP007
    return origin[inner if len(inner) > 1 else inner[0]] if origin in (Required, dict, list) else kind


MESSAGE = TypeAdapter(strict(ChatCompletionMessageParam))
TOOL = TypeAdapter(strict(ChatCompletionFunctionToolParam))


def check_row(row: dict[str, Any], form: str) -> None:
    check_preference(row) if form in ("openai-preference", "preference") else check_chat(row, form)


def check_chat(row: dict[str, Any], form: str) -> None:
    if form == "openai-chat":
        require(not set(row) - MESSAGE_KEYS, f"unknown keys {sorted(set(row) - MESSAGE_KEYS)}")
    check_messages(row["messages"])
    check_tools(row)
    if form == "openai-reinforcement":
        require(row["messages"][-1]["role"] == "user", "the last message is not the user's")
    else:
        require(any(message["role"] == "assistant" for message in row["messages"]), "no assistant message")


def check_preference(row: dict[str, Any]) -> None:
    known = {"input", "preferred_output", "non_preferred_output"}
    require(set(row) == known, f"keys are {sorted(row)}, not {sorted(known)}")
    require(not set(row["input"]) - {"messages", "tools", "parallel_tool_calls"}, "unknown keys in input")
    check_messages(row["input"]["messages"])
    check_tools(row["input"])
    require(row["input"]["messages"][-1]["role"] != "assistant", "the input ends with the assistant")
    for key in ("preferred_output", "non_preferred_output"):
        check_messages(row[key])
        require([message["role"] for message in row[key]] == ["assistant"], f"{key} is not one assistant message")


def check_messages(messages: Any) -> None:
    require(isinstance(messages, list) and bool(messages), "messages is not a list with messages")
    for message in messages:
        if "weight" in message:
            require(message["role"] == "assistant", "weight on a message that is not the assistant's")
            require(message["weight"] in (0, 1) and type(message["weight"]) is int, "weight is not 0 or 1")
            message = {key: value for key, value in message.items() if key != "weight"}
        validate(MESSAGE, message)
        said = message.get("content") or message.get("tool_calls") or message.get("function_call")
        silent = message["role"] == "assistant" and not said and not message.get("refusal")
        require(not silent, "assistant message without content")


def check_tools(row: dict[str, Any]) -> None:
    for tool in row.get("tools") or []:
        validate(TOOL, tool)
    require(isinstance(row.get("parallel_tool_calls", True), bool), "parallel_tool_calls is not a boolean")


def validate(adapter: TypeAdapter[Any], value: Any) -> None:
    adapter.validate_json(json.dumps(value), strict=True)


def require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)


answer(by_row(check_row))
