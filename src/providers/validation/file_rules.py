"""Rules for a whole file and for a pair of files, and where each of them comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from src.providers import find_provider
from src.providers.formats.findings import Finding, problem
from src.providers.models.catalog import load_card
from src.providers.models.model_facts import ModelFacts
from src.records import Split

# What other kinds of files begin with.
_BEGINNINGS: Mapping[bytes, str] = {
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"\x1f\x8b": "compressed with gzip",
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"PAR1": "a Parquet table",
}
_ONE_JOB_ONE_FORMAT: Mapping[str, str] = {
    "openai": "openai 3.52.0, fine_tuning.jobs.create, method: supervised, dpo or reinforcement; read 2026-11-21",
    "google": "Google Cloud, the pages on supervised and on preference tuning: each has a format of its own (that they "
    "do not mix follows from it); read 2026-11-21",
    "mistral": "mistralai/mistral-finetune, README: a data file is of the type pretrain or instruct; read 2026-11-21",
    "llama": "togethercomputer/together-python, check_file: all samples must have the same format; read 2026-11-21",
    "anthropic": 'AWS, "Prepare data for fine-tuning your models": a format for each model (that they do not mix '
    "follows from it); read 2026-11-21",
}

# Of the training file's bytes; of the training examples, where there are more validation examples than these.
MISTRAL_VALIDATION_SHARE = 0.05
GOOGLE_VALIDATION_SHARE, GOOGLE_FREE_EXAMPLES = 0.3, 1_000

_ADVICE = "this program's advice, no provider's rule"
_OVERLAP_SOURCES: Mapping[str, str] = {
    "openai": "openai 3.52.0, fine_tuning.jobs.create, validation_file: the same data should not be in both files; "
    "read 2026-11-21",
}
_PAIR_SOURCES: Mapping[str, str] = {
    "mistral": "mistralai/platform-docs-public (commit 222f4ba), resources/deprecated/finetuning, read 2026-11-21",
    "google": 'Google Cloud, "About supervised fine-tuning for Gemini models", read 2026-11-21',
}
_JSON_LINES_RULES = (
    "wrong_kind_of_file",
    "json_array",
    "empty_file",
    "byte_order_mark",
    "blank_line",
    "line_too_long",
    "not_utf8",
    "not_json",
    "repeated_key",
    "not_an_object",
    "lone_surrogate",
    "nested_too_deeply",
)
LIFECYCLE_RULE = "tuning_is_closing"
_FIELDS: Mapping[str, tuple[str, str]] = {
    "too_many_tokens": ("max_tokens_per_example", "max_tokens_per_example"),
    "too_many_examples": ("max_examples", "max_validation_examples"),
    "too_few_examples": ("min_examples", "min_examples"),
    "fewer_than_recommended": ("recommended_examples", "recommended_examples"),
    "file_too_large": ("max_file_bytes", "max_validation_file_bytes"),
    "too_many_media_examples": ("max_media_examples", "max_media_examples"),
    "too_many_examples_together": ("max_total_examples", "max_total_examples"),
    "more_tokens_than_advised": ("advised_tokens_per_example", "advised_tokens_per_example"),
    "too_many_training_tokens": ("max_training_tokens", "max_training_tokens"),
    LIFECYCLE_RULE: ("lifecycle", "lifecycle"),
}


@dataclass(frozen=True, slots=True)
class Totals:
    """What a file holds. `formats` counts the rows of each format and names the first line of each."""

    bytes: int
    rows: int
    tokens: int
    with_media: int
    formats: Mapping[str, tuple[int, int]]


def foreign_kind(path: Path) -> Finding | None:
    """An objection to a file that is not JSON Lines at all, by how it begins and ends. Raises OSError."""
    with path.open("rb") as stream:
        head = stream.read(64)
        stream.seek(max(0, path.stat().st_size - 64))
        tail = stream.read()
    for beginning, kind in _BEGINNINGS.items():
        if head.startswith(beginning):
            text = f"the file is {kind}; write JSON Lines in UTF-8: one JSON object a line."
            return problem("", "wrong_kind_of_file", text)
    if head.lstrip().startswith(b"[") and tail.rstrip().endswith(b"]"):
        return problem("", "json_array", "the file is one JSON array; write each of its objects on a line of its own.")
    return None


def check_name_and_size(path: Path, size: int, facts: ModelFacts, split: Split) -> Iterator[Finding]:
    if path.suffix != ".jsonl":
        yield problem("", "wrong_suffix", f"'{path.name}' does not end in .jsonl; rename it.")
    most = facts.max_file_bytes if split == "train" else facts.max_validation_file_bytes
    if most is not None and size > most:
        text = f"{size:,} bytes; {facts.id} takes at most {most:,} in a {split} file: leave some rows out."
        yield problem("", "file_too_large", text)


def check_totals(totals: Totals, facts: ModelFacts, split: Split) -> Iterator[Finding]:
    """Objections to how much a file holds, and to a mixture of formats."""
    if not totals.rows:
        yield problem("", "empty_file", "the file holds no examples; write one JSON object a line.")
        return
    yield from find_provider(facts.provider).check_size(totals.rows, facts.id, split)
    yield from _check_formats(totals.formats)
    most = facts.max_training_tokens
    if split == "train" and most is not None and totals.tokens > most:
        text = f"{totals.tokens:,} tokens; a job on {facts.id} takes at most {most:,}: leave some rows out."
        yield problem("", "too_many_training_tokens", text)
    most = facts.max_media_examples
    if split == "train" and most is not None and totals.with_media > most:
        text = f"{totals.with_media:,} examples hold pictures or files; at most {most:,} may: leave some out."
        yield problem("", "too_many_media_examples", text)


def _check_formats(formats: Mapping[str, tuple[int, int]]) -> Iterator[Finding]:
    if len(formats) < 2:
        return
    in_order = sorted(formats.items(), key=lambda item: item[1][1])
    listed = ", ".join(f"{name} ({count:,}, first on line {line:,})" for name, (count, line) in in_order)
    text = f"rows of several formats: {listed}; a job takes one: divide the file."
    yield problem("", "mixed_formats", text)


def check_pair(training: Totals, validation: Totals, facts: ModelFacts) -> Iterator[Finding]:
    """Objections to a validation file beside its training file, but for the examples that stand in both."""
    together, most_together = training.rows + validation.rows, facts.max_total_examples
    if most_together is not None and together > most_together:
        text = f"{together:,} examples in both files together; at most {most_together:,} are taken: leave some out."
        yield problem("", "too_many_examples_together", text)
    most = GOOGLE_VALIDATION_SHARE * training.rows
    if facts.provider == "google" and validation.rows > max(GOOGLE_FREE_EXAMPLES, most):
        text = (
            f"{validation.rows:,} validation examples; more than {GOOGLE_FREE_EXAMPLES:,} may not be more than "
            f"{GOOGLE_VALIDATION_SHARE:.0%} of the {training.rows:,} training examples: leave some out."
        )
        yield problem("", "validation_too_large", text)
    if facts.provider == "mistral" and validation.bytes > MISTRAL_VALIDATION_SHARE * training.bytes:
        text = (
            f"{validation.bytes:,} bytes are more than {MISTRAL_VALIDATION_SHARE:.0%} of the training file's "
            f"{training.bytes:,}, which Mistral's API refused (mistral-finetune does not mind): leave some rows out."
        )
        yield problem("", "validation_too_large", text, "warning")


def file_rule_source(rule: str, facts: ModelFacts, split: Split, lines: str) -> str:
    """Where a rule that no row format has comes from, "" for one that a format has.

    `lines` is the source of the rules for lines of JSON.
    """
    if rule in _FIELDS:
        return fact_source(facts, _FIELDS[rule][split != "train"])
    if rule in _JSON_LINES_RULES:
        return lines
    named = {
        "repeated_line": _ADVICE,
        "repetitions_partly_checked": _ADVICE,
        "format_not_taken": fact_source(facts, "formats"),
        "mixed_formats": _ONE_JOB_ONE_FORMAT[facts.provider],
        "in_both_files": _OVERLAP_SOURCES.get(facts.provider, _ADVICE),
        "validation_too_large": _PAIR_SOURCES.get(facts.provider, ""),
        "wrong_suffix": load_card(facts.provider).display_name + ": training files end in .jsonl",
    }
    return named.get(rule, "")


def fact_source(facts: ModelFacts, field: str) -> str:
    """The document a model's figure was taken from."""
    card = load_card(facts.provider)
    source = card.sources.get(facts.sources.get(field, ""))
    return f"{source.title} ({source.url}), read {source.read_on}" if source else f"{card.display_name}: {field}"
