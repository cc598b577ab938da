"""A sample's own row in the training file of an export, read back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from src.errors import BuilderError
from src.export.lineage.lineage_file import LineageEntry, find_sample, message_hash
from src.export.versions.numbers import versions_in
from src.pipeline.tracing.steps import Step, shortened
from src.providers.formats.registry import FORMATS
from src.providers.formats.training_example import to_messages
from src.records import SPLITS, Message

_MOST_EXPORTS = 10
# A row of more is none of ours: an example holds a few hundred thousand tokens at the most.
_MOST_ROW_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class ExportedRow:
    """The line of a training file that lineage names: its value, None where there is none, with the `problem`.

    `messages` are those it was made from, None where the row does not give exactly them.
    """

    name: str
    row: Mapping[str, Any] | None
    messages: tuple[Message, ...] | None
    problem: str = ""


def export_steps(output: Path, sample_id: str, messages: tuple[Message, ...]) -> Iterator[Step]:
    """Where the sample stands in the exports of its dataset, the newest first."""
    told = 0
    for name in reversed(versions_in(output)):
        try:
            entry = find_sample(output / name, sample_id)
        except BuilderError:  # an export of an older program has no lineage.jsonl
            continue
        if entry is not None and told < _MOST_EXPORTS:
            told += 1
            yield stored_step(output / name, entry, messages)
    if not told:
        yield Step("export", "none", "", f"it stands in no export in {output}")


def stored_step(folder: Path, entry: LineageEntry, messages: tuple[Message, ...]) -> Step:
    """The line of the export, held against the messages that the database has."""
    value, exported = _place(folder, entry), exported_row(folder, entry)
    if message_hash(messages) != entry.sha256:
        return Step("export", value, "differs", f"{folder}: another text was exported under this id")
    if exported.row is None:
        return Step("export", value, "not possible", f"{folder}: {exported.problem}")
    texts = list(_texts(exported.row))
    said = (message.content for message in messages if message.role != "system")  # some formats have no place for it
    if all(any(content in text for text in texts) for content in said):
        return Step("export", value, "verified", f"{folder}: the line of {exported.name} holds its text")
    return Step("export", value, "differs", f"{folder}: the line of {exported.name} holds another text")


def lone_step(folder: Path, entry: LineageEntry, exported: ExportedRow) -> Step:
    """The line of the export, held against the hash that its lineage has."""
    if exported.messages is None:
        return Step("export", _place(folder, entry), "not possible", exported.problem)
    return Step("export", _place(folder, entry), "verified", f"the line of {exported.name} holds its text")


def exported_row(folder: Path, entry: LineageEntry) -> ExportedRow:
    """The row of a sample in {split}.jsonl."""
    if entry.split not in SPLITS:
        return ExportedRow("", None, None, f"'{shortened(entry.split)}' is no split")
    name = f"{entry.split}.jsonl"
    try:
        row = json.loads(_line(folder / name, entry.line))
    except OSError as error:
        return ExportedRow(name, None, None, f"{name} cannot be read ({error.strerror})")
    except (ValueError, RecursionError):
        return ExportedRow(name, None, None, f"{name} has no JSON in line {entry.line}")
    if not isinstance(row, dict):
        return ExportedRow(name, None, None, f"{name} has no object in line {entry.line}")
    messages = _messages_of(row)
    if messages is None or message_hash(messages) != entry.sha256:
        problem = f"the line of {name} holds another text, or its own form of it; `verify` tells whether it was changed"
        return ExportedRow(name, row, None, problem)
    return ExportedRow(name, row, messages)


def _place(folder: Path, entry: LineageEntry) -> str:
    return f"{folder.name}, {shortened(entry.split)}, line {entry.line}"


def _line(path: Path, number: int) -> bytes:
    with path.open("rb") as file:
        lines = iter(lambda: file.readline(_MOST_ROW_BYTES), b"")
        return next(islice(lines, max(0, number - 1), None), b"")


def _messages_of(row: Mapping[str, Any]) -> tuple[Message, ...] | None:
    recognised = next((form for form in FORMATS.values() if form.recognises(row)), None)
    try:
        if recognised is None or any(finding.severity == "error" for finding in recognised.check(row)):
            return None
        return to_messages(recognised.read(row))
    except BuilderError:
        return None


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
