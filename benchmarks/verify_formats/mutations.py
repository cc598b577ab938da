"""Change every place of every good row in a few ways, and find the rows that a checker refuses and we accept."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.verify_formats.checkers import Checker
from benchmarks.verify_formats.environments import NotInstalledError
from benchmarks.verify_formats.files import GoodFile, Row
from benchmarks.verify_formats.ours import row_findings
from benchmarks.verify_formats.running import NotRunError, Skipped, run_checker

# What a value is replaced by, each where it is of another kind than what stands there.
STRANGE: tuple[object, ...] = (None, "", "x", 7, 0.5, True, [], {}, ["x"], {"x": "y"})
Step = str | int


@dataclass
class Comparison:
    """`rows` changed rows were shown to a checker; `accepted_by_us` are those it alone refuses, as (form, row, why),
    and `crashes` those over which our check falls."""

    checker: str
    rows: int = 0
    both_refuse: int = 0
    refused_by_us_alone: Counter[str] = field(default_factory=Counter)
    accepted_by_us: list[tuple[str, Row, str]] = field(default_factory=list)
    crashes: list[tuple[str, Row, str]] = field(default_factory=list)


def compare_mutations(
    checkers: Sequence[Checker], good: Sequence[GoodFile], folder: Path
) -> list[Comparison | Skipped]:
    asked = [checker for checker in checkers if checker.single_rows]
    return [found for checker in asked if (found := _compare(checker, good, folder)) is not None]


def _compare(checker: Checker, good: Sequence[GoodFile], folder: Path) -> Comparison | Skipped | None:
    rows = list(_changed_rows(checker, good))
    if not rows:
        return None
    try:
        answers = run_checker(checker, [], rows, folder)
    except (NotInstalledError, NotRunError) as error:
        return Skipped(checker.name, str(error))
    found = Comparison(checker.name, len(rows))
    for (row, form), objections in zip(rows, answers.rows, strict=True):
        try:
            ours = row_findings(row, form)
        except Exception as error:  # noqa: BLE001
            found.crashes.append((form, row, f"{type(error).__name__}: {error}"))
            continue
        if objections and ours:
            found.both_refuse += 1
        elif ours:
            found.refused_by_us_alone[ours[0].rule] += 1
        elif objections:
            found.accepted_by_us.append((form, row, objections[0]))
    return found


def _changed_rows(checker: Checker, good: Sequence[GoodFile]) -> Iterator[tuple[Row, str]]:
    seen: set[str] = set()
    for file in good:
        if checker.reads(file.form, file.kind):
            for row in file.rows:
                for changed in mutations(row):
                    text = json.dumps([file.form, changed], sort_keys=True)
                    if text not in seen:
                        seen.add(text)
                        yield changed, file.form


def mutations(row: Row) -> Iterator[Row]:
    """The row with one place removed, doubled, added to or of another kind, for every place."""
    for path in _places(row):
        yield from _at(row, path)
    yield {**row, "topic": "x"}


def _places(value: object, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    if path:
        yield path
    inner: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from _places(one, (*path, key))


def _at(row: Row, path: tuple[Step, ...]) -> Iterator[Row]:
    parent, last = _parent(row, path), path[-1]
    value = parent[last]
    for strange in STRANGE:
        if type(strange) is not type(value) or (strange == "" and value != ""):
            yield _changed(row, path, lambda holder, key, strange=strange: holder.__setitem__(key, strange))
    yield _changed(row, path, lambda holder, key: holder.__delitem__(key))
    if isinstance(last, int):
        yield _changed(row, path, lambda holder, key: holder.insert(key, copy.deepcopy(holder[key])))
    if isinstance(value, dict):
        yield _changed(row, path, lambda holder, key: holder[key].__setitem__("topic", "x"))


def _changed(row: Row, path: tuple[Step, ...], change: Any) -> Row:
    changed = copy.deepcopy(row)
    change(_parent(changed, path), path[-1])
    return changed


def _parent(row: Row, path: tuple[Step, ...]) -> Any:
    holder: Any = row
    for key in path[:-1]:
        holder = holder[key]
    return holder
