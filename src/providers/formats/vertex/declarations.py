"""Tools of a Gemini row: {"functionDeclarations": [...]}, read into Tool and written from it.

The normal form is one tool with all declarations, each with the keys name, description and parameters. The parameters
stand under parametersJsonSchema where Google's own Schema has no place for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from src.providers.formats.chat.texts import kind_of
from src.providers.formats.findings import Finding, problem
from src.providers.formats.training_example import Tool
from src.providers.formats.vertex.parts import check_function_name
from src.providers.formats.vertex.schemas import check_schema, google_schema, json_schema
from src.providers.formats.vertex.spelling import check_spelt_keys, get, has, place

_LIST = "functionDeclarations"
_JSON_SCHEMA = "parametersJsonSchema"
# google-cloud-aiplatform 2.7.0, Tool.function_declarations, read 2026-11-21.
MOST_DECLARATIONS = 128


def check_tools(tools: object) -> Iterator[Finding]:
    """Objections to the tools of a row."""
    if not isinstance(tools, list):
        yield problem("tools", "tools_not_list", f"must be a list of tools, not {kind_of(tools)}.")
        return
    names: set[str] = set()
    count = 0
    for index, tool in enumerate(tools):
        declarations = get(tool, _LIST) if isinstance(tool, dict) else None
        if not isinstance(tool, dict) or not isinstance(declarations, list) or not declarations:
            yield problem(f"tools[{index}]", "bad_tool", f'must be {{"{_LIST}": [{{"name": ...}}, ...]}}.')
            continue
        yield from check_spelt_keys(tool, (_LIST,), f"tools[{index}]")
        spot = place(tool, _LIST, f"tools[{index}]")
        for number, declaration in enumerate(declarations):
            yield from _check_declaration(declaration, f"{spot}[{number}]", names)
        count += len(declarations)
    if count > MOST_DECLARATIONS:
        text = f"{count} functions; at most {MOST_DECLARATIONS} are taken: leave some out."
        yield problem("tools", "too_many_tools", text)


def _check_declaration(declaration: object, path: str, names: set[str]) -> Iterator[Finding]:
    if not isinstance(declaration, dict):
        yield problem(path, "bad_tool", f'must be {{"name": ..., "parameters": ...}}, not {kind_of(declaration)}.')
        return
    yield from check_spelt_keys(declaration, ("name", "description", "parameters", _JSON_SCHEMA), path)
    name = declaration.get("name")
    yield from check_function_name(name, f"{path}.name")
    if isinstance(name, str) and name in names:
        yield problem(f"{path}.name", "tool_repeated", "a function of this name stands there already.")
    names.add(str(name))
    if not isinstance(declaration.get("description", ""), str):
        yield problem(f"{path}.description", "bad_tool", "the description is a text.")
    if "parameters" in declaration:
        yield from check_schema(declaration["parameters"], f"{path}.parameters")
    if has(declaration, _JSON_SCHEMA):
        yield from _check_json_schema(declaration, place(declaration, _JSON_SCHEMA, path))


def _check_json_schema(declaration: Mapping[str, object], path: str) -> Iterator[Finding]:
    if not isinstance(get(declaration, _JSON_SCHEMA), dict):
        yield problem(path, "bad_schema", "must be a JSON Schema (an object).")
    if "parameters" in declaration:
        yield problem(path, "bad_schema", "stands beside 'parameters'; keep one of the two.")


def read_tools(tools: object) -> tuple[Tool, ...]:
    """The functions of checked tools."""
    lists = (get(tool, _LIST) for tool in cast("list[dict[str, object]]", tools or []))
    return tuple(_read(one) for declarations in lists for one in cast("list[dict[str, Any]]", declarations))


def _read(declaration: Mapping[str, Any]) -> Tool:
    parameters = get(declaration, _JSON_SCHEMA)
    if "parameters" in declaration:
        parameters = json_schema(declaration["parameters"])
    return Tool(declaration["name"], declaration.get("description"), cast("dict[str, object] | None", parameters))


def build_tools(tools: Sequence[Tool]) -> list[dict[str, object]]:
    return [{_LIST: [_build(tool) for tool in tools]}]


def _build(tool: Tool) -> dict[str, object]:
    declaration: dict[str, object] = {"name": tool.name}
    if tool.description is not None:
        declaration["description"] = tool.description
    if tool.parameters is not None:
        schema = google_schema(tool.parameters)
        declaration["parameters" if schema is not None else _JSON_SCHEMA] = (
            dict(tool.parameters) if schema is None else schema
        )
    return declaration
