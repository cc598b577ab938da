"""Read messages and tools in the shape OpenAI gave them into turns, and write them back, in the normal form.

The normal form of a message has its keys in this order: role, content, name, weight, refusal, tool_calls,
tool_call_id. A message that only makes tool calls has no content; keys that are null are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from src.providers.formats.training_example import MediaPart, Part, TextPart, Tool, ToolCall, Turn, TurnRole


def read_turns(messages: object) -> tuple[Turn, ...]:
    """The turns of messages that have been checked."""
    return tuple(read_turn(message) for message in cast("list[dict[str, Any]]", messages))


def read_turn(message: Mapping[str, Any]) -> Turn:
    role, content = cast(TurnRole, message["role"]), message.get("content")
    if len(message) == 2 and isinstance(content, str):
        return Turn(role, content)
    return Turn(
        role,
        _read_content(content, message),
        name=message.get("name") or "",
        weight=message.get("weight"),
        tool_calls=tuple(map(_read_call, message.get("tool_calls") or ())),
        tool_call_id=message.get("tool_call_id") or "",
        refusal=_refusal_part(content) or message.get("refusal"),
    )


def _refusal_part(content: object) -> str | None:
    """The refusal that stands as the one part of a content."""
    first = content[0] if isinstance(content, list) and content else {}
    return cast("str", first["refusal"]) if first.get("type") == "refusal" else None


def _read_content(content: object, message: Mapping[str, Any]) -> str | tuple[Part, ...] | None:
    if isinstance(content, list):
        if _refusal_part(content) is not None:
            return None
        return tuple(_read_part(part) for part in content)
    if content == "" and message["role"] != "tool":
        return None
    return cast("str | None", content)


def _read_part(part: Mapping[str, Any]) -> Part:
    if part["type"] == "text":
        return TextPart(part["text"])
    image = part["image_url"]
    return MediaPart(image) if isinstance(image, str) else MediaPart(image["url"], detail=image.get("detail") or "")


def _read_call(call: Mapping[str, Any]) -> ToolCall:
    arguments = call["function"]["arguments"]
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return ToolCall(call.get("id") or "", call["function"]["name"], text)


def read_tools(tools: object) -> tuple[Tool, ...]:
    return tuple(read_definition(tool["function"]) for tool in cast("list[dict[str, Any]]", tools or []))


def read_definition(function: Mapping[str, Any]) -> Tool:
    return Tool(
        function["name"], function.get("description"), function.get("parameters"), strict=function.get("strict")
    )


def build_messages(turns: Iterable[Turn], plain_image: bool = False) -> list[dict[str, object]]:
    """Messages in the normal form. `plain_image` writes a picture's place as a string, in Mistral's way."""
    return [build_message(turn, plain_image) for turn in turns]


def build_message(turn: Turn, plain_image: bool = False) -> dict[str, object]:
    message: dict[str, object] = {"role": turn.role}
    if turn.content is not None:
        message["content"] = (
            turn.content if isinstance(turn.content, str) else [_build_part(part, plain_image) for part in turn.content]
        )
    if turn.name:
        message["name"] = turn.name
    if turn.weight is not None:
        message["weight"] = turn.weight
    if turn.refusal is not None:
        message["refusal"] = turn.refusal
    if turn.tool_calls:
        message["tool_calls"] = [_build_call(call) for call in turn.tool_calls]
    if turn.tool_call_id:
        message["tool_call_id"] = turn.tool_call_id
    return message


def _build_part(part: Part, plain_image: bool) -> dict[str, object]:
    if isinstance(part, TextPart):
        return {"type": "text", "text": part.text}
    if plain_image:
        return {"type": "image_url", "image_url": part.uri}
    image = {"url": part.uri, "detail": part.detail} if part.detail else {"url": part.uri}
    return {"type": "image_url", "image_url": image}


def _build_call(call: ToolCall) -> dict[str, object]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def build_tools(tools: Sequence[Tool]) -> list[dict[str, object]]:
    return [{"type": "function", "function": build_definition(tool)} for tool in tools]


def build_definition(tool: Tool) -> dict[str, object]:
    function: dict[str, object] = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    if tool.parameters is not None:
        function["parameters"] = dict(tool.parameters)
    if tool.strict is not None:
        function["strict"] = tool.strict
    return function
