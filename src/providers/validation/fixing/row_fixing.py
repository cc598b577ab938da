"""Repair one row as far as there is one right answer, and say what was done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from src.providers.formats.findings import Finding
from src.providers.formats.row_format import RowFormat
from src.providers.validation.fixing.repairs import REPAIRS

MODERNISED = "functions, function_call and the role function are written as tools"
CAMEL_CASE = "keys are written as Google documents them (fileData, not file_data)"


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed: on which line of the old file (0: all over), for which rules, in words. Paths are the old."""

    line: int
    rules: tuple[str, ...]
    paths: tuple[str, ...]
    change: str


def fix_row(row: Mapping[str, Any], form: RowFormat, line: int) -> tuple[Mapping[str, Any], list[Change]]:
    """The row with all repairs that hold, and what they were; the row itself where nothing is to be done."""
    changes: list[Change] = []
    findings = list(form.check(row))
    for change, repair in REPAIRS.items():
        if not findings:
            break
        candidate = _copy(row)
        repair(candidate, form)
        if _same(candidate, row):
            continue
        left = list(form.check(candidate))
        gone = _fewer(findings, left)
        if gone:
            rules = tuple(dict.fromkeys(one.rule for one in gone))
            changes.append(Change(line, rules, tuple(one.path for one in gone), change))
            row, findings = candidate, left
    return _in_today_s_words(row, form, line, findings, changes), changes


def _fewer(before: Sequence[Finding], after: Sequence[Finding]) -> list[Finding]:
    """The findings that are gone, none where the change brought a new one. Moved messages have other paths."""
    counts, left = (Counter((one.severity, one.rule) for one in findings) for findings in (before, after))
    if left - counts:
        return []
    gone = counts - left
    mended = [one for one in before if gone[one.severity, one.rule]]
    places = {(one.rule, one.path) for one in after}
    return [one for one in mended if (one.rule, one.path) not in places] or mended


def _in_today_s_words(
    row: Mapping[str, Any], form: RowFormat, line: int, findings: Sequence[Finding], changes: list[Change]
) -> Mapping[str, Any]:
    """The row in the format's normal form where it is written in an old way that is still read."""
    change = _old_way(row, form)
    if not change or any(one.severity == "error" for one in findings):
        return row
    normal = form.build(form.read(row))
    if any(one.severity == "error" for one in form.check(normal)) or form.read(normal) != form.read(row):
        return row
    changes.append(Change(line, ("old_spelling",), (), change))
    return normal


def _old_way(row: Mapping[str, Any], form: RowFormat) -> str:
    if form.family == "openai":
        messages = row.get("messages")
        turns = [turn for turn in messages if isinstance(turn, dict)] if isinstance(messages, list) else []
        old = "functions" in row or any("function_call" in turn or turn.get("role") == "function" for turn in turns)
        return MODERNISED if old else ""
    if form.name == "vertex-chat":
        return CAMEL_CASE if _has_snake_case(row) else ""
    return ""


def _has_snake_case(value: object) -> bool:
    """Whether a key has an underscore, but for what a function is called with and what it gives back."""
    if isinstance(value, Mapping):
        return any(
            "_" in key or (key not in ("args", "response", "properties") and _has_snake_case(inner))
            for key, inner in value.items()
        )
    return isinstance(value, list) and any(map(_has_snake_case, value))


def _copy(row: Mapping[str, Any]) -> dict[str, Any]:
    from msgspec.json import decode, encode

    copy: dict[str, Any] = decode(encode(row))
    return copy


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether they are written alike; Python finds 1, 1.0 and true equal."""
    from msgspec.json import encode

    return encode(one) == encode(other)
