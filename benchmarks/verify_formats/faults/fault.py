"""A faulty row: a good row of one kind of example with one place changed, and who must refuse it for what."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.verify_formats.examples import EXAMPLES
from benchmarks.verify_formats.files import Row, rows_in
from src.providers.formats.registry import FORMATS
from src.records import Severity

REMOVED = object()
Place = tuple[str | int, ...]
# The checkers by the names they have in checkers.py.
TG2, TG1, MC, MF = "together 2.14.0", "together 1.6.0", "mistral-common 1.13.1", "mistral-finetune on 1.4.4"
TYPES, COOK, OLD = "openai 3.54.0 types", "openai cookbook", "openai 0.28.1"
PROTO, GENAI, PAGES = "aiplatform 2.7.0 proto", "google-genai 3.4.0", "Vertex pages"
FORGE = "amzn-nova-forge 1.4.10"
CLAUDE, NOVA, LLAMA, TRL = "AWS Claude script", "AWS Nova script", "AWS Llama script", "TRL 1.16.0, datasets 5.2.0"
LF, AXO, TUNE = "LLaMA-Factory 0.9.5", "axolotl 0.19.0", "torchtune 0.6.1"


@dataclass(frozen=True)
class BadRow:
    """`change` makes the fault in a good row of `kind`. Our validator refuses it by `rule`.

    `refused_by` has, for each checker that refuses it as well, a pattern of what that checker says. `severity` is
    "warning" where one checker of the format refuses what another takes.
    """

    form: str
    name: str
    kind: str
    change: Callable[[Any], None]
    rule: str
    refused_by: Mapping[str, str] = field(default_factory=dict)
    severity: Severity = "error"

    def row(self) -> Row:
        """The faulty row. Raises KeyError or IndexError when the good one has not the place it changes."""
        row = copy.deepcopy(rows_in(FORMATS[self.form], EXAMPLES[self.kind])[0])
        self.change(row)
        return row


@dataclass(frozen=True)
class BadBytes:
    """A fault in the bytes of a file. `change` is given the lines of a good one."""

    form: str
    name: str
    change: Callable[[list[bytes]], bytes]
    rule: str
    refused_by: Mapping[str, str] = field(default_factory=dict)
    severity: Severity = "error"


Fault = BadRow | BadBytes


def put(value: object, *place: str | int) -> Callable[[Any], None]:
    """Write a value at a place of the row, or remove what stands there."""

    def change(row: Any) -> None:
        for key in place[:-1]:
            row = row[key]
        if value is REMOVED:
            del row[place[-1]]
        else:
            row[place[-1]] = value

    return change


def both(*changes: Callable[[Any], None]) -> Callable[[Any], None]:
    def change(row: Any) -> None:
        for one in changes:
            one(row)

    return change


def put_first(name: str) -> Callable[[Any], None]:
    """Put the first of a list there once more."""

    def change(row: Any) -> None:
        row[name].insert(0, copy.deepcopy(row[name][0]))

    return change


def cut(count: int, *place: str | int) -> Callable[[Any], None]:
    """Take the last `count` off a list."""

    def change(row: Any) -> None:
        for key in place:
            row = row[key]
        del row[-count:]

    return change


def double(*place: str | int) -> Callable[[Any], None]:
    """Put the last of a list there once more."""

    def change(row: Any) -> None:
        for key in place:
            row = row[key]
        row.append(copy.deepcopy(row[-1]))

    return change


def picture(uri: str) -> dict[str, object]:
    return {"type": "image_url", "image_url": {"url": uri}}
