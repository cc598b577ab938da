"""Rules for a JSON Schema: every keyword of Draft 7 holds the kind of value that its own schema asks for.

The keywords are those of the Draft 7 schema (json-schema.org/draft-07/schema, read 2026-11-21), which Mistral holds
parameters to, and $defs, its later name for definitions. Keywords it does not know may hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from src.providers.formats.chat.texts import kind_of, shown
from src.providers.formats.findings import Finding, problem

TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
_TEXTS = ("$id", "$schema", "$ref", "$comment", "title", "description", "format", "contentMediaType")
_SCHEMAS = ("additionalItems", "contains", "additionalProperties", "propertyNames", "if", "then", "else", "not")
_LISTS_OF_SCHEMAS = ("allOf", "anyOf", "oneOf")
_SCHEMAS_BY_NAME = ("properties", "patternProperties", "definitions", "$defs")
_Place = tuple[object, str]


def check_keywords(
    schema: Mapping[str, object], path: str, types: Sequence[str] = TYPES, python_patterns: bool = False
) -> Iterator[Finding]:
    """Objections to the keywords of a schema and of those within it.

    `types` are the names of types; `python_patterns` asks that a pattern can be read by Python, as jsonschema does.
    """
    open_places: list[_Place] = [(schema, path)]
    # A list of what is still to do, since a schema may be nested deeper than Python calls.
    while open_places:
        value, place = open_places.pop()
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from _check_keyword(key, inner, f"{place}.{key}", types, python_patterns)
                open_places += _inner_schemas(key, inner, f"{place}.{key}")
        elif not isinstance(value, bool):
            yield problem(place, "bad_schema", f"must be a schema (an object), not {kind_of(value)}.")


def _inner_schemas(key: str, value: object, place: str) -> list[_Place]:
    if key in _SCHEMAS:
        return [(value, place)]
    if key in _SCHEMAS_BY_NAME and isinstance(value, dict):
        return [(inner, f"{place}.{name}") for name, inner in value.items()]
    if key in _LISTS_OF_SCHEMAS or key == "items":
        listed = value if isinstance(value, list) else []
        single = [(value, place)] if key == "items" and not isinstance(value, list) else []
        return single + [(inner, f"{place}[{index}]") for index, inner in enumerate(listed)]
    if key == "dependencies" and isinstance(value, dict):
        return [(inner, f"{place}.{name}") for name, inner in value.items() if not isinstance(inner, list)]
    return []


def _check_keyword(key: str, value: object, path: str, types: Sequence[str], patterns: bool) -> Iterator[Finding]:
    if key == "type":
        kinds = value if isinstance(value, list) else [value]
        if not kinds or not all(isinstance(kind, str) and kind in types for kind in kinds) or _repeats(kinds):
            yield problem(path, "bad_schema", f"the type is {shown(value)}; use one of {', '.join(types)}.")
        return
    if key == "dependencies" and isinstance(value, dict):
        for name, needed in value.items():
            if isinstance(needed, list) and not _is_names(needed):
                yield problem(f"{path}.{name}", "bad_schema", "must be a list of different names.")
    if key in _WANTED:
        wanted, fits = _WANTED[key]
        if not fits(value):
            yield problem(path, "bad_schema", f"must be {wanted}, not {shown(value)}.")
    if patterns and key in ("pattern", "patternProperties"):
        yield from _check_patterns(value if isinstance(value, dict) else [value], path)


def _check_patterns(patterns: Mapping[str, object] | Sequence[object], path: str) -> Iterator[Finding]:
    for pattern in patterns:
        try:
            re.compile(str(pattern))
        except (re.error, RecursionError, OverflowError) as error:
            text = f"the pattern {shown(pattern)} cannot be read by Python's re, which checks it ({error})."
            yield problem(path, "bad_schema", text)


def _repeats(values: Sequence[object]) -> bool:
    return any(value in values[:index] for index, value in enumerate(values))


def _is_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value) and not _repeats(value)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, (int, float)) and _is_number(value) and value >= 0 and value == value // 1


def _is_divisor(value: object) -> bool:
    return isinstance(value, (int, float)) and _is_number(value) and value > 0


_WANTED: dict[str, tuple[str, Callable[[object], bool]]] = {
    **{key: ("a text", lambda value: isinstance(value, str)) for key in (*_TEXTS, "contentEncoding", "pattern")},
    **{key: ("an object of schemas", lambda value: isinstance(value, dict)) for key in _SCHEMAS_BY_NAME},
    **{
        key: ("a list with at least one schema", lambda value: isinstance(value, list) and bool(value))
        for key in _LISTS_OF_SCHEMAS
    },
    **dict.fromkeys(("maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"), ("a number", _is_number)),
    **{
        f"{end}{what}": ("a whole number from 0 on", _is_count)
        for end in ("min", "max")
        for what in ("Length", "Items", "Properties")
    },
    **{key: ("true or false", lambda value: isinstance(value, bool)) for key in ("readOnly", "uniqueItems")},
    **{key: ("a list", lambda value: isinstance(value, list)) for key in ("examples", "enum")},
    "required": ("a list of different names", _is_names),
    "multipleOf": ("a number above 0", _is_divisor),
    "dependencies": ("an object", lambda value: isinstance(value, dict)),
    "items": ("a schema or a list of schemas", lambda value: value != []),
}
