"""Know where the strings of a JSON text are, so that what is put in keeps it JSON."""

from __future__ import annotations

import json
import re

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.S)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def json_strings(text: str) -> list[tuple[int, int]] | None:
    """Where the strings of a JSON or JSON Lines text stand, quotes left out; None when the text is neither."""
    if text.lstrip()[:1] not in ("{", "[") or not _is_json(text):
        return None
    return [(found.start() + 1, found.end() - 1) for found in _STRING.finditer(text)]


def widened_to_number(text: str, start: int, end: int, strings: list[tuple[int, int]]) -> tuple[int, int]:
    """The whole number when the place lies in one outside of strings, else the place itself."""
    if any(left <= start and end <= right for left, right in strings):
        return start, end
    for number in _NUMBER.finditer(text, max(0, start - 40), min(len(text), end + 40)):
        if number.start() <= start and end <= number.end():
            return number.span()
    return start, end


def _is_json(text: str) -> bool:
    return _reads(text) or all(_reads(line) for line in text.split("\n") if line.strip())


def _reads(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
