"""ValidationReport: what was found in one file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from src.providers.formats.findings import Finding
from src.providers.tokenizers.frames.framed import Exactness
from src.providers.validation.tally import Group
from src.records import Severity, Split

_WORST_FIRST: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """What was found in one file.

    `groups` are the findings, equal ones together, the worst first and then in order of their lines; each knows at
    most 20 examples and counts all. `rows` counts the lines that are not blank, `formats` those of each row format.
    `tokens` are those of the `counted` rows without errors, as exact as `exactness` says; `longest` is the largest of
    them as (tokens, line).
    """

    path: Path
    provider: str
    model: str
    split: Split
    bytes: int
    lines: int
    rows: int
    formats: Mapping[str, int]
    counted: int
    tokens: int
    exactness: Exactness
    longest: tuple[int, int]
    groups: tuple[Group, ...]

    @property
    def ok(self) -> bool:
        """True when the provider would take the file: no errors; warnings and notes are allowed."""
        return not self.severity_counts.get("error")

    @property
    def average_tokens(self) -> float | None:
        """Tokens an example, None where no row can be read."""
        return self.tokens / self.counted if self.counted else None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The examples of all groups, in order of their lines."""
        return tuple(sorted((one for group in self.groups for one in group.examples), key=lambda one: one.line))

    @property
    def rule_counts(self) -> Mapping[str, int]:
        counts: Counter[str] = Counter()
        for group in self.groups:
            counts[group.rule] += group.count
        return dict(counts)

    @property
    def severity_counts(self) -> Mapping[Severity, int]:
        counts: Counter[Severity] = Counter()
        for group in self.groups:
            counts[group.severity] += group.count
        return dict(counts)


def in_order(groups: list[Group]) -> tuple[Group, ...]:
    """The worst first, then by the line of the first finding."""
    return tuple(sorted(groups, key=lambda group: (_WORST_FIRST.index(group.severity), group.examples[0].line)))
