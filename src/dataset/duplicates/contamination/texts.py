"""The texts between which overlap is looked for: samples, and the records of a benchmark file."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TextIO

from src.dataset.duplicates.sides import Samples, turns_of
from src.errors import UsageError

# Values under these names are no text that could leak.
_NO_TEXT = frozenset({"role", "from", "id"})
_LONGEST_LINE = 1 << 24
MOST_CHARACTERS = 1 << 22
_LONGEST_CELL = 1 << 20
_DEEPEST = 20

Part = tuple[str, str]


class Text:
    """What is compared as one: its parts, each with the place a person would look up ("message 2")."""

    __slots__ = ("name", "parts")

    def __init__(self, name: str, parts: list[Part]) -> None:
        self.name = name
        self.parts = parts


def texts_of_samples(samples: Samples, splits: Collection[str] | None = None) -> Iterator[Text]:
    """The conversations of the samples of some splits, without system messages."""
    for sample_id, split, turns in turns_of(samples):
        if splits is None or split in splits:
            yield Text(sample_id, [(f"message {number}", content) for number, _, content in turns])


def texts_of_file(path: Path) -> Iterator[Text]:
    """The records of a benchmark file: lines of JSON (.jsonl), lines of text (.txt), or rows under a header (.csv).

    Raises UsageError for another kind of file, and for one that is not there or not what it is called.
    """
    read = _READERS.get(path.suffix.lower())
    if read is None:
        raise UsageError(f"{path}: a benchmark file is one of {', '.join(_READERS)}; convert it first.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from read(stream, path)
    except OSError as error:
        raise UsageError(f"{path}: the benchmark file cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: the benchmark file is not UTF-8; save it as UTF-8.") from error


def _lines(stream: TextIO, path: Path) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(iter(lambda: stream.readline(_LONGEST_LINE), ""), 1):
        if len(line) == _LONGEST_LINE:
            raise UsageError(f"{path}, line {number}: it is longer than {_LONGEST_LINE:,} characters.")
        if line.strip():
            yield number, line


def _json_lines(stream: TextIO, path: Path) -> Iterator[Text]:
    for number, line in _lines(stream, path):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UsageError(
                f"{path}, line {number}: it is no JSON ({error}); a .jsonl file has one on each."
            ) from error
        yield Text(f"line {number}", [(f"line {number}, {key or 'text'}", text) for key, text in _leaves(value)])


def _leaves(value: object, key: str = "", depth: int = 0) -> Iterator[Part]:
    """Every string in a JSON value, under the names that lead to it."""
    if isinstance(value, str):
        yield key, value
    elif depth < _DEEPEST and isinstance(value, dict):
        for name, item in value.items():
            if name not in _NO_TEXT:
                yield from _leaves(item, f"{key}.{name}" if key else name, depth + 1)
    elif depth < _DEEPEST and isinstance(value, list):
        for place, item in enumerate(value, 1):
            yield from _leaves(item, f"{key}[{place}]", depth + 1)


def _plain_lines(stream: TextIO, path: Path) -> Iterator[Text]:
    for number, line in _lines(stream, path):
        yield Text(f"line {number}", [(f"line {number}", line.rstrip("\r\n"))])


def _rows(stream: TextIO, path: Path) -> Iterator[Text]:
    csv.field_size_limit(_LONGEST_CELL)
    rows = csv.reader(line for _, line in _lines(stream, path))
    try:
        header = next(rows, [])
        for number, row in enumerate(rows, 2):
            names = chain(header, (f"column {place}" for place in range(len(header) + 1, len(row) + 1)))
            cells = zip(names, row, strict=False)
            yield Text(
                f"row {number}", [(f"row {number}, {name}", cell) for name, cell in cells if name not in _NO_TEXT]
            )
    except csv.Error as error:
        raise UsageError(f"{path}, row {rows.line_num}: it cannot be read as CSV ({error}).") from error


_READERS: dict[str, Callable[[TextIO, Path], Iterator[Text]]] = {
    ".jsonl": _json_lines,
    ".txt": _plain_lines,
    ".csv": _rows,
}


def in_batches(texts: Iterable[Text], most: int = MOST_CHARACTERS) -> Iterator[list[Text]]:
    """The texts in lists of about so many characters."""
    batch: list[Text] = []
    characters = 0
    for text in texts:
        batch.append(text)
        characters += sum(len(part) for _, part in text.parts) + 1
        if characters > most:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
