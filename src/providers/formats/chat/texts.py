"""Rules for a text, wherever it stands in a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from src.providers.formats.findings import Finding, problem


def check_text(text: object, path: str, reserved: Sequence[str] = ()) -> Iterator[Finding]:
    """Objections to one piece of text."""
    if not isinstance(text, str):
        yield problem(path, "text_not_string", f"must be a string, not {kind_of(text)}; write the text in quotes.")
    elif not text.strip():
        yield problem(path, "text_empty", "is empty; write a text or remove the example.")
    else:
        for word in reserved:
            if word in text:
                yield problem(path, "reserved_text", f"holds {word!r}, which the provider refuses; reword it.")


def check_known_keys(value: Mapping[str, object], known: Sequence[str], path: str = "") -> Iterator[Finding]:
    """Keys that the format does not have."""
    for key in value:
        if key not in known:
            place = f"{path}.{key}" if path else key
            text = f"'{key}' is not a key of this format; remove it (known: {', '.join(known)})."
            yield problem(place, "unknown_key", text)


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    names = {dict: "an object", list: "a list", bool: "true or false", int: "a number", float: "a number"}
    return "null" if value is None else names.get(type(value), "a string")


def shown(value: object) -> str:
    """A value as a message quotes it: its kind where it is a list or an object, and never longer than a line."""
    if isinstance(value, (dict, list)):
        return kind_of(value)
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
