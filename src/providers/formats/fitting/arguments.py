"""The arguments of a tool call as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping


def canonical_arguments(arguments: str) -> str | None:
    """The arguments as formats without a text of their own give them back; None when they are no JSON object."""
    try:
        value = json.loads(arguments)
        return written_arguments(value) if isinstance(value, dict) else None
    except (ValueError, RecursionError):
        return None


def written_arguments(arguments: Mapping[str, object]) -> str:
    """The text of arguments that stand in a row as an object. Raises ValueError for numbers JSON does not have."""
    return json.dumps(arguments, ensure_ascii=False, allow_nan=False)


def object_of_arguments(arguments: str) -> dict[str, object]:
    """The object that canonical arguments are the text of."""
    value = json.loads(arguments)
    assert isinstance(value, dict)
    return value
