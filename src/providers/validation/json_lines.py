"""Read the lines of a JSONL file, strictly, saying what is wrong with each instead of stopping; and write lines.

A line is read with msgspec, which is as strict as JSON is, and only where that fails, or where a key might stand twice,
a second time with what can say the column and the key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, NoReturn

from src.providers.formats.findings import Finding, problem

BOM = b"\xef\xbb\xbf"
# No provider takes an example near this size; it bounds the memory one broken line can cost.
MAX_LINE_BYTES = 64 << 20
SOURCE = 'jsonlines.org, "JSON Lines" (UTF-8 without a byte order mark, one JSON value a line), read 2026-11-21'
# What follows every key; inside a text the quotation mark has a backslash before it.
_AFTER_KEY = re.compile(rb'"[ \t\r]*:').findall
_IN_TEXT = re.compile(rb'\\"[ \t\r]*:').findall


# JSON allows them inside strings, but readers that split text at Unicode line ends would cut a line in two.
_LINE_ENDS = {0x2028: "\\u2028", 0x2029: "\\u2029", 0x85: "\\u0085"}


def json_line(row: object) -> bytes:
    """A row as a line of a JSONL file. Raises ValueError for numbers and characters that JSON or UTF-8 do not have."""
    text = json.dumps(row, ensure_ascii=False, allow_nan=False).translate(_LINE_ENDS)
    return text.encode("utf-8") + b"\n"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its number from 1, its bytes without the newline, its object, or None where it cannot be read."""

    line: int
    raw: bytes
    value: dict[str, object] | None
    findings: tuple[Finding, ...]


def read_rows(path: Path) -> Iterator[Row]:
    """Every line of the file in turn; lines end at a newline byte and nowhere else. Raises OSError."""
    for number, raw in enumerate(read_lines(path), start=1):
        findings: list[Finding] = []
        if number == 1:
            raw = without_mark(raw, findings)
        value = read_object(raw, findings)
        yield Row(number, raw, value, tuple(replace(finding, line=number) for finding in findings))


def read_lines(path: Path, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The lines that begin at a byte in [start, end), without their ends; of a line too long, enough to see that.

    Ranges that touch give every line of the file once. Raises OSError.
    """
    with path.open("rb") as stream:
        place = _skip_to_line(stream, start, end) if start else 0
        while (end is None or place < end) and (line := stream.readline(MAX_LINE_BYTES + 1)):
            place += len(line)
            rest = line
            while rest and not rest.endswith(b"\n") and len(line) > MAX_LINE_BYTES:
                rest = stream.readline(MAX_LINE_BYTES)
                place += len(rest)
            yield line.rstrip(b"\r\n")


def _skip_to_line(stream: BinaryIO, start: int, end: int | None) -> int:
    """Go to where the first line at or after `start` begins, but not beyond `end`; gives the place."""
    place = start - 1
    stream.seek(place)
    rest = b""
    while not rest.endswith(b"\n") and (end is None or place < end):
        rest = stream.readline(MAX_LINE_BYTES if end is None else end - place)
        if not rest:
            break
        place += len(rest)
    # A line that goes on beyond the range belongs to whoever reads its beginning.
    return place if rest.endswith(b"\n") or end is None else end


def without_mark(raw: bytes, findings: list[Finding]) -> bytes:
    """The first line of a file without the byte order mark, which is an objection."""
    if not raw.startswith(BOM):
        return raw
    text = "the file starts with a byte order mark; save it as UTF-8 without BOM."
    findings.append(problem("", "byte_order_mark", text))
    return raw[len(BOM) :]


def read_object(raw: bytes, findings: list[Finding]) -> dict[str, object] | None:
    """The JSON object in a line, None where there is none; what is wrong is added to the findings."""
    if not raw.strip():
        findings.append(problem("", "blank_line", "the line is blank; remove it."))
    elif len(raw) > MAX_LINE_BYTES:
        text = f"the line has more than {MAX_LINE_BYTES:,} bytes; is each example on its own line?"
        findings.append(problem("", "line_too_long", text))
    elif (value := _read_quickly(raw)) is not None:
        return value
    else:
        try:
            return _read_carefully(raw.decode("utf-8"), findings)
        except UnicodeDecodeError as error:
            text = f"byte {error.start + 1} of the line is not UTF-8; save the file as UTF-8."
            findings.append(problem("", "not_utf8", text))
    return None


def keys_written(raw: bytes) -> int:
    """How many keys are written in a line of JSON, those of inner objects and repeated ones included; never too few."""
    count = len(_AFTER_KEY(raw))
    # A backslash before the quotation mark may also end a key ("C:\\"), so then all are counted.
    return count if b'\\"' not in raw or b'\\\\"' in raw else count - len(_IN_TEXT(raw))


def _read_quickly(raw: bytes) -> dict[str, object] | None:
    """The object of a line without any fault; None for any other, and where keys may be repeated."""
    from msgspec import DecodeError
    from msgspec.json import decode

    try:
        value = decode(raw)
        faultless = isinstance(value, dict) and keys_written(raw) == _count_keys(value)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return value if faultless else None


def _count_keys(value: object) -> int:
    """The keys of all objects in a JSON value."""
    count, waiting = 0, [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            count += len(one)
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return count


def _read_carefully(text: str, findings: list[Finding]) -> dict[str, object] | None:
    keys = _KeyWatch()
    try:
        value = json.loads(text, object_pairs_hook=keys.watch, parse_constant=_refuse_constant)
        broken = "\\u" in text and _has_lone_surrogate(value)
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
    if broken:
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
