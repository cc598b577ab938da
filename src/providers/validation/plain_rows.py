"""The quick way for rows that hold nothing but texts: is such a row without any fault, and what are its messages?

Most rows of most files are of this kind. What is not plainly in order is left to the format's own check(), so that the
two can never disagree (a property test holds them together).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Literal

from src.providers.validation.json_lines import MAX_LINE_BYTES, keys_written
from src.records import Message

PlainReader = Callable[[bytes], "list[Message] | None"]


def _messages(raw: bytes) -> list[Message] | None:
    """{"messages": [{"role", "content"}, ...]}: a system message or none, then question and answer in turn."""
    row = _decode(_messages_row, raw)
    if row is None or keys_written(raw) != 1 + 2 * len(row.messages):
        return None
    messages: list[Message] = row.messages
    turns = messages[1:] if messages and messages[0].role == "system" else messages
    return messages if _in_turn(turns) and _all_say_something(messages) else None


def _bedrock(raw: bytes) -> list[Message] | None:
    """The same with the system text beside the messages."""
    row = _decode(_bedrock_row, raw)
    if row is None or keys_written(raw) != 1 + bool(row.system) + 2 * len(row.messages):
        return None
    system = [Message("system", row.system)] if row.system else []
    messages = [*system, *row.messages]
    # The words that Bedrock refuses ("\nHuman:") are looked for by the format itself.
    if any("Human:" in message.content or "Assistant:" in message.content for message in messages):
        return None
    return messages if _in_turn(row.messages) and _all_say_something(messages) else None


def _vertex(raw: bytes) -> list[Message] | None:
    """{"systemInstruction"?, "contents": [{"role", "parts": [{"text"}]}, ...]}."""
    row = _decode(_vertex_row, raw)
    if row is None:
        return None
    messages, keys = [], 1
    if row.systemInstruction is not None:
        messages.append(Message("system", row.systemInstruction.parts[0].text))
        keys += 3 + bool(row.systemInstruction.role)
    messages += [
        Message("user" if content.role == "user" else "assistant", content.parts[0].text) for content in row.contents
    ]
    keys += 3 * len(row.contents)
    turns = messages[1:] if row.systemInstruction is not None else messages
    if keys_written(raw) != keys or not _in_turn(turns) or not _all_say_something(messages):
        return None
    return messages


PLAIN_READERS: Mapping[str, PlainReader] = {
    "openai-chat": _messages,
    "mistral-chat": _messages,
    "messages": _messages,
    "bedrock-claude": _bedrock,
    "vertex-chat": _vertex,
}


def _in_turn(turns: Sequence[Message]) -> bool:
    pairs, rest = divmod(len(turns), 2)
    return bool(pairs) and not rest and [turn.role for turn in turns] == ["user", "assistant"] * pairs


def _all_say_something(messages: Sequence[Message]) -> bool:
    return all(message.content.strip() for message in messages)


def _decode(shape: Callable[[], Callable[[bytes], Any]], raw: bytes) -> Any:
    """The row in that shape, None where it is of another. A key that stands twice is not seen here."""
    from msgspec import DecodeError

    if len(raw) > MAX_LINE_BYTES:
        return None
    try:
        return shape()(raw)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return None


@cache
def _messages_row() -> Callable[[bytes], Any]:
    return _decoder([("messages", list[Message])])


@cache
def _bedrock_row() -> Callable[[bytes], Any]:
    return _decoder([("messages", list[Message]), ("system", str, "")])


@cache
def _vertex_row() -> Callable[[bytes], Any]:
    from msgspec import defstruct

    one = _one_part()
    content = defstruct("Content", [("role", Literal["user", "model"]), ("parts", one)], forbid_unknown_fields=True)
    system = defstruct("System", [("parts", one), ("role", str, "")], forbid_unknown_fields=True)
    return _decoder([("contents", list[content]), ("systemInstruction", system | None, None)])  # type: ignore[valid-type]


def _one_part() -> Any:
    """A list of exactly one {"text": ...}."""
    from typing import Annotated

    from msgspec import Meta, defstruct

    part = defstruct("Part", [("text", str)], forbid_unknown_fields=True)
    return Annotated[list[part], Meta(min_length=1, max_length=1)]  # type: ignore[valid-type]


def _decoder(fields: Sequence[Any]) -> Callable[[bytes], Any]:
    from msgspec import defstruct
    from msgspec.json import Decoder

    decode: Callable[[bytes], Any] = Decoder(defstruct("Row", fields, forbid_unknown_fields=True)).decode
    return decode
