"""The rules of mistral-finetune's validate_data.py, restated over mistral-common 1.4.4, whose validator it calls.

Read 2026-11-21 in mistralai/mistral-finetune 1943535: finetune/data/tokenize.py and utils/validate_data.py.
"""

from __future__ import annotations

from typing import Any

from mistral_common.protocol.instruct.messages import FinetuningAssistantMessage, ToolMessage, UserMessage
from mistral_common.protocol.instruct.tool_calls import Function, FunctionCall, Tool, ToolCall
from mistral_common.protocol.instruct.validator import MistralRequestValidatorV3, ValidationMode
from protocol import answer, by_row

ROLES = ("system", "user", "assistant", "tool")
VALIDATOR = MistralRequestValidatorV3(ValidationMode.finetuning)


def check_row(row: dict[str, Any], form: str) -> None:
    check_text(row) if form == "mistral-text" else check_conversation(row)


def check_text(row: dict[str, Any]) -> None:
    given = [key for key in ("text", "content") if key in row]
    require(len(given) == 1, f"needs text or content, one of them, not {list(row)}")
    require(isinstance(row[given[0]], str), "the text is not a string")


def check_conversation(row: dict[str, Any]) -> None:
    given = [key for key in ("messages", "interactions") if key in row]
    require(len(given) == 1, f"needs messages or interactions, one of them, not {list(row)}")
    require(not ("tools" in row and "available_tools" in row), "has both tools and available_tools")
    tools = [read_tool(tool) for tool in row.get("tools") or row.get("available_tools") or []]
    messages, systems = [], int(row.get("system_prompt") is not None)
    for message in row[given[0]]:
        read = read_message(message)
        if read is None:
            systems += 1
        else:
            messages.append(read)
    require(systems < 2, "more than one message with role system")
    VALIDATOR.validate_messages(messages)
    VALIDATOR._validate_tools(tools)


def read_message(message: dict[str, Any]) -> Any:
    """The message in the library's class, None for a system prompt."""
    require("role" in message, f"message without a role: {list(message)}")
    role, calls = message["role"], message.get("tool_calls")
    require(not ("text" in message and "content" in message), "message with both text and content")
    content = message["content"] if message.get("content") is not None else message.get("text")
    require(calls is not None or content is not None, f"{role} message without text or content")
    require(role in ROLES, f"unrecognized role {role!r}")
    if role == "system":
        return None
    if role == "user":
        return UserMessage(content=content)
    if role == "tool":
        require("tool_call_id" in message, "tool message without tool_call_id")
        return ToolMessage(content=content, tool_call_id=message["tool_call_id"], name=message.get("name"))
    read = None if calls is None else [read_call(call) for call in calls]
    return FinetuningAssistantMessage(content=content, tool_calls=read, weight=message.get("weight"))


def read_call(call: dict[str, Any]) -> ToolCall:
    require("id" in call and "function" in call, "tool call without id or function")
    function = call["function"]
    require("name" in function and "arguments" in function, "tool call without name or arguments")
    require(isinstance(function["arguments"], str), "tool call whose arguments are not a string")
    return ToolCall(id=call["id"], function=FunctionCall(name=function["name"], arguments=function["arguments"]))


def read_tool(tool: dict[str, Any]) -> Tool:
    require("function" in tool, "tool without function")
    function = tool["function"]
    missing = [key for key in ("name", "description", "parameters") if key not in function]
    require(not missing, f"function without {missing}")
    require(isinstance(function["parameters"], dict), "function whose parameters are not a dict")
    return Tool(function=Function(**{key: function[key] for key in ("name", "description", "parameters")}))


def require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)


answer(by_row(check_row))
