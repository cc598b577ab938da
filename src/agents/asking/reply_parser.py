"""Read an LLM's JSON answer and check it against what was asked for. Nothing is repaired."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from src.errors import MalformedAnswerError

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


def parse_object(text: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object in `text`, checked against `schema`.

    A code fence around the whole answer is taken off, since many models add one; nothing else is changed.
    Raises MalformedAnswerError with a complaint the model can be shown.
    """
    stripped = text.strip()
    if stripped.startswith("```") and stripped.endswith("```") and "\n" in stripped:
        stripped = stripped[stripped.index("\n") : -3].strip()
    try:
        value = json.loads(stripped)
    except (ValueError, RecursionError) as error:
        raise MalformedAnswerError(f"The answer is not valid JSON: {error}.") from error
    complaint = _complaint(value, schema, "answer")
    if complaint:
        raise MalformedAnswerError(f"{complaint}.")
    assert isinstance(value, dict)
    return value


def _complaint(value: object, schema: Mapping[str, Any], where: str) -> str:
    """What is wrong with `value`, "" when it fits. Knows the part of JSON Schema that our agents use."""
    kind = schema.get("type")
    if kind == "object":
        return _object_complaint(value, schema, where)
    if kind == "array":
        return _array_complaint(value, schema, where)
    if kind == "string":
        return _string_complaint(value, schema, where)
    if kind == "integer" and (not isinstance(value, int) or isinstance(value, bool)):
        return f"{where} must be a whole number"
    return ""


def _object_complaint(value: object, schema: Mapping[str, Any], where: str) -> str:
    if not isinstance(value, dict):
        return f"{where} must be a JSON object"
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            return f"{where} lacks the key '{name}'"
    for name in value:
        if name not in properties:
            return f"{where} has the unknown key '{name[:40]}'"
    return next(filter(None, (_complaint(value[n], properties[n], f"{where}.{n}") for n in value)), "")


def _array_complaint(value: object, schema: Mapping[str, Any], where: str) -> str:
    if not isinstance(value, list):
        return f"{where} must be a list"
    if len(value) < schema.get("minItems", 0):
        return f"{where} needs at least {schema['minItems']} item(s)"
    if len(value) > schema.get("maxItems", len(value)):
        return f"{where} may have at most {schema['maxItems']} items"
    items = schema.get("items", {})
    return next(filter(None, (_complaint(item, items, f"{where}[{i}]") for i, item in enumerate(value))), "")


def _string_complaint(value: object, schema: Mapping[str, Any], where: str) -> str:
    if not isinstance(value, str):
        return f"{where} must be a string"
    if not value.isascii() and _HALF_CHARACTER.search(value):
        return f"{where} has a character that is no text"  # half of a surrogate pair: no file or database takes it
    if len(value.strip()) < schema.get("minLength", 0):
        return f"{where} is too short"
    if len(value) > schema.get("maxLength", len(value)):
        return f"{where} is longer than {schema['maxLength']} characters"
    if "enum" in schema and value not in schema["enum"]:
        return f"{where} must be one of {', '.join(schema['enum'])}"
    return ""
