"""What OpenAI asks of the parameters of a function that is marked strict.

Every object in them lists all of its properties as required and forbids others: openai 3.52.0, lib/_pydantic.py, read
2026-11-21. What happens to a training file that breaks this is not published, so it is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from src.providers.formats.findings import Finding, problem


def check_strict_tools(tools: object, path: str = "tools") -> Iterator[Finding]:
    """Warnings for the strict ones among tools of any shape."""
    for index, tool in enumerate(tools if isinstance(tools, list) else ()):
        function = tool.get("function") if isinstance(tool, dict) else None
        if isinstance(function, dict) and function.get("strict") is True:
            yield from _check_objects(function.get("parameters"), f"{path}[{index}].function.parameters")


def _check_objects(schema: object, path: str) -> Iterator[Finding]:
    open_places = [(schema, path)]
    while open_places:
        value, place = open_places.pop()
        if not isinstance(value, dict):
            continue
        yield from _check_object(value, place)
        for name in ("properties", "$defs", "definitions"):
            inner = value.get(name)
            open_places += [(one, f"{place}.{name}.{key}") for key, one in _items(inner)]
        open_places.append((value.get("items"), f"{place}.items"))
        choices = value.get("anyOf")
        open_places += [
            (one, f"{place}.anyOf[{n}]") for n, one in enumerate(choices if isinstance(choices, list) else ())
        ]


def _check_object(schema: Mapping[str, object], path: str) -> Iterator[Finding]:
    properties, required = schema.get("properties"), schema.get("required")
    if not isinstance(properties, dict):
        return
    missing = [name for name in properties if not isinstance(required, list) or name not in required]
    if missing:
        text = f"a strict function requires all of its properties; add {', '.join(missing)} to 'required'."
        yield problem(path, "not_strict", text, "warning")
    if schema.get("additionalProperties") is not False:
        text = 'a strict function takes no other properties; write "additionalProperties": false.'
        yield problem(path, "not_strict", text, "warning")


def _items(value: object) -> list[tuple[str, object]]:
    return list(value.items()) if isinstance(value, dict) else []
