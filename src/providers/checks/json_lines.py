"""Read a JSONL file row by row, strictly, saying what is wrong with each line instead of stopping at the first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, NoReturn

from src.providers.base_provider import Finding, problem

BOM = b"\xef\xbb\xbf"
# No provider takes an example near this size; it bounds the memory one broken line can cost.
MAX_LINE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its number from 1, its bytes without the newline, its object, or None where it cannot be read."""

    line: int
    raw: bytes
    value: dict[str, object] | None
    findings: tuple[Finding, ...]


def read_rows(path: Path) -> Iterator[Row]:
    """Every line of the file in turn; lines end at a newline byte and nowhere else. Raises OSError."""
    with path.open("rb") as stream:
        for number, raw in enumerate(_lines(stream), start=1):
            findings: list[Finding] = []
            if number == 1 and raw.startswith(BOM):
                text = "the file starts with a byte order mark; save it as UTF-8 without BOM."
                findings.append(problem("", "byte_order_mark", text))
                raw = raw[len(BOM) :]
            value = _read_line(raw, findings)
            yield Row(number, raw, value, tuple(replace(finding, line=number) for finding in findings))


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    while line := stream.readline(MAX_LINE_BYTES + 1):
        rest = line
        while rest and not rest.endswith(b"\n") and len(line) > MAX_LINE_BYTES:
            rest = stream.readline(MAX_LINE_BYTES)
        yield line.rstrip(b"\r\n")


def _read_line(raw: bytes, findings: list[Finding]) -> dict[str, object] | None:
    if not raw.strip():
        findings.append(problem("", "blank_line", "the line is blank; remove it."))
    elif len(raw) > MAX_LINE_BYTES:
        text = f"the line has more than {MAX_LINE_BYTES:,} bytes; is each example on its own line?"
        findings.append(problem("", "line_too_long", text))
    else:
        try:
            return _read_object(raw.decode("utf-8"), findings)
        except UnicodeDecodeError as error:
            text = f"byte {error.start + 1} of the line is not UTF-8; save the file as UTF-8."
            findings.append(problem("", "not_utf8", text))
    return None


def _read_object(text: str, findings: list[Finding]) -> dict[str, object] | None:
    keys = _KeyWatch()
    try:
        value = json.loads(text, object_pairs_hook=keys.watch, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        message = f"not valid JSON at column {error.colno}: {error.msg}; write one JSON object a line."
        findings.append(problem("", "not_json", message))
        return None
    except RecursionError:
        findings.append(problem("", "not_json", "the JSON is nested too deeply; flatten it."))
        return None
    except ValueError as error:  # a constant that JSON does not have, a number with thousands of digits
        findings.append(problem("", "not_json", f"not valid JSON: {error}; write a plain number or a string."))
        return None
    for key in sorted(keys.repeated):
        findings.append(problem(key, "repeated_key", f"'{key}' stands twice in one object; keep one of them."))
    if not isinstance(value, dict):
        findings.append(problem("", "not_an_object", "the line is not a JSON object; write {...}."))
        return None
    if "\\u" in text and _has_lone_surrogate(value):
        message = "holds half of a \\u surrogate pair, which is no character; write the character itself."
        findings.append(problem("", "lone_surrogate", message))
        return None
    return value


class _KeyWatch:
    """Remembers keys that stand twice in an object, which JSON readers otherwise drop in silence."""

    def __init__(self) -> None:
        self.repeated: set[str] = set()

    def watch(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        unique = dict(pairs)
        if len(unique) < len(pairs):
            names = [name for name, _ in pairs]
            self.repeated |= {name for name in unique if names.count(name) > 1}
        return unique


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _has_lone_surrogate(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False
