"""Finding: something a provider would object to in a row or a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from src.errors import FormatError
from src.records import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a provider would object to. `line` counts from 1 (0 = the whole file); `path` is a place in the row.

    `rule` is a stable word to search for; `message` says what is wrong and how to mend it.
    """

    severity: Severity
    line: int
    path: str
    rule: str
    message: str


def problem(path: str, rule: str, message: str, severity: Severity = "error") -> Finding:
    """A Finding that does not know its line yet."""
    return Finding(severity, 0, path, rule, message)


def refuse_errors(findings: Sequence[Finding], title: str) -> None:
    """Raises FormatError that names the first three errors among the findings, if there is one."""
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        places = "; ".join(f"{finding.path or 'row'}: {finding.message} [{finding.rule}]" for finding in errors[:3])
        raise FormatError(f"{title} would refuse the example: {places}")
