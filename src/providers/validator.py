"""Check a JSONL file, or samples in memory, against what a provider's model accepts."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from src.errors import UsageError
from src.providers import find_provider
from src.providers.base_provider import NOT_TEXT_ONLY, Finding, ModelFacts, Provider, problem
from src.providers.checks.json_lines import Row, read_rows
from src.providers.token_counter import TokenCounter, counter_for
from src.providers.tokenizers import Exactness
from src.records import Sample, Severity, Split

KEPT_PER_RULE = 20
# Bounds the memory of the search for repeated lines (about 150 MB).
REMEMBERED_LINES = 1_000_000


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """What was found in one file. Holds at most 20 findings of each rule; `rule_counts` counts them all.

    `rows` counts the lines that are not blank; `tokens` those of the rows that can be read, as exact as
    `exactness` says.
    """

    path: Path
    provider: str
    model: str
    rows: int
    tokens: int
    exactness: Exactness
    findings: tuple[Finding, ...]
    rule_counts: Mapping[str, int]
    severity_counts: Mapping[Severity, int]

    @property
    def ok(self) -> bool:
        """True when the provider would take the file: no errors; warnings and notes are allowed."""
        return not self.severity_counts.get("error")


def validate_file(path: Path, provider: str, model: str | None = None) -> ValidationReport:
    """The report on one file, for the provider's first model unless one is named.

    A file whose name starts with "validation" or "test" is held to the validation limits, any other to the
    training limits. Raises UsageError for an unknown provider or model and for a file that cannot be read.
    """
    judge = find_provider(provider)
    facts = judge.facts(model or judge.get_models()[0])
    check = _FileCheck(judge, facts, counter_for(provider, facts.id), _split_of(path))
    try:
        check.run(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}; name a JSONL file you may read.") from error
    return check.report(path)


def validate_samples(samples: Sequence[Sample], provider: str, model: str | None = None) -> list[Finding]:
    """Every objection to the samples as they would be written; `line` is the sample's number from 1."""
    judge = find_provider(provider)
    facts = judge.facts(model or judge.get_models()[0])
    counter = counter_for(provider, facts.id)
    findings = judge.validate_dataset(samples, facts.id)
    counts = counter.count_examples([sample.messages for sample in samples])
    for number, tokens in enumerate(counts, start=1):
        findings += [replace(finding, line=number) for finding in check_tokens(tokens, facts, counter)]
    return findings


def objection(sample: Sample, provider: str, model: str) -> str:
    """The rule for which the provider would refuse the sample, "" when it takes it. Counts tokens only if need be."""
    judge = find_provider(provider)
    facts = judge.facts(model)
    findings = [finding for finding in judge.validate_dataset([sample], facts.id) if finding.line]
    limit = facts.max_tokens_per_example
    # No token is shorter than a byte, and no frame adds more than 64 to a message.
    most = sum(len(message.content.encode("utf-8", "replace")) + 64 for message in sample.messages)
    if limit is not None and most > limit:
        counter = counter_for(provider, facts.id)
        findings += check_tokens(counter.count_messages(sample.messages), facts, counter)
    return next((finding.rule for finding in findings if finding.severity == "error"), "")


def check_tokens(tokens: int, facts: ModelFacts, counter: TokenCounter) -> list[Finding]:
    """An objection when one example is longer than the model takes."""
    limit = facts.max_tokens_per_example
    if limit is None or tokens <= limit:
        return []
    about = "" if counter.exactness == "exact" else f" ({counter.exactness})"
    cut = facts.longer_examples == "truncated"
    fate = "cuts off the rest" if cut else "leaves such an example out or refuses it"
    message = f"{tokens:,} tokens{about}; {facts.id} takes {limit:,} an example and {fate}: shorten or divide it."
    return [problem("", "too_many_tokens", message, "warning" if cut else "error")]


def _split_of(path: Path) -> Split:
    if path.name.startswith("validation"):
        return "validation"
    return "test" if path.name.startswith("test") else "train"


@dataclass(slots=True)
class _FileCheck:
    """The state of one pass over a file."""

    judge: Provider
    facts: ModelFacts
    counter: TokenCounter
    split: Split
    rows: int = 0
    tokens: int = 0
    findings: list[Finding] = field(default_factory=list)
    rule_counts: Counter[str] = field(default_factory=Counter)
    severity_counts: Counter[Severity] = field(default_factory=Counter)
    first_lines: dict[bytes, int] = field(default_factory=dict)

    def run(self, path: Path) -> None:
        for finding in self._check_file(path):
            self._note(finding)
        for row in read_rows(path):
            self.rows += bool(row.raw.strip())
            for finding in (*row.findings, *self._check_row(row)):
                self._note(replace(finding, line=row.line))
        for finding in self._check_rows():
            self._note(finding)

    def report(self, path: Path) -> ValidationReport:
        return ValidationReport(
            path=path,
            provider=self.judge.name,
            model=self.facts.id,
            rows=self.rows,
            tokens=self.tokens,
            exactness=self.counter.exactness,
            findings=tuple(sorted(self.findings, key=lambda finding: finding.line)),
            rule_counts=dict(self.rule_counts),
            severity_counts=dict(self.severity_counts),
        )

    def _note(self, finding: Finding) -> None:
        self.rule_counts[finding.rule] += 1
        self.severity_counts[finding.severity] += 1
        if self.rule_counts[finding.rule] <= KEPT_PER_RULE:
            self.findings.append(finding)

    def _check_file(self, path: Path) -> Iterator[Finding]:
        if path.suffix != ".jsonl":
            yield problem("", "wrong_suffix", f"'{path.name}' does not end in .jsonl; rename it.")
        facts = self.facts
        most = facts.max_file_bytes if self.split == "train" else facts.max_validation_file_bytes
        size = path.stat().st_size
        if most is not None and size > most:
            text = f"{size:,} bytes; {facts.id} takes at most {most:,} in a {self.split} file: leave some rows out."
            yield problem("", "file_too_large", text)

    def _check_row(self, row: Row) -> Iterator[Finding]:
        if row.value is None:
            return
        yield from self._check_repetition(row)
        findings = self.judge.validate_example(row.value)
        yield from findings
        if not any(finding.severity == "error" for finding in findings):
            tokens = self._count(row, findings)
            self.tokens += tokens
            yield from check_tokens(tokens, self.facts, self.counter)

    def _count(self, row: Row, findings: Sequence[Finding]) -> int:
        assert row.value is not None
        if any(finding.rule == NOT_TEXT_ONLY for finding in findings):
            return self.counter.count_text(row.raw.decode("utf-8"))
        return self.counter.count_messages(self.judge.read_row(row.value))

    def _check_repetition(self, row: Row) -> Iterator[Finding]:
        digest = hashlib.blake2b(row.raw, digest_size=8).digest()
        first = self.first_lines.get(digest)
        if first is not None:
            text = f"the line is the same as line {first}; remove one of them."
            yield problem("", "repeated_line", text, "warning")
        elif len(self.first_lines) < REMEMBERED_LINES:
            self.first_lines[digest] = row.line
            if len(self.first_lines) == REMEMBERED_LINES:
                text = "from here on, only repetitions of the lines above are looked for."
                yield problem("", "repetitions_partly_checked", text, "note")

    def _check_rows(self) -> list[Finding]:
        if not self.rows:
            return [problem("", "empty_file", "the file holds no examples; write one JSON object a line.")]
        return self.judge.check_size(self.rows, self.facts.id, self.split)
