"""AWS's nova_ft_dataset_validator.py for Nova Lite and Pro, restated: it knows texts, pictures and videos, no tools.

Read 2026-11-21 in aws-samples/amazon-bedrock-samples, custom-models/bedrock-fine-tuning/nova.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from protocol import answer, by_row, count_lines

FORMATS = {"image": ("jpeg", "png", "gif", "webp"), "video": ("mov", "mkv", "mp4", "webm")}
LEAST, MOST, MOST_IMAGES = 8, 20_000, 10


def check_size(path: Path, form: str) -> Iterator[str]:
    lines = count_lines(path)
    if not LEAST <= lines <= MOST:
        yield f"{lines} samples, not {LEAST} to {MOST}"


def check_row(row: Any, form: str) -> Iterator[str]:
    if not isinstance(row, dict):
        yield "not an object"
        return
    if not isinstance(row.get("schemaVersion", ""), str):
        yield "schemaVersion is not a string"
    system = row.get("system") or []
    if not isinstance(system, list) or not all(is_text(item) for item in system):
        yield "system is not a list of texts"
    messages = row.get("messages")
    if not isinstance(messages, list) or len(messages) < 2:
        yield "messages is not a list of two or more"
        return
    for index, message in enumerate(messages):
        wanted = ("user", "assistant")[index % 2]
        role = message.get("role") if isinstance(message, dict) else None
        if role != wanted:
            yield f"expected {wanted} role but found {role}"
        else:
            yield from check_content(message.get("content"), role)
    if len(messages) % 2:
        yield "last turn should have assistant role"


def check_content(content: Any, role: str) -> Iterator[str]:
    if not isinstance(content, list) or not content or not all(isinstance(item, dict) for item in content):
        yield "content is not a list of items"
        return
    texts = [item["text"] for item in content if item.get("text") is not None]
    media = [(kind, item[kind]) for item in content for kind in FORMATS if item.get(kind) is not None]
    if any(not any(item.get(key) is not None for key in ("text", *FORMATS)) for item in content):
        yield "item without text, image or video"
    if not all(isinstance(text, str) for text in texts):
        yield "text is not a string"
    elif texts and not media and not "".join(texts):
        yield "empty text content"
    if media and role == "assistant":
        yield "image/video cannot be included when role is assistant"
    if sum(kind == "image" for kind, _ in media) > MOST_IMAGES:
        yield f"number of images exceeds {MOST_IMAGES}"
    for kind, item in media:
        yield from check_media(kind, item)


def check_media(kind: str, item: Any) -> Iterator[str]:
    if not isinstance(item, dict) or str(item.get("format")).lower() not in FORMATS[kind]:
        yield f"invalid {kind} format"
        return
    source = item.get("source")
    place = source.get("s3Location") if isinstance(source, dict) else None
    uri = place.get("uri") if isinstance(place, dict) else None
    if not isinstance(uri, str) or not uri.startswith("s3://"):
        yield "S3 URI must start with s3://"
    elif not re.match(r"^[\w\-/\.]+$", uri.replace("s3://", "")):
        yield "invalid characters in uri"


def is_text(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("text"), str)


answer(by_row(check_row), check_size)
