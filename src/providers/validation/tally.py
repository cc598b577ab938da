"""Count findings: equal ones become one Group with a few examples, so that a million of them take no more room."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from src.providers.formats.findings import Finding
from src.records import Severity

KEPT_EXAMPLES = 20
# A rule broken in more kinds of places than this (keys that somebody made up) is one group from there on.
PLACES_PER_RULE = 25
OTHER_PLACES = "other places"
_INDEX = re.compile(r"\[\d+\]")

GroupKey = tuple[Severity, str, str, str]


@dataclass(slots=True)
class Group:
    """Findings of one rule in one kind of place ("messages[].content"), in rows of one format ("" for the file).

    `examples` are the first of them. `source` says where the rule comes from, once that has been looked up.
    """

    severity: Severity
    rule: str
    place: str
    form: str
    count: int = 0
    examples: list[Finding] = field(default_factory=list)
    source: str = ""

    @property
    def key(self) -> GroupKey:
        return self.severity, self.rule, self.place, self.form


@dataclass(slots=True)
class Tally:
    """Groups in the order in which the first finding of each came."""

    groups: dict[GroupKey, Group] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)

    def note(self, finding: Finding, form: str = "") -> None:
        """Count a finding in a row of that format."""
        group = self._group(finding.severity, finding.rule, _INDEX.sub("[]", finding.path), form)
        group.count += 1
        if len(group.examples) < KEPT_EXAMPLES:
            group.examples.append(finding)

    def add(self, group: Group, lines_before: int = 0) -> None:
        """Count the findings of a part of the file that comes after so many lines, and after all parts so far."""
        mine = self._group(*group.key)
        mine.count += group.count
        room = KEPT_EXAMPLES - len(mine.examples)
        mine.examples += [replace(finding, line=finding.line + lines_before) for finding in group.examples[:room]]

    def _group(self, severity: Severity, rule: str, place: str, form: str) -> Group:
        key = (severity, rule, place, form)
        if key in self.groups:
            return self.groups[key]
        if self.places.get(rule, 0) >= PLACES_PER_RULE:
            key = (severity, rule, OTHER_PLACES, form)
        else:
            self.places[rule] = self.places.get(rule, 0) + 1
        return self.groups.setdefault(key, Group(*key))
