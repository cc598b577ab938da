"""Schemas of functions: Google writes OBJECT and STRING where JSON Schema writes object and string.

Google's Schema has fewer keywords than JSON Schema and no list of types, so a schema that needs more is written under
parametersJsonSchema, which takes any (FunctionDeclaration, google-cloud-aiplatform 2.7.0, read 2026-11-21).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from src.providers.formats.chat.texts import kind_of, shown
from src.providers.formats.findings import Finding, problem
from src.providers.formats.vertex.spelling import camel, check_spelt_keys

_TYPES = ("STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL")
_BY_NAME = ("properties", "defs")
# Deeper ones are refused here rather than when they are converted, one Python call a level.
_DEEPEST = 100
_COUNTS = ("minItems", "maxItems", "minProperties", "maxProperties", "minLength", "maxLength")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_count(value: object) -> bool:
    # The JSON of a proto may write a 64-bit number as a text.
    if isinstance(value, str):
        return value.isascii() and value.isdigit()
    return isinstance(value, int) and not isinstance(value, bool)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


_WANTED: dict[str, tuple[str, Callable[[object], bool]]] = {
    **dict.fromkeys(("format", "title", "description", "pattern", "ref"), ("a text", _is_text)),
    **dict.fromkeys(("enum", "required", "propertyOrdering"), ("a list of texts", _are_texts)),
    **dict.fromkeys(_COUNTS, ("a whole number", _is_count)),
    **dict.fromkeys(("minimum", "maximum"), ("a number", _is_number)),
    **{key: ("an object of schemas", lambda value: isinstance(value, dict)) for key in _BY_NAME},
    "type": (f"one of {', '.join(_TYPES)}", lambda value: isinstance(value, str) and value in _TYPES),
    "nullable": ("true or false", lambda value: isinstance(value, bool)),
    "anyOf": ("a list of schemas", lambda value: isinstance(value, list)),
    "items": ("a schema", lambda value: isinstance(value, dict)),
    "default": ("", lambda value: True),
    "example": ("", lambda value: True),
    "additionalProperties": ("", lambda value: True),
}
KEYS = tuple(_WANTED)


def check_schema(schema: object, path: str) -> Iterator[Finding]:
    """Objections to the parameters of a function in Google's Schema."""
    open_places = [(schema, path, 0)]
    # A list of what is still to do, since a schema may be nested deeper than Python calls.
    while open_places:
        value, place, depth = open_places.pop()
        if not isinstance(value, dict) or depth > _DEEPEST:
            text = f"not {kind_of(value)}" if not isinstance(value, dict) else f"at most {_DEEPEST} in each other"
            yield problem(place, "bad_schema", f"must be a schema (an object), {text}.")
            continue
        yield from check_spelt_keys(value, KEYS, place)
        for key, inner in value.items():
            yield from _check_keyword(camel(key), inner, f"{place}.{key}")
            open_places += [(one, f"{place}.{key}{step}", depth + 1) for step, one in _inner(camel(key), inner)]


def _check_keyword(key: str, value: object, path: str) -> Iterator[Finding]:
    wanted, fits = _WANTED.get(key, ("", lambda _: True))
    if fits(value):
        return
    known = isinstance(value, str) and value.upper() in _TYPES
    hint = f"; write {value.upper()!r}" if key == "type" and isinstance(value, str) and known else ""
    yield problem(path, "bad_schema", f"must be {wanted}, not {shown(value)}{hint}.")


def _inner(key: str, value: object) -> list[tuple[str, object]]:
    """The schemas under a keyword, each with its way from there."""
    if key in _BY_NAME and isinstance(value, dict):
        return [(f".{name}", inner) for name, inner in value.items()]
    if key == "anyOf" and isinstance(value, list):
        return [(f"[{index}]", inner) for index, inner in enumerate(value)]
    return [("", value)] if key == "items" and isinstance(value, dict) else []


def json_schema(schema: Mapping[str, Any]) -> dict[str, object]:
    """Google's schema as a JSON Schema: types in lower case, keys in camelCase."""
    return {camel(key): _mapped(camel(key), value, json_schema, str.lower) for key, value in schema.items()}


def google_schema(schema: Mapping[str, Any]) -> dict[str, object] | None:
    """A JSON Schema as Google's; None where Google's has no place for something in it."""
    try:
        written = _upper(schema)
        if any(True for _ in check_schema(written, "")) or json_schema(written) != schema:
            return None
    except RecursionError:
        return None
    return written


def _upper(schema: Mapping[str, Any]) -> dict[str, object]:
    return {key: _mapped(key, value, _upper, str.upper) for key, value in schema.items()}


def _mapped(
    key: str, value: Any, inner: Callable[[Mapping[str, Any]], dict[str, object]], case: Callable[[str], str]
) -> object:
    """The value of a keyword, the schemas in it changed by `inner` and a type by `case`."""
    if key == "type" and isinstance(value, str):
        return case(value)
    if key in _BY_NAME and isinstance(value, dict):
        return {name: inner(one) if isinstance(one, dict) else one for name, one in value.items()}
    if key == "anyOf" and isinstance(value, list):
        return [inner(one) if isinstance(one, dict) else one for one in value]
    return inner(value) if key == "items" and isinstance(value, dict) else value
