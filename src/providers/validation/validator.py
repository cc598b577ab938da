"""Check a JSONL file, or samples in memory, against what a provider's model accepts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from src.providers import find_provider
from src.providers.formats.findings import Finding
from src.providers.formats.registry import find_format
from src.providers.token_counter import TokenCounter, counter_for
from src.providers.validation.file_check import FileCheck, Progress
from src.providers.validation.report import ValidationReport
from src.providers.validation.row_checks import CheckTask, check_tokens
from src.records import Sample, Split


def validate_file(
    path: Path,
    provider: str,
    model: str | None = None,
    *,
    form: str = "",
    split: Split | None = None,
    counter: TokenCounter | None = None,
    progress: Progress = lambda done, total: None,
) -> ValidationReport:
    """The report on one file, for the provider's first model unless one is named.

    `form` names the row format to hold the rows to; without it each row is held to the one it looks like. Without a
    `split` the file's name decides: one that starts with "validation" or "test" is held to the validation limits, any
    other to the training limits. `counter` counts tokens instead of the model's own one. `progress` is called with the
    bytes checked and the bytes of the file.

    Raises UsageError for an unknown provider, model or format and for a file that cannot be read, BuilderError when a
    process that checks a large file is ended from outside.
    """
    check = FileCheck(_task(path, provider, model, form), split or split_of(path), counter)
    check.run(progress)
    return check.report()


def validate_pair(
    training: Path,
    validation: Path,
    provider: str,
    model: str | None = None,
    *,
    form: str = "",
    counter: TokenCounter | None = None,
    progress: Progress = lambda done, total: None,
) -> tuple[ValidationReport, ValidationReport]:
    """The reports on a training file and its validation file; what concerns both stands in the second.

    Raises as validate_file() does.
    """
    first = FileCheck(_task(training, provider, model, form), "train", counter)
    second = FileCheck(_task(validation, provider, model, form), "validation", counter)
    first.run(progress)
    second.run(progress)
    second.compare(first)
    return first.report(), second.report()


_COUNTED_AT_ONCE = 2_000


def validate_samples(samples: Sequence[Sample], provider: str, model: str | None = None) -> list[Finding]:
    """Every objection to the samples as they would be written; `line` is the sample's number from 1."""
    judge = find_provider(provider)
    facts = judge.facts(model or judge.get_models()[0])
    counter = counter_for(provider, facts.id)
    findings = judge.validate_dataset(samples, facts.id)
    for start in range(0, len(samples), _COUNTED_AT_ONCE):
        counts = counter.count_examples([sample.messages for sample in samples[start : start + _COUNTED_AT_ONCE]])
        for number, tokens in enumerate(counts, start=start + 1):
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


def _task(path: Path, provider: str, model: str | None, form: str) -> CheckTask:
    judge = find_provider(provider)
    facts = judge.facts(model or judge.get_models()[0])
    if form:
        find_format(form)
    return CheckTask(path, provider, facts.id, form)


def split_of(path: Path) -> Split:
    """What a file is for, by its name."""
    if path.name.startswith("validation"):
        return "validation"
    return "test" if path.name.startswith("test") else "train"
