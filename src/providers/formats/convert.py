"""Convert a training file of one provider into a file of another, saying what was changed and what was left out."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from src.errors import UsageError
from src.providers.formats.findings import Finding, problem
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import Kind
from src.providers.validation.json_lines import Row, json_line, read_rows
from src.records import Severity

LINES_NAMED = 5
# The rest of the file can still be read, and the mark is not written again.
_OF_THE_FILE = "byte_order_mark"


@dataclass(slots=True)
class RuleCount:
    """How often a rule changed a row or left one out. `lines` are the first five; `message` is that of the first."""

    rule: str
    severity: Severity
    message: str
    count: int = 0
    lines: list[int] = field(default_factory=list)


@dataclass(slots=True)
class ConversionReport:
    """What became of a file's rows: `read` is `written` and those left out. No file is written without a row in it.

    `choices` are what was merged, moved or dropped in rows that are written; `left_out` says why the others are not,
    one rule for each row, the first of its errors.
    """

    source: Path
    target: Path
    target_format: str = ""
    read: int = 0
    written: int = 0
    choices: dict[tuple[str, Severity], RuleCount] = field(default_factory=dict)
    left_out: dict[tuple[str, Severity], RuleCount] = field(default_factory=dict)
    formats_read: Counter[str] = field(default_factory=Counter)


def convert_file(
    source: Path,
    target: Path,
    from_formats: Sequence[RowFormat],
    to_formats: Sequence[RowFormat],
    overwrite: bool = False,
) -> ConversionReport:
    """Write the rows of `source`, each of one of `from_formats`, to `target`, and report on all of them.

    All rows are written in one of `to_formats`: the first that has a place for the kind of the first row that can be
    read. The target appears when it is complete. Raises UsageError for files that cannot be read or written, for a
    target that is the source, and for one that exists unless `overwrite` is set.
    """
    conversion = _Conversion(from_formats, to_formats, ConversionReport(source, target))
    try:
        _check_paths(source, target, overwrite)
        _convert_rows(conversion)
    except OSError as error:
        raise UsageError(f"{error.filename or target} cannot be read or written: {error.strerror}.") from error
    return conversion.report


def _check_paths(source: Path, target: Path, overwrite: bool) -> None:
    if not source.is_file():
        raise UsageError(f"{source} is not a file; name a JSONL file you may read.")
    if target.exists() and target.samefile(source):
        raise UsageError(f"{target} is the file to be converted itself; name another one to write.")
    if target.exists() and (target.is_dir() or not overwrite):
        raise UsageError(f"{target} exists already; name another file, or allow it to be overwritten.")
    if not target.parent.is_dir():
        raise UsageError(f"the folder {target.parent} does not exist; make it, or name a file in another one.")


def _convert_rows(conversion: _Conversion) -> None:
    report = conversion.report
    part = report.target.with_name(f".{report.target.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as stream:
            for row in read_rows(report.source):
                stream.write(conversion.line_of(row) or b"")
        if report.written:
            part.replace(report.target)
    finally:
        part.unlink(missing_ok=True)


@dataclass(slots=True)
class _Conversion:
    """The state of one conversion: the target's format, once it is known, and the report."""

    from_formats: Sequence[RowFormat]
    to_formats: Sequence[RowFormat]
    report: ConversionReport
    target: RowFormat | None = None

    def line_of(self, row: Row) -> bytes | None:
        """The row as a line of the target, None where it is left out; the report knows either way."""
        self.report.read += 1
        choices = [finding for finding in row.findings if finding.rule == _OF_THE_FILE]
        errors = [finding for finding in row.findings if finding.rule != _OF_THE_FILE]
        line = None if errors or row.value is None else self._converted(row.value, choices, errors)
        if line is None:
            _count(self.report.left_out, row.line, errors[0])
            return None
        self.report.written += 1
        for choice in {(choice.rule, choice.severity): choice for choice in choices}.values():
            _count(self.report.choices, row.line, choice)
        return line

    def _converted(self, value: dict[str, object], choices: list[Finding], errors: list[Finding]) -> bytes | None:
        form = next((form for form in self.from_formats if form.recognises(value)), self.from_formats[0])
        errors += _errors_in(form, value)
        if errors:
            return None
        self.report.formats_read[form.name] += 1
        example = form.read(value)
        target = self.target or self._choose_target(example.kind)
        fitted = target.fit(example)
        if fitted.example is None:
            errors.append(next(choice for choice in fitted.choices if choice.severity == "error"))
            return None
        choices += fitted.choices
        return _written(target, target.build(fitted.example), errors)

    def _choose_target(self, kind: Kind) -> RowFormat:
        fitting = (form for form in self.to_formats if kind in form.abilities.kinds)
        # Of a preference the better answer can be written where there is no place for two.
        second = (form for form in self.to_formats if kind == "preference" and "conversation" in form.abilities.kinds)
        self.target = next(fitting, None) or next(second, self.to_formats[0])
        self.report.target_format = self.target.name
        return self.target


def _written(form: RowFormat, row: dict[str, object], errors: list[Finding]) -> bytes | None:
    """The line of a row that the target takes; None, with the errors, where it does not."""
    errors += _errors_in(form, row)
    if errors:
        return None
    try:
        return json_line(row)
    except ValueError as error:
        errors.append(problem("", "not_json", f"holds what JSON cannot: {error}; write plain numbers and characters."))
        return None


def _errors_in(form: RowFormat, row: object) -> Iterator[Finding]:
    return (finding for finding in form.check(row) if finding.severity == "error")


def _count(counts: dict[tuple[str, Severity], RuleCount], line: int, finding: Finding) -> None:
    key = (finding.rule, finding.severity)
    place = f"{finding.path}: " if finding.path else ""
    count = counts.setdefault(key, RuleCount(finding.rule, finding.severity, place + finding.message))
    count.count += 1
    if len(count.lines) < LINES_NAMED:
        count.lines.append(line)
