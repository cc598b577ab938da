"""A sample's messages and origin as JSON text in the database, and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from src.records import Message, Method, Origin, Span

_METHOD_OF_MODE: Mapping[str, Method] = {"identify": "identified", "free": "free"}


def messages_to_json(messages: Sequence[Message]) -> str:
    """[{"role", "content"}] without spaces, as json.dumps with ensure_ascii=False writes it.

    Raises UnicodeEncodeError for text that is no Unicode.
    """
    return _encode()(messages).decode()


def messages_from_json(text: str) -> tuple[Message, ...]:
    """Raises ValueError or TypeError when the text is something else."""
    from msgspec import MsgspecError

    try:
        return _decode_messages()(text)
    except MsgspecError as error:
        raise ValueError(str(error)) from error


def origin_to_json(origin: Origin, keywords: Sequence[str] | None) -> str:
    """All of the origin; `keywords` are those that the column cannot give back, None when it can."""
    values: dict[str, object] = {
        "source_file": origin.source_file,
        "method": origin.method,
        "document_id": origin.document_id,
        "place": origin.place,
        "span": [origin.span.start, origin.span.end] if origin.span else None,
        "turn_spans": [[[piece.start, piece.end] for piece in turn] for turn in origin.turn_spans],
        "chunk_id": origin.chunk_id,
        "prompt_id": origin.prompt_id,
        "model": origin.model,
        "call_id": origin.call_id,
    }
    if origin.edited_from:
        values["edited_from"] = origin.edited_from
    if keywords is not None:
        values["keywords"] = keywords
    try:
        return _encode()(values).decode()
    except UnicodeEncodeError:
        return json.dumps(values)  # a file name that is no Unicode: its bytes live on in escapes


def origin_from_json(text: str, source_file: str, mode: str) -> tuple[Origin, list[str] | None]:
    """The origin, and the keywords where they stand beside it.

    Without text (rows of the first version) it is made of the source file and the dataset's mode. Raises
    ValueError, KeyError or TypeError when the text is something else.
    """
    if not text:
        return Origin(source_file, _METHOD_OF_MODE.get(mode, "created"), document_id="", place=""), None
    values = _loaded(text)
    keywords = values.pop("keywords", None)
    span, turns = values.pop("span"), values.pop("turn_spans")
    origin = Origin(
        **values,
        span=Span(*span) if span else None,
        turn_spans=tuple(tuple(Span(*piece) for piece in turn) for turn in turns),
    )
    return origin, keywords


def _loaded(text: str) -> dict[str, Any]:
    from msgspec import MsgspecError

    try:
        return _decode_object()(text)
    except MsgspecError:
        return dict(json.loads(text))  # escapes that are no Unicode


# msgspec is imported once, when the first row is made.
@cache
def _encode() -> Callable[[object], bytes]:
    from msgspec.json import Encoder

    return Encoder().encode


@cache
def _decode_messages() -> Callable[[str], tuple[Message, ...]]:
    from msgspec.json import Decoder

    return Decoder(tuple[Message, ...]).decode


@cache
def _decode_object() -> Callable[[str], dict[str, Any]]:
    from msgspec.json import Decoder

    return Decoder(dict[str, Any]).decode
