from __future__ import annotations

from typing import Any

import pytest

from src.providers.formats.vertex.schemas import check_schema, google_schema, json_schema
from tests.providers.conversations import rules

GOOGLE: dict[str, Any] = {
    "type": "OBJECT",
    "properties": {
        "type": {"type": "STRING", "enum": ["OBJECT"], "nullable": True},
        "many": {"type": "ARRAY", "items": {"anyOf": [{"type": "INTEGER", "minimum": 1}, {"type": "NULL"}]}},
    },
    "required": ["type"],
    "propertyOrdering": ["type", "many"],
}
JSON: dict[str, Any] = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "enum": ["OBJECT"], "nullable": True},
        "many": {"type": "array", "items": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]}},
    },
    "required": ["type"],
    "propertyOrdering": ["type", "many"],
}


def test_types_change_their_case_and_nothing_else_does() -> None:
    assert json_schema(GOOGLE) == JSON
    assert google_schema(JSON) == GOOGLE
    assert rules(list(check_schema(GOOGLE, "p"))) == set()


def test_both_spellings_of_a_keyword_are_read() -> None:
    snake = {"type": "OBJECT", "any_of": [{"type": "STRING", "min_length": "1"}], "max_properties": 3}
    assert rules(list(check_schema(snake, "p"))) == set()
    camel = {"type": "object", "anyOf": [{"type": "string", "minLength": "1"}], "maxProperties": 3}
    assert json_schema(snake) == camel


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["string", "null"]},
        {"type": "object", "properties": {"a": {"const": 1}}},
        {"type": "object", "$defs": {}},
        {"type": "integer", "enum": [1, 2]},
        {"type": "number", "exclusiveMinimum": 0},
        {"oneOf": [{"type": "string"}]},
        {"type": "object", "any_of": [{"title": "x"}]},
        {"type": "STRING"},
    ],
)
def test_what_googles_schema_has_no_place_for_is_not_written_as_one(schema: dict[str, Any]) -> None:
    assert google_schema(schema) is None


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("x", "p"),
        ({"type": "object"}, "p.type"),
        ({"type": ["STRING"]}, "p.type"),
        ({"type": "OBJECT", "properties": []}, "p.properties"),
        ({"properties": {"a": {"type": "text"}}}, "p.properties.a.type"),
        ({"items": {"enum": [1]}}, "p.items.enum"),
        ({"items": []}, "p.items"),
        ({"anyOf": ["x"]}, "p.anyOf[0]"),
        ({"required": "a"}, "p.required"),
        ({"minLength": True}, "p.minLength"),
        ({"min_items": "a"}, "p.min_items"),
        ({"maximum": "1"}, "p.maximum"),
        ({"nullable": 1}, "p.nullable"),
        ({"description": None}, "p.description"),
    ],
)
def test_a_keyword_of_the_wrong_kind_is_named_with_its_place(schema: object, path: str) -> None:
    assert rules(list(check_schema(schema, "p"))) == {(path, "bad_schema")}


def test_a_keyword_that_google_does_not_have_is_unknown() -> None:
    found = rules(list(check_schema({"type": "OBJECT", "properties": {"a": {"$ref": "x"}}}, "p")))
    assert found == {("p.properties.a.$ref", "unknown_key")}


def test_a_schema_nested_without_end_is_refused_not_followed() -> None:
    schema: dict[str, Any] = {"type": "STRING"}
    for _ in range(5000):
        schema = {"items": schema}
    assert {rule for _, rule in rules(list(check_schema(schema, "p")))} == {"bad_schema"}
