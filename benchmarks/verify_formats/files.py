"""Write the good files: every kind of example in every format that can express it, through our own writers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.verify_formats.examples import EXAMPLES, filler
from src.providers.formats.registry import FORMATS
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample

# The least number of rows that the formats' providers take: Claude 3 Haiku 32, Llama 3.1 on Bedrock 100 (facts 2).
LEAST_ROWS = {"bedrock-claude": 32, "bedrock-completion": 100}
ROWS = 12
Row = Mapping[str, object]


@dataclass(frozen=True)
class GoodFile:
    """A file we wrote: the rows of one kind of example after enough plain ones."""

    form: str
    kind: str
    path: Path
    rows: Sequence[Row]


def write_good_files(folder: Path) -> list[GoodFile]:
    return [
        _write(folder, name, kind, rows)
        for name, form in FORMATS.items()
        for kind, examples in EXAMPLES.items()
        if (rows := rows_in(form, examples))
    ]


def left_out(form: RowFormat) -> dict[str, str]:
    """The kinds of example that the format cannot express, each with the rule by which it says so."""
    reasons = {}
    for kind, examples in EXAMPLES.items():
        fitted = form.fit(examples[0])
        if fitted.example is None:
            reasons[kind] = fitted.choices[-1].rule if fitted.choices else "no reason given"
    return reasons


def rows_in(form: RowFormat, examples: Sequence[TrainingExample]) -> list[Row]:
    fitted = [form.fit(example).example for example in examples]
    return [through_json(form.build(example)) for example in fitted if example is not None]


def plain_rows(form: RowFormat, count: int) -> Iterator[Row]:
    """`count` different rows of the simplest kind the format has."""
    kind = form.abilities.kinds[0]
    for number in range(count):
        yield from rows_in(form, [filler(number, kind)])


def write_rows(path: Path, rows: Sequence[Row]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_bytes(text.encode())
    return path


def through_json(row: Row) -> Row:
    loaded = json.loads(json.dumps(row, ensure_ascii=False))
    assert isinstance(loaded, dict)
    return loaded


def _write(folder: Path, name: str, kind: str, rows: Sequence[Row]) -> GoodFile:
    whole = [*plain_rows(FORMATS[name], LEAST_ROWS.get(name, ROWS)), *rows]
    path = write_rows(folder / name / f"{kind}.jsonl", whole)
    if name == "llama-text" and "text" not in {example.kind for example in EXAMPLES[kind]}:
        _write_messages_beside(path, kind)
    return GoodFile(name, kind, path, rows)


def _write_messages_beside(path: Path, kind: str) -> None:
    """The same examples as messages, for the checker that renders them with the template of TRL's wheel."""
    messages = FORMATS["messages"]
    text = FORMATS["llama-text"]
    examples = [filler(number, text.abilities.kinds[0]) for number in range(ROWS)]
    fitted = [text.fit(example).example for example in (*examples, *EXAMPLES[kind])]
    rows = [through_json(messages.build(example)) for example in fitted if example is not None]
    write_rows(path.with_name(f"{kind}.messages.jsonl"), rows)
