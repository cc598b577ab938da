"""JSON objects where other formats hold the text of one: a call's arguments, the answer of a function.

The text of an object is always json.dumps(value, ensure_ascii=False), so that text and object stand for each other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NoReturn

# Google's FunctionResponse: 'Use "output" key to specify function output'; its page on tuning does so too.
OUTPUT = "output"


def text_of(value: Mapping[str, object]) -> str:
    """The text an object is read as."""
    return json.dumps(value, ensure_ascii=False)


def object_of(text: str) -> dict[str, object] | None:
    """The object a text is of; None where it is of none, or of one that cannot be written again as it was meant."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text, object_pairs_hook=_each_once, parse_constant=_refuse_constant)
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        # No JSON, a key that stands twice, a number too large for JSON, half of a surrogate pair.
        return None
    return value if isinstance(value, dict) else None


def response_of(text: str) -> dict[str, object]:
    """The response of a function that answered with a text: the object the text is of, or {"output": text}."""
    value = object_of(text)
    if value is not None and text_of(value) == text and answer_of(value) == text:
        return value
    return {OUTPUT: text}


def answer_of(response: Mapping[str, object]) -> str:
    """The text in a response: the one beside "output", or the text of the whole object. Undoes `response_of`."""
    text = response.get(OUTPUT)
    # An output that would be written as the object it is the text of must not be taken out of its wrapping.
    if len(response) == 1 and isinstance(text, str) and response_of(text) == response:
        return text
    return text_of(response)


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a key stands twice")
    return value


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")
