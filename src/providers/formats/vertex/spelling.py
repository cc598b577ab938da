"""Keys in Google's two spellings: the JSON of a proto may be written fileData or file_data, and both are read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from src.providers.formats.findings import Finding, problem


@cache
def snake(key: str) -> str:
    """fileData as file_data."""
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", key)


@cache
def camel(key: str) -> str:
    """file_data as fileData."""
    return re.sub(r"_([a-z])", lambda letter: letter[1].upper(), key)


def get(value: Mapping[str, object], key: str) -> object:
    """What stands under a key in either spelling; None where it is missing."""
    return value[key] if key in value else value.get(snake(key))


def has(value: Mapping[str, object], key: str) -> bool:
    return key in value or snake(key) in value


def place(value: Mapping[str, object], key: str, path: str) -> str:
    """The path of a key as the row spells it."""
    spelt = key if key in value else snake(key) if snake(key) in value else key
    return f"{path}.{spelt}" if path else spelt


def check_spelt_keys(value: Mapping[str, object], known: Sequence[str], path: str = "") -> Iterator[Finding]:
    """Keys the format does not have, and those that stand in both spellings."""
    for key in value:
        spot = f"{path}.{key}" if path else key
        if key not in known and not (snake(camel(key)) == key and camel(key) in known):
            yield problem(spot, "unknown_key", f"'{key}' is not a key here; remove it (known: {', '.join(known)}).")
        elif key not in known and camel(key) in value:
            yield problem(spot, "key_repeated", f"'{camel(key)}' says the same; keep it and remove '{key}'.")
