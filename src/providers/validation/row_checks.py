"""Check the lines in a range of a file: what one process does with its share, and what it says of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from src.providers import find_provider
from src.providers.formats.findings import Finding, problem
from src.providers.formats.registry import FORMATS
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample
from src.providers.models.model_facts import ModelFacts
from src.providers.token_counter import TokenCounter, counter_for
from src.providers.tokenizers.frames.framed import Exactness, least_exact
from src.providers.validation.json_lines import read_lines, read_object, without_mark
from src.providers.validation.plain_rows import PLAIN_READERS
from src.providers.validation.reserved_texts import find_marks, may_hold_marks
from src.providers.validation.tally import Group, Tally
from src.records import Message

DIGEST_BYTES = 8
NO_EXAMPLE = bytes(DIGEST_BYTES)
# Texts of examples wait until so many bytes of lines are read, and are then counted together.
COUNT_TOGETHER = 1 << 20
JsonRow: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class CheckTask:
    """The file, and what it is held to. `form` names a row format, "" to go by what each row looks like."""

    path: Path
    provider: str
    model: str
    form: str = ""


@dataclass(slots=True)
class Share:
    """What was found in a range of lines; their numbers count from 1 in the range.

    `rows` are lines that are not blank, `formats` counts those that look like a format, with the first such line.
    `tokens` are those of the `counted` rows that can be read, all at least as exact as `exactness` says; `longest` is
    the largest (tokens, line).
    `digests` holds eight bytes a line, the same for the same example, zeros for a line without one.
    """

    lines: int = 0
    rows: int = 0
    counted: int = 0
    tokens: int = 0
    exactness: Exactness = "exact"
    longest: tuple[int, int] = (0, 0)
    with_media: int = 0
    formats: dict[str, tuple[int, int]] = field(default_factory=dict)
    digests: bytes = b""
    groups: list[Group] = field(default_factory=list)


class RowChecker:
    """Checks ranges of one file, one after the other. Loads the model's vocabulary on the first row.

    `counter` counts instead of the model's own one.
    """

    def __init__(self, task: CheckTask, counter: TokenCounter | None = None) -> None:
        self.task = task
        self.judge = find_provider(task.provider)
        self.facts = self.judge.facts(task.model)
        self.counter = counter or counter_for(task.provider, task.model)
        self.formats = [FORMATS[name] for name in ((task.form,) if task.form else self.facts.formats)]
        self.usual = self.formats[0]
        self.read_plain = PLAIN_READERS.get(self.usual.name)

    def check(self, start: int, end: int) -> Share:
        """The lines that begin at a byte in [start, end). Raises OSError when the file cannot be read."""
        lines = _Lines(self)
        for number, raw in enumerate(read_lines(self.task.path, start, end), start=1):
            lines.check(number, raw, first=number == 1 and not start)
        return lines.finish()

    def format_of(self, row: JsonRow) -> RowFormat:
        """The format a row looks like: one of the model's, else another of its provider's, else the model's first."""
        if self.task.form:
            return self.usual
        known = (form for form in (*self.formats, *self.judge.formats) if form.recognises(row))
        return next(known, self.usual)


class _Lines:
    """One pass over a range. Examples wait in `waiting` until they are counted together."""

    def __init__(self, checker: RowChecker) -> None:
        self.checker = checker
        self.share = Share(exactness=checker.counter.exactness)
        self.tally = Tally()
        self.digests = bytearray()
        self.plain: list[tuple[int, list[Message]]] = []
        self.others: list[tuple[int, str, TrainingExample]] = []
        self.waiting_bytes = 0

    def check(self, line: int, raw: bytes, first: bool) -> None:
        self.share.lines = line
        messages = self.checker.read_plain(raw) if self.checker.read_plain else None
        if messages is not None:
            self._take_plain(line, raw, messages)
        else:
            self._take_any(line, raw, first)
        self.waiting_bytes += len(raw)
        if self.waiting_bytes > COUNT_TOGETHER:
            self._count()

    def finish(self) -> Share:
        self._count()
        self.share.digests = bytes(self.digests)
        self.share.groups = list(self.tally.groups.values())
        return self.share

    def _take_plain(self, line: int, raw: bytes, messages: list[Message]) -> None:
        """A row of texts that is plainly in order."""
        from msgspec.json import decode

        self.share.rows += 1
        self._seen(self.checker.usual.name, line)
        self.digests += _digest(messages)
        self.plain.append((line, messages))
        if may_hold_marks(raw):
            self._note(line, self.checker.usual.name, find_marks(decode(raw), self.checker.task.provider))

    def _take_any(self, line: int, raw: bytes, first: bool) -> None:
        findings: list[Finding] = []
        if first:
            raw = without_mark(raw, findings)
        row = read_object(raw, findings)
        self.share.rows += bool(raw.strip())
        self.digests += _digest(row) if row is not None else NO_EXAMPLE
        self._note(line, "", findings)
        if row is None:
            return
        form = self.checker.format_of(row)
        if form.recognises(row):
            self._seen(form.name, line)
        if form not in self.checker.formats:
            taken = ", ".join(own.name for own in self.checker.formats)
            text = f"the row is {form.name}; {self.checker.facts.id} is trained on {taken}: convert it."
            self._note(line, form.name, [problem("", "format_not_taken", text)])
        try:
            self._check_row(line, raw, row, form)
        except RecursionError:
            text = "its values are nested too deeply; flatten them."
            self._note(line, form.name, [problem("", "nested_too_deeply", text)])

    def _check_row(self, line: int, raw: bytes, row: JsonRow, form: RowFormat) -> None:
        findings = list(form.check(row))
        self._note(line, form.name, findings)
        if may_hold_marks(raw):
            self._note(line, form.name, find_marks(row, self.checker.task.provider))
        if not any(finding.severity == "error" for finding in findings):
            example = form.read(row)
            if self.share.exactness != "estimated":  # it cannot be less
                exactness = self.checker.counter.exactness_of(example)
                self.share.exactness = least_exact(self.share.exactness, exactness)
            self.share.with_media += any(turn.media for turn in example.all_turns)
            self.others.append((line, form.name, example))

    def _count(self) -> None:
        """Count the tokens of the examples that wait, and object to those that are too long."""
        counter = self.checker.counter
        plain = counter.count_examples([messages for _, messages in self.plain])
        others = counter.count_training_examples([example for _, _, example in self.others])
        usual = self.checker.usual.name
        for (line, _), tokens in zip(self.plain, plain, strict=True):
            self._take_count(line, usual, tokens)
        for (line, form, _), tokens in zip(self.others, others, strict=True):
            self._take_count(line, form, tokens)
        self.plain, self.others, self.waiting_bytes = [], [], 0

    def _take_count(self, line: int, form: str, tokens: int) -> None:
        share = self.share
        share.counted += 1
        share.tokens += tokens
        if tokens > share.longest[0]:
            share.longest = (tokens, line)
        self._note(line, form, check_tokens(tokens, self.checker.facts, self.checker.counter))

    def _seen(self, form: str, line: int) -> None:
        count, first = self.share.formats.get(form, (0, line))
        self.share.formats[form] = (count + 1, first)

    def _note(self, line: int, form: str, findings: Sequence[Finding] | Iterator[Finding]) -> None:
        for finding in findings:
            self.tally.note(replace(finding, line=line), form)


def check_tokens(tokens: int, facts: ModelFacts, counter: TokenCounter) -> list[Finding]:
    """An objection when one example is longer than the model takes."""
    limit, advised = facts.max_tokens_per_example, facts.advised_tokens_per_example
    about = "" if counter.exactness == "exact" else f" ({counter.exactness})"
    if limit is None or tokens <= limit:
        if advised is None or tokens <= advised:
            return []
        message = f"{tokens:,} tokens{about}; {facts.id} does best with at most {advised:,} an example."
        return [problem("", "more_tokens_than_advised", message, "note")]
    cut = facts.longer_examples == "truncated"
    fate = "cuts off the rest" if cut else "leaves such an example out or refuses it"
    message = f"{tokens:,} tokens{about}; {facts.id} takes {limit:,} an example and {fate}: shorten or divide it."
    return [problem("", "too_many_tokens", message, "warning" if cut else "error")]


def _digest(value: object) -> bytes:
    """Eight bytes that are the same for the same JSON value, however it is spaced, escaped and ordered."""
    from msgspec.json import encode

    return hashlib.blake2b(encode(value, order="sorted"), digest_size=DIGEST_BYTES).digest()
