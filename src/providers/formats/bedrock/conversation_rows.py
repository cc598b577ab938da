"""Read the messages of a Bedrock conversation into turns, and write them back, in the normal form.

A message has the keys role and content. An assistant's reasoning comes first, then its text, then its uses of tools; a
user's results of tools come before the text and the files. A result is {"text": ...}, or {"json": ...} where the text
is that of an object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, cast

from src.providers.formats.fitting.arguments import object_of_arguments, written_arguments
from src.providers.formats.training_example import MediaPart, Part, TextPart, Tool, ToolCall, Turn
from src.providers.formats.vertex.objects import object_of, text_of

_Json = dict[str, Any]
# How AWS names a file's kind, beside its MIME type.
MIME_TYPES: Mapping[tuple[str, str], str] = {
    **{("image", form): f"image/{form}" for form in ("jpeg", "png", "gif", "webp")},
    **{("video", form): f"video/{form}" for form in ("mp4", "webm")},
    ("video", "mov"): "video/quicktime",
    ("video", "mkv"): "video/x-matroska",
    ("document", "pdf"): "application/pdf",
}
FORMATS: Mapping[str, tuple[str, str]] = {mime_type: form for form, mime_type in MIME_TYPES.items()}


def read_system(system: object) -> tuple[Turn, ...]:
    return tuple(Turn("system", block["text"]) for block in cast("list[_Json]", system or []))


def read_turns(messages: object) -> tuple[Turn, ...]:
    """The turns of messages that have been checked."""
    return tuple(turn for message in cast("list[_Json]", messages) for turn in _read_message(message))


def _read_message(message: _Json) -> Iterator[Turn]:
    blocks = message["content"]
    parts = [_read_part(block) for block in blocks if block.keys().isdisjoint(_BESIDE)]
    if message["role"] == "assistant":
        calls = tuple(_read_use(block["toolUse"]) for block in blocks if "toolUse" in block)
        yield Turn("assistant", _content(parts), tool_calls=calls)
        return
    yield from (_read_result(block["toolResult"]) for block in blocks if "toolResult" in block)
    if parts:
        yield Turn("user", _content(parts))


_BESIDE = ("toolUse", "toolResult", "reasoningContent")


def _content(parts: Sequence[Part]) -> str | tuple[Part, ...] | None:
    first = parts[0] if parts else None
    return first.text if len(parts) == 1 and isinstance(first, TextPart) else tuple(parts) or None


def _read_part(block: _Json) -> Part:
    if "text" in block:
        return TextPart(block["text"])
    ((kind, file),) = block.items()
    return MediaPart(file["source"]["s3Location"]["uri"], MIME_TYPES[kind, file["format"].lower()])


def _read_use(use: _Json) -> ToolCall:
    return ToolCall(use["toolUseId"], use["name"], written_arguments(use["input"]))


def _read_result(result: _Json) -> Turn:
    texts = [item["text"] if "text" in item else text_of(item["json"]) for item in result["content"]]
    return Turn("tool", _content([TextPart(text) for text in texts]), tool_call_id=result["toolUseId"])


def read_owners(messages: object) -> list[str]:
    """The owner of each file's bucket, in order, "" where the row does not say; [] where no file has one."""
    blocks = [block for message in cast("list[_Json]", messages) for block in message["content"]]
    files = [inner for block in blocks for kind, inner in block.items() if kind in ("image", "video", "document")]
    owners = [file["source"]["s3Location"].get("bucketOwner", "") for file in files]
    return owners if any(owners) else []


def read_reasoning(messages: object) -> dict[str, str]:
    """What the assistant reasoned, by the number of its message (as a text, as in JSON)."""
    return {
        str(index): block["reasoningContent"]["reasoningText"]["text"]
        for index, message in enumerate(cast("list[_Json]", messages))
        for block in message["content"]
        if "reasoningContent" in block
    }


def build_system(turns: Iterable[Turn]) -> dict[str, object]:
    texts = [{"text": turn.text} for turn in turns if turn.role == "system"]
    return {"system": texts} if texts else {}


def _texts(turn: Turn) -> list[str]:
    parts = turn.content if isinstance(turn.content, tuple) else (TextPart(turn.text),)
    return [part.text for part in parts if isinstance(part, TextPart)]


def build_messages(
    turns: Iterable[Turn], owners: Sequence[str] = (), reasoning: Mapping[str, str] | None = None
) -> list[dict[str, object]]:
    """The messages of all turns but the system's; what tools and users say in a row is one message of the user's."""
    owner = iter(owners)
    messages: list[dict[str, object]] = []
    spoken = (turn for turn in turns if turn.role != "system")
    for is_answer, group in groupby(spoken, key=lambda turn: turn.role == "assistant"):
        blocks = [block for turn in group for block in _build_blocks(turn, owner)]
        thought = (reasoning or {}).get(str(len(messages)))
        if thought is not None:
            blocks.insert(0, {"reasoningContent": {"reasoningText": {"text": thought}}})
        messages.append({"role": "assistant" if is_answer else "user", "content": blocks})
    return messages


def _build_blocks(turn: Turn, owner: Iterator[str]) -> Iterator[dict[str, object]]:
    if turn.role == "tool":
        yield {"toolResult": {"toolUseId": turn.tool_call_id, "content": [_build_item(text) for text in _texts(turn)]}}
        return
    if isinstance(turn.content, str) and (turn.content or not turn.tool_calls):
        yield {"text": turn.content}
    for part in turn.content if isinstance(turn.content, tuple) else ():
        yield {"text": part.text} if isinstance(part, TextPart) else _build_file(part, next(owner, ""))
    for call in turn.tool_calls:
        yield {"toolUse": {"toolUseId": call.id, "name": call.name, "input": object_of_arguments(call.arguments)}}


def _build_item(text: str) -> dict[str, object]:
    value = object_of(text)
    return {"json": value} if value is not None and text_of(value) == text else {"text": text}


def _build_file(part: MediaPart, owner: str) -> dict[str, object]:
    kind, form = FORMATS.get(part.mime_type, ("image", part.mime_type))
    place = {"uri": part.uri, "bucketOwner": owner} if owner else {"uri": part.uri}
    return {kind: {"format": form, "source": {"s3Location": place}}}


def read_tools(config: object) -> tuple[Tool, ...]:
    specs = [tool["toolSpec"] for tool in cast(_Json, config)["tools"]] if config else []
    return tuple(Tool(spec["name"], spec["description"], spec["inputSchema"]["json"]) for spec in specs)


def build_tool_config(tools: Sequence[Tool]) -> dict[str, object]:
    return {"tools": [{"toolSpec": _build_spec(tool)} for tool in tools]}


def _build_spec(tool: Tool) -> dict[str, object]:
    schema = {"json": dict(tool.parameters or {})}
    return {"name": tool.name, "description": tool.description or "", "inputSchema": schema}
