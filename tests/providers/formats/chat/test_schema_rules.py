from __future__ import annotations

from collections.abc import Mapping

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.providers.formats.chat.schema_rules import check_keywords

_PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(["string", "object", "strin", "[", "a+", ""]),
    st.sampled_from([-1, 0, 2, 2.0, 2.5]),
    st.lists(st.sampled_from(["a", "b", "string", 3]), max_size=3),
)
_KEYS = [
    *("type", "title", "$ref", "$comment", "format", "pattern", "enum", "examples", "required", "minimum"),
    *("multipleOf", "exclusiveMaximum", "minLength", "maxItems", "minProperties", "uniqueItems", "readOnly", "default"),
    *("const", "items", "additionalItems", "contains", "additionalProperties", "propertyNames", "not", "if", "then"),
    *("allOf", "anyOf", "properties", "patternProperties", "definitions", "dependencies", "unheardOf"),
]


def _nested(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    schemas = st.dictionaries(st.sampled_from(_KEYS), values, max_size=3)
    return st.one_of(schemas, st.lists(schemas, max_size=2), st.dictionaries(st.sampled_from(["a", "["]), schemas))


SCHEMAS = st.dictionaries(st.sampled_from(_KEYS), st.recursive(_PLAIN, _nested, max_leaves=6), max_size=4)


@settings(max_examples=400, deadline=None)
@given(SCHEMAS)
def test_a_schema_is_refused_exactly_where_draft_7_refuses_it(schema: Mapping[str, object]) -> None:
    try:
        jsonschema.Draft7Validator.check_schema(schema)
        good = True
    except jsonschema.SchemaError:
        good = False
    assert (list(check_keywords(schema, "parameters", python_patterns=True)) == []) == good


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"type": "text"}, "p.type"),
        ({"type": []}, "p.type"),
        ({"properties": {"a": {"type": "strin"}}}, "p.properties.a.type"),
        ({"properties": {"a": 5}}, "p.properties.a"),
        ({"properties": []}, "p.properties"),
        ({"items": {"items": {"minimum": "1"}}}, "p.items.items.minimum"),
        ({"anyOf": [{}, {"required": "a"}]}, "p.anyOf[1].required"),
        ({"required": ["a", "a"]}, "p.required"),
        ({"minLength": -1}, "p.minLength"),
        ({"$defs": {"a": {"enum": "x"}}}, "p.$defs.a.enum"),
    ],
)
def test_a_fault_is_named_with_its_place(schema: Mapping[str, object], path: str) -> None:
    assert path in {finding.path for finding in check_keywords(schema, "p")}


def test_patterns_of_other_languages_are_refused_only_where_python_reads_them() -> None:
    schema = {"properties": {"a": {"pattern": r"\p{L}+"}}}
    assert list(check_keywords(schema, "p")) == []
    assert [f.path for f in check_keywords(schema, "p", python_patterns=True)] == ["p.properties.a.pattern"]


def test_type_names_may_be_those_of_another_provider() -> None:
    assert list(check_keywords({"type": "OBJECT"}, "p", types=("OBJECT",))) == []


def test_a_schema_nested_very_deeply_is_still_judged() -> None:
    schema: dict[str, object] = {"type": "nothing"}
    for _ in range(5_000):
        schema = {"items": schema}
    assert len(list(check_keywords(schema, "p"))) == 1
