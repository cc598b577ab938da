"""Write a repaired copy of a JSONL file, and beside it a list of what was changed, one JSON object a line.

Lines end in a newline and hold nothing around their object; blank lines and a byte order mark are left out. Rows that
cannot be repaired are copied as they are. The old file is never touched, and nothing is overwritten.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from src.errors import UsageError
from src.providers.formats.findings import Finding
from src.providers.validation.file_rules import foreign_kind
from src.providers.validation.fixing.row_fixing import Change, fix_row
from src.providers.validation.json_lines import BOM, MAX_LINE_BYTES, json_line, read_object
from src.providers.validation.row_checks import CheckTask, RowChecker


@dataclass(slots=True)
class FixReport:
    """What was done. `output` and `list_of_changes` are None where nothing had to be changed and none was written."""

    output: Path | None
    list_of_changes: Path | None
    changes: Counter[str] = field(default_factory=Counter)


def fixed_path(path: Path) -> Path:
    """Where the repaired copy goes when nobody says: train.fixed.jsonl beside train.jsonl."""
    return path.with_name(f"{path.stem}.fixed{path.suffix}")


def fix_file(task: CheckTask, output: Path) -> FixReport:
    """Write the repaired copy and the list (train.fixed.changes.jsonl for train.fixed.jsonl).

    Raises UsageError when one of them exists, when the file cannot be read or a file not be written.
    """
    listed = output.with_name(f"{output.stem}.changes.jsonl")
    report = FixReport(output, listed)
    try:
        if (kind := foreign_kind(task.path)) is not None:
            raise UsageError(f"{task.path}: {kind.message}")
        with ExitStack() as stack:
            source = stack.enter_context(task.path.open("rb"))
            copy, changes = (_create(path, stack) for path in (output, listed))
            _fix_lines(source, RowChecker(task), copy, changes, report)
    except FileExistsError as error:
        raise UsageError(f"{error.filename} exists already; name another file or move it away.") from error
    except OSError as error:
        raise UsageError(f"{error.filename or task.path}: {error.strerror}; nothing was fixed.") from error
    if not report.changes:
        output.unlink()
        listed.unlink()
        return FixReport(None, None)
    return report


def _create(path: Path, stack: ExitStack) -> BinaryIO:
    """A new file, which is removed again when the work is not brought to its end."""
    stream = path.open("xb")

    def close(kind: object, error: object, trace: object) -> None:
        with suppress(OSError):
            stream.close()
        if kind is not None:
            path.unlink(missing_ok=True)

    stack.push(close)
    return stream


def _fix_lines(source: BinaryIO, checker: RowChecker, copy: BinaryIO, listed: BinaryIO, report: FixReport) -> None:
    for line, raw, whole in _lines(source):
        changes: list[Change] = []
        copy.write(_fixed(line, raw, checker, changes) if whole else raw)
        for change in changes:
            report.changes[change.change] += 1
            listed.write(json.dumps(_as_json(change), ensure_ascii=False).encode("utf-8") + b"\n")


def _lines(source: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
    """Each line with its number and whether it is whole; one that is too long comes in pieces."""
    line, begins = 1, True
    while raw := source.readline(MAX_LINE_BYTES + 1):
        ends = raw.endswith(b"\n") or len(raw) <= MAX_LINE_BYTES
        yield line, raw, begins and ends
        line, begins = line + ends, ends


def _fixed(line: int, raw: bytes, checker: RowChecker, changes: list[Change]) -> bytes:
    """What stands in the copy for a line; nothing for a blank one."""
    content = raw.removeprefix(BOM) if line == 1 else raw
    if len(content) < len(raw):
        changes.append(Change(line, ("byte_order_mark",), (), "the byte order mark is left out"))
    bare = content.strip()
    if not bare:
        changes.append(Change(line, ("blank_line",), (), "a blank line is left out"))
        return b""
    if content not in (bare + b"\n", bare + b"\r\n", bare):
        changes.append(Change(line, ("space_around",), (), "blanks around the object are left out"))
    elif content.endswith(b"\r\n"):
        changes.append(Change(line, ("line_end",), (), "the line ends in a newline alone"))
    elif not content.endswith(b"\n"):
        changes.append(Change(line, ("line_end",), (), "the last line ends in a newline"))
    return _fixed_row(line, bare, checker, changes) + b"\n"


def _fixed_row(line: int, raw: bytes, checker: RowChecker, changes: list[Change]) -> bytes:
    if checker.read_plain is not None and checker.read_plain(raw) is not None:
        return raw
    findings: list[Finding] = []
    row = read_object(raw, findings)
    # A key that stands twice would lose one of its values.
    if row is None or findings:
        return raw
    try:
        fixed, done = fix_row(row, checker.format_of(row), line)
    except RecursionError:
        return raw
    changes += done
    return json_line(fixed).rstrip(b"\n") if done else raw


def _as_json(change: Change) -> dict[str, object]:
    return {"line": change.line, "rules": change.rules, "paths": change.paths, "change": change.change}
