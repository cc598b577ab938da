"""Precision and recall per kind: a hit has the kind and overlaps by half (an address: at all)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from src.analysis.pii import PIIFinding


@dataclass(frozen=True)
class Label:
    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Text:
    """A text and what is in it. `form` says which shape or trap it was made from."""

    text: str
    labels: tuple[Label, ...]
    form: str = ""


@dataclass
class Score:
    """Counts over a set, per kind; examples of misses and false alarms for --verbose."""

    hits: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    clean: int = 0
    clean_flagged: int = 0
    examples: list[tuple[str, str, str, str]] = field(default_factory=list)

    def precision(self, kind: str) -> float | None:
        found = self.right[kind] + self.wrong[kind]
        return self.right[kind] / found if found else None

    def recall(self, kind: str) -> float | None:
        labelled = self.hits[kind] + self.missed[kind]
        return self.hits[kind] / labelled if labelled else None


def score(
    texts: Iterable[Text], find: Callable[[str], list[PIIFinding]], ignore: frozenset[str] = frozenset()
) -> Score:
    """`ignore` are kinds of labels that a finding may meet without being judged (a town is part of an address)."""
    result = Score()
    for one in texts:
        found = find(one.text)
        _count(result, one, found, ignore)
        if not one.labels:
            result.clean += 1
            result.clean_flagged += bool(found)
    return result


def _count(result: Score, one: Text, found: list[PIIFinding], ignore: frozenset[str]) -> None:
    for label in one.labels:
        if label.kind in ignore:
            continue
        hit = any(finding.kind == label.kind and _meets(label, finding) for finding in found)
        (result.hits if hit else result.missed)[label.kind] += 1
        if not hit:
            result.examples.append(("missed", label.kind, one.text[label.start : label.end], one.text))
    for finding in found:
        if any(finding.kind == label.kind and _meets(label, finding) for label in one.labels):
            result.right[finding.kind] += 1
        elif not any(label.kind in ignore and _overlap(label, finding) for label in one.labels):
            result.wrong[finding.kind] += 1
            result.examples.append(
                ("wrong", f"{finding.kind} {finding.rule}", one.text[finding.start : finding.end], one.text)
            )


def _overlap(label: Label, finding: PIIFinding) -> int:
    return max(0, min(label.end, finding.end) - max(label.start, finding.start))


def _meets(label: Label, finding: PIIFinding) -> bool:
    shared = _overlap(label, finding)
    if label.kind == "ADDRESS":
        return shared > 0
    return shared * 2 >= max(label.end, finding.end) - min(label.start, finding.start)
