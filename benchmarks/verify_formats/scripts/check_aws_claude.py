"""AWS's data_validation.py for Claude 3 Haiku, restated, and the cookbook's rule that there are no further keys.

Read 2026-11-21 in aws-samples/amazon-bedrock-samples, custom-models/bedrock-fine-tuning/claude-haiku. The script
itself falls over a line without messages and over a system of null; here they are objections like the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from protocol import answer, by_row, count_lines

RESERVED = ("\nHuman:", "\nAssistant:")
LEAST, MOST, MOST_TOKENS, LETTERS_A_TOKEN = 32, 10_000, 32_000, 3


def check_size(path: Path, form: str) -> Iterator[str]:
    lines = count_lines(path)
    if not LEAST <= lines <= MOST:
        yield f"file has {lines} lines, not {LEAST} to {MOST}"


def check_row(row: Any, form: str) -> Iterator[str]:
    if not isinstance(row, dict):
        yield "not an object"
        return
    if unknown := set(row) - {"system", "messages"}:
        yield f"extra keys {sorted(unknown)}"
    if "system" in row and not isinstance(row["system"], str):
        yield "system is not a string"
        return
    messages = row.get("messages")
    if not isinstance(messages, list) or len(messages) < 2:
        yield "messages is not a list of two or more"
        return
    shapes = [error for message in messages for error in check_shape(message)]
    yield from shapes
    if not shapes:
        yield from check_order([message["role"] for message in messages])
        yield from check_texts([row.get("system") or "", *(message["content"] for message in messages)])


def check_shape(message: Any) -> Iterator[str]:
    if not isinstance(message, dict):
        yield "message is not an object"
        return
    if unknown := set(message) - {"role", "content"}:
        yield f"extra keys in a message {sorted(unknown)}"
    if message.get("role") not in ("user", "assistant"):
        yield f"role {message.get('role')!r} is not user or assistant"
    if not isinstance(message.get("content"), str):
        yield "content is not a string"


def check_order(roles: list[str]) -> Iterator[str]:
    if roles[0] != "user" or roles[-1] != "assistant":
        yield "messages must start with user and end with assistant"
    if any(one == two for one, two in pairwise(roles)):
        yield "messages must alternate"


def check_texts(texts: list[str]) -> Iterator[str]:
    for word in RESERVED:
        if any(word in text for text in texts):
            yield f"reserved keyword {word!r}"
    if any(not text.strip() for text in texts[1:]):
        yield "empty content"
    tokens = sum(len(text) // LETTERS_A_TOKEN for text in texts)
    if tokens > MOST_TOKENS:
        yield f"{tokens} tokens (a third of the letters), more than {MOST_TOKENS}"


answer(by_row(check_row), check_size)
