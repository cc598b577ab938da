"""AWS's dataset_validation.py for Llama 3.1 to 3.3 on Bedrock, restated: two JSON Schemas and the rules beside.

Read 2026-11-21 in aws-samples/amazon-bedrock-samples, custom-models/bedrock-fine-tuning/meta-llama.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from protocol import answer, by_row, count_lines

MOST = 10_000
VERSION = "bedrock-conversation-2024"


def check_size(path: Path, form: str) -> Iterator[str]:
    if (lines := count_lines(path)) > MOST:
        yield f"{lines} records, more than {MOST}"


def check_row(row: Any, form: str) -> Iterator[str]:
    if not isinstance(row, dict):
        yield "not an object"
    elif form == "bedrock-completion":
        for key in ("prompt", "completion"):
            if not isinstance(row.get(key), str):
                yield f"{key} is not a string"
    else:
        yield from check_conversation(row)


def check_conversation(row: dict[str, Any]) -> Iterator[str]:
    if row.get("schemaVersion", VERSION) != VERSION:
        yield f"schemaVersion is not {VERSION}"
    system = row.get("system", [{"text": ""}])
    if not isinstance(system, list) or len(system) != 1 or not has_text(system[0]):
        yield "system is not a list with one text"
    messages = row.get("messages")
    if not isinstance(messages, list) or len(messages) < 2:
        yield "messages is not a list of two or more"
        return
    for message in messages:
        content = message.get("content") if isinstance(message, dict) else None
        if not isinstance(message, dict) or message.get("role") not in ("user", "assistant"):
            yield "role is not user or assistant"
        elif not isinstance(content, list) or not content or not all(isinstance(item, dict) for item in content):
            yield "content is not a list of items"
        else:
            yield from check_items(content, message["role"])


def check_items(content: list[dict[str, Any]], role: str) -> Iterator[str]:
    for item in content:
        if "text" in item and not has_text(item):
            yield "text is not a string"
        if "image" in item and role == "assistant":
            yield "a message of the assistant should not contain images"
        for kind in ("image", "video"):
            if kind in item:
                yield from check_media(kind, item[kind])


def check_media(kind: str, media: Any) -> Iterator[str]:
    source = media.get("source") if isinstance(media, dict) else None
    place = source.get("s3Location") if isinstance(source, dict) else None
    uri = place.get("uri") if isinstance(place, dict) else None
    if not isinstance(media, dict) or not isinstance(media.get("format"), str):
        yield f"{kind} without format"
    if not isinstance(uri, str) or not uri.startswith("s3://"):
        yield f"{kind} whose uri does not start with s3://"
    if isinstance(place, dict) and not isinstance(place.get("bucketOwner", ""), str):
        yield "bucketOwner is not a string"


def has_text(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("text"), str)


answer(by_row(check_row), check_size)
