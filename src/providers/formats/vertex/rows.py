"""Read the contents of a Gemini row into turns, and write them back, in the normal form.

A content has the keys role and parts. Texts that are the only parts of a content are one text; a model's text stands
before its calls, what functions answered in one content of the user's, before the user's text. A file's part has
fileData {mimeType, fileUri} or inlineData {mimeType, data}, a call functionCall {name, args} and an answer
functionResponse {name, response}, each with an id first where the row has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, cast

from src.providers.formats.fitting.arguments import object_of_arguments, written_arguments
from src.providers.formats.training_example import MediaPart, Part, TextPart, ToolCall, Turn
from src.providers.formats.vertex.contents import SYSTEM_KEY
from src.providers.formats.vertex.objects import answer_of, response_of
from src.providers.formats.vertex.parts import BESIDE_MEDIA, kind_of_part
from src.providers.formats.vertex.spelling import get

_Json = dict[str, Any]


def read_system(row: Mapping[str, object]) -> tuple[Turn, ...]:
    system = get(row, SYSTEM_KEY)
    return () if system is None else (Turn("system", text_in(system)),)


def text_in(content: object) -> str:
    """The texts of a content's parts, joined as the model reads them: one after the other."""
    return "".join(part["text"] for part in cast(_Json, content)["parts"])


def read_contents(contents: object) -> tuple[Turn, ...]:
    """The turns of contents that have been checked."""
    return tuple(turn for content in cast("list[_Json]", contents) for turn in _read_content(content))


def _read_content(content: _Json) -> Iterator[Turn]:
    parts = content["parts"]
    if content.get("role") == "model":
        calls = tuple(_read_call(get(part, "functionCall")) for part in parts if kind_of_part(part) == "functionCall")
        texts = [part["text"] for part in parts if "text" in part]
        yield Turn("assistant", "".join(texts) if texts else None, tool_calls=calls)
        return
    yield from (_read_answer(get(part, "functionResponse")) for part in parts if _is_answer(part))
    spoken = [part for part in parts if not _is_answer(part)]
    if spoken:
        yield Turn("user", _read_parts(spoken))


def _is_answer(part: _Json) -> bool:
    return "text" not in part and kind_of_part(part) == "functionResponse"


def _read_parts(parts: Sequence[_Json]) -> str | tuple[Part, ...]:
    if all("text" in part for part in parts):
        return "".join(part["text"] for part in parts)
    return tuple(TextPart(part["text"]) if "text" in part else _read_media(part) for part in parts)


def _read_media(part: _Json) -> MediaPart:
    file = cast("_Json | None", get(part, "fileData"))
    if file is not None:
        return MediaPart(str(get(file, "fileUri")), str(get(file, "mimeType")))
    blob = cast(_Json, get(part, "inlineData"))
    return MediaPart(f"data:{get(blob, 'mimeType')};base64,{blob['data']}")


def read_beside_media(contents: object) -> list[dict[str, object]]:
    """What stands beside each file of a row (the cut of a video, its resolution), in order; [] where nothing does."""
    parts = [part for content in cast("list[_Json]", contents) for part in content["parts"]]
    media = [part for part in parts if kind_of_part(part) in ("fileData", "inlineData")]
    beside = [{key: get(part, key) for key in BESIDE_MEDIA if get(part, key) is not None} for part in media]
    return beside if any(beside) else []


def _read_call(call: Any) -> ToolCall:
    return ToolCall(call.get("id") or "", call["name"], written_arguments(call.get("args") or {}))


def _read_answer(answer: Any) -> Turn:
    content = answer_of(answer["response"])
    return Turn("tool", content, name=answer["name"], tool_call_id=answer.get("id") or "")


def build_system(turns: Iterable[Turn]) -> dict[str, object]:
    """{"systemInstruction": ...} where there is a system turn; Gemini refuses that role among the contents."""
    texts = [turn.text for turn in turns if turn.role == "system"]
    return {SYSTEM_KEY: {"role": "system", "parts": [{"text": texts[0]}]}} if texts else {}


def build_contents(turns: Iterable[Turn], beside_media: Sequence[Mapping[str, object]] = ()) -> list[dict[str, object]]:
    """The contents of all turns but the system's, the answers of tools with the user's turn that follows them."""
    beside = iter(beside_media)
    spoken = (turn for turn in turns if turn.role != "system")
    contents: list[dict[str, object]] = []
    for is_model, group in groupby(spoken, key=lambda turn: turn.role == "assistant"):
        for same in _contents_of(list(group), is_model):
            parts = [part for turn in same for part in _build_parts(turn, beside)]
            contents.append({"role": "model" if is_model else "user", "parts": parts})
    return contents


def _contents_of(turns: Sequence[Turn], is_model: bool) -> Iterator[Sequence[Turn]]:
    """The turns that go into one content each: answers of tools in a row, with a user's turn at their end."""
    same: list[Turn] = []
    for turn in turns:
        if is_model or (same and same[-1].role != "tool"):
            yield from [same] if same else []
            same = []
        same.append(turn)
    yield same


def _build_parts(turn: Turn, beside: Iterator[Mapping[str, object]]) -> Iterator[dict[str, object]]:
    if turn.role == "tool":
        response = {"name": turn.name, "response": response_of(turn.text)}
        yield {"functionResponse": {"id": turn.tool_call_id, **response} if turn.tool_call_id else response}
        return
    if isinstance(turn.content, str) and (turn.content or not turn.tool_calls):
        yield {"text": turn.content}
    for part in turn.content if isinstance(turn.content, tuple) else ():
        yield {"text": part.text} if isinstance(part, TextPart) else {**_build_media(part), **next(beside, {})}
    for call in turn.tool_calls:
        body = {"name": call.name, "args": object_of_arguments(call.arguments)}
        yield {"functionCall": {"id": call.id, **body} if call.id else body}


def _build_media(part: MediaPart) -> dict[str, object]:
    head, _, data = part.uri.partition(";base64,")
    if head.startswith("data:") and data:
        return {"inlineData": {"mimeType": head.removeprefix("data:"), "data": data}}
    return {"fileData": {"mimeType": part.mime_type, "fileUri": part.uri}}
