"""Rewrite a JSON Schema into what each provider accepts. The answer is checked against the original elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

# full: every bound; strict: OpenAI's subset; plain: no bounds at all; anthropic, gemini, gemini_plain: their subsets.
SchemaKind = Literal["full", "strict", "plain", "anthropic", "gemini", "gemini_plain"]

_LENGTHS = {"minLength", "maxLength"}
_ITEMS = {"minItems", "maxItems"}
_NUMBERS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
_BOUNDS = _LENGTHS | _ITEMS | _NUMBERS | {"pattern", "format", "uniqueItems", "minProperties", "maxProperties"}
_IN_WORDS = {
    "minLength": "at least {} characters", "maxLength": "at most {} characters",
    "minItems": "at least {} items", "maxItems": "at most {} items",
    "minimum": "at least {}", "maximum": "at most {}",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Rules:
    """`dropped` keywords are left out; `kept`, where not empty, are the only ones that stay.

    `closed` objects want every property and no other; `capitals` writes types as Gemini does.
    """

    dropped: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    closed: bool = True
    capitals: bool = False


_GEMINI = frozenset({"type", "format", "description", "nullable", "enum", "items", "properties", "required"})
_RULES: Mapping[str, _Rules] = {
    "full": _Rules(),
    # developers.openai.com/api/docs/guides/structured-outputs#supported-schemas (read 2026-11-21): lengths of strings
    # are not in the list.
    "strict": _Rules(frozenset(_LENGTHS | {"uniqueItems", "minProperties", "maxProperties"})),
    "plain": _Rules(frozenset(_BOUNDS)),
    # platform.claude.com/docs/en/build-with-claude/structured-outputs (read 2026-11-21): minItems may be 0 or 1 only.
    "anthropic": _Rules(frozenset(_BOUNDS)),
    # The fields of Schema in google.ai.generativelanguage 0.6.15; anything else is refused as an unknown name.
    "gemini": _Rules(kept=_GEMINI | _ITEMS, closed=False, capitals=True),
    "gemini_plain": _Rules(kept=_GEMINI, closed=False, capitals=True),
}


def rewritten(schema: Mapping[str, Any], kind: SchemaKind) -> dict[str, Any]:
    """The schema as `kind` wants it; bounds that are dropped become words of the description.

    The same object comes back for the same schema: do not change it.
    """
    return _cached(json.dumps(schema, ensure_ascii=False), kind)


def in_words(schema: Mapping[str, Any]) -> str:
    """What is added to a prompt where the host takes no schema."""
    order = "Answer with one JSON object and nothing else. It is an instance of this JSON Schema:"
    return f"\n\n{order}\n{json.dumps(schema, ensure_ascii=False)}"


@lru_cache(maxsize=256)
def _cached(schema: str, kind: SchemaKind) -> dict[str, Any]:
    return _rewrite(json.loads(schema), _RULES[kind])


def _rewrite(schema: dict[str, Any], rules: _Rules) -> dict[str, Any]:
    if rules.capitals:
        schema = _without_unions(schema)
    new = {key: value for key, value in schema.items() if _stays(key, rules)}
    left_out = [_IN_WORDS[key].format(schema[key]) for key in _IN_WORDS if key in schema and key not in new]
    if left_out:
        words = ", ".join(left_out)
        new["description"] = f"{new['description']} ({words})" if new.get("description") else words.capitalize()
    if rules.capitals and isinstance(new.get("type"), str):
        new["type"] = new["type"].upper()
    if rules.closed and isinstance(new.get("properties"), dict):
        new["required"] = list(new["properties"])
        new["additionalProperties"] = False
    return _with_parts_rewritten(new, rules)


def _stays(key: str, rules: _Rules) -> bool:
    return key in rules.kept if rules.kept else key not in rules.dropped


def _with_parts_rewritten(schema: dict[str, Any], rules: _Rules) -> dict[str, Any]:
    """The schema with its inner schemas rewritten. A property may well be called "format": names are not keywords."""
    for key in ("properties", "$defs"):
        if isinstance(schema.get(key), dict):
            schema[key] = {name: _rewrite(part, rules) for name, part in schema[key].items()}
    if isinstance(schema.get("items"), dict):
        schema["items"] = _rewrite(schema["items"], rules)
    for key in ("anyOf", "allOf"):
        if isinstance(schema.get(key), list):
            schema[key] = [_rewrite(part, rules) for part in schema[key]]
    return schema


def _without_unions(schema: dict[str, Any]) -> dict[str, Any]:
    """Gemini knows neither a list of types nor const: null becomes `nullable`, a constant an enum of one.

    Its enums are strings; others are left to the check of the answer.
    """
    schema = dict(schema)
    kinds = schema.get("type")
    if isinstance(kinds, list):
        schema["type"] = next((kind for kind in kinds if kind != "null"), "string")
        schema["nullable"] = "null" in kinds
    if isinstance(schema.get("const"), str):
        schema |= {"type": "string", "enum": [schema["const"]]}
    if not all(isinstance(value, str) for value in schema.get("enum", [])):
        del schema["enum"]
    return schema
