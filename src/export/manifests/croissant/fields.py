"""Croissant fields: the columns of a file, and the way to each value in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from src.export.manifests.croissant.shapes import NOTHING, Kind, Shape

_TYPES: Mapping[Kind, str] = {"boolean": "sc:Boolean", "integer": "sc:Integer", "float": "sc:Float"}
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def safe_id(name: str) -> str:
    """An @id: mlcroissant takes none with spaces, and none that reads as part of a URL."""
    return re.sub(r"[^A-Za-z0-9._/-]", lambda letter: f"~{ord(letter[0]):x}", name)


def field_of(record_set: str, column: str, shape: Shape, source: Mapping[str, object]) -> dict[str, Any]:
    """The field of a column, with a subfield for each value inside its objects. `source` names the file."""
    name = safe_id(f"{record_set}/{column}")
    items = (shape.items or NOTHING) if shape.kind == "list" else shape
    found: dict[str, Any] = {"@type": "cr:Field", "@id": name, "name": column}
    if shape.kind == "list":
        found["repeated"] = True
    leaves = list(_leaves(items, ())) if items.kind == "members" else []
    if not leaves:
        return {**found, **_value(column, items, source, "")}
    found["subField"] = [
        {"@type": "cr:Field", "@id": safe_id(f"{name}/{inner}"), "name": inner, **_value(column, leaf, source, path)}
        for inner, path, leaf in leaves
    ]
    return found


def _value(column: str, shape: Shape, source: Mapping[str, object], path: str) -> dict[str, Any]:
    transform = {"transform": {"jsonPath": path}} if path else {}
    extract = {**source, "extract": {"column": column}, **transform}
    return {"dataType": _TYPES.get(_innermost(shape).kind, "sc:Text"), "source": extract}


def _innermost(shape: Shape) -> Shape:
    return _innermost(shape.items or NOTHING) if shape.kind == "list" else shape


def _leaves(shape: Shape, above: tuple[str, ...]) -> Iterator[tuple[str, str, Shape]]:
    """Each value below an object: its name ("parts/text"), its JSONPath ("parts[0].text") and its shape.

    JSONPath in Croissant gives one value, so of lists of objects the first item is named.
    """
    for name, member in shape.members.items():
        if not _PLAIN_NAME.fullmatch(name):
            continue
        items = member.items or NOTHING
        if member.kind == "members":
            yield from _leaves(member, (*above, name))
        elif member.kind == "list" and items.kind == "members":
            yield from _leaves(items, (*above, f"{name}[0]"))
        else:
            way = (*above, name)
            yield "/".join(part.removesuffix("[0]") for part in way), ".".join(way), member
