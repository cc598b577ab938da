"""Provider: what one fine-tuning provider accepts (models, limits, the shape of a row, the size of a dataset)."""

from __future__ import annotations

import difflib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from src.errors import FormatError, UsageError
from src.providers.models.catalog import ModelFacts as ModelFacts
from src.providers.models.catalog import ProviderCard, load_card
from src.records import Message, Sample, Severity, Split

# The rule of rows that go beyond a conversation in text: valid for the provider, but not checked to the bottom here.
NOT_TEXT_ONLY = "not_text_only"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a provider would object to. `line` counts from 1 (0 = the whole file); `path` is a place in the row.

    `rule` is a stable word to search for; `message` says what is wrong and how to mend it.
    """

    severity: Severity
    line: int
    path: str
    rule: str
    message: str


def problem(path: str, rule: str, message: str, severity: Severity = "error") -> Finding:
    """A Finding that does not know its line yet."""
    return Finding(severity, 0, path, rule, message)


@dataclass(frozen=True, slots=True)
class SizeDecision:
    """How many examples to make. `message` is "" unless that is fewer than were asked for."""

    size: int
    message: str


class Provider(ABC):
    """One fine-tuning provider. Has no state and does no input or output beyond reading its facts once."""

    name: str

    @property
    def card(self) -> ProviderCard:
        return load_card(self.name)

    @property
    def display_name(self) -> str:
        return self.card.display_name

    def get_models(self) -> list[str]:
        """Model ids in menu order; the first is the default."""
        return [facts.id for facts in self.card.models]

    def known_models(self) -> list[str]:
        """Every name config.yaml may use: the ids, then their aliases."""
        return self.get_models() + [alias for facts in self.card.models for alias in facts.aliases]

    def facts(self, model: str) -> ModelFacts:
        """The facts of a model, by id or alias. Raises UsageError that names the accepted models."""
        for facts in self.card.models:
            if model == facts.id or model in facts.aliases:
                return facts
        close = difflib.get_close_matches(model, self.known_models(), n=1, cutoff=0.5)
        hint = f"; did you mean '{close[0]}'?" if close else "."
        raise UsageError(f"'{model}' is not a model of {self.name}; use one of {', '.join(self.get_models())}{hint}")

    def get_token_limit(self, model: str) -> int | None:
        """The most tokens one example may have; None when unpublished."""
        return self.facts(model).max_tokens_per_example

    def get_max_training_tokens(self, model: str) -> int | None:
        """The most tokens a job may train on; None when unpublished (today, for every model)."""
        return self.facts(model).max_training_tokens

    def lifecycle_warning(self, model: str) -> str:
        """What has ended or will end, and what to use instead; "" for a model that is open for tuning."""
        facts = self.facts(model)
        life = facts.lifecycle
        if life.status == "open":
            return ""
        verb = "ended" if life.status == "retired" else "ends"
        dates = [f"tuning {verb} on {life.tuning_ends}"] if life.tuning_ends else []
        dates += [f"inference {verb} on {life.inference_ends}"] if life.inference_ends else []
        live = f"live successors: {', '.join(life.successors)}" if life.successors else ""
        status = "open to existing users only" if life.status == "existing_users_only" else life.status
        return f"{facts.id} is {status}: " + "; ".join(part for part in (*dates, life.note, live) if part) + "."

    def format_example(self, messages: Sequence[Message]) -> dict[str, object]:
        """One row, its keys in a fixed order. Raises FormatError when the provider would refuse it."""
        row = self.build_row(messages)
        _refuse_errors(self.validate_example(row), self.display_name)
        return row

    def parse_example(self, row: object) -> tuple[Message, ...]:
        """The conversation in a row of this provider's format.

        Raises FormatError for rows the provider would refuse and for those that hold more than text (tools,
        images, weights), which a Message cannot carry.
        """
        findings = self.validate_example(row)
        _refuse_errors(findings, self.display_name)
        beyond = next((finding for finding in findings if finding.rule == NOT_TEXT_ONLY), None)
        if beyond:
            raise FormatError(f"{beyond.path}: {beyond.message}")
        assert isinstance(row, Mapping)
        return self.read_row(row)

    def validate_dataset(self, samples: Sequence[Sample], model: str) -> list[Finding]:
        """Every objection to the samples: each one's shape (line = its number from 1), then how many there are.

        Samples that are not split yet count as training samples.
        """
        findings = [
            replace(finding, line=number)
            for number, sample in enumerate(samples, start=1)
            for finding in self._objections(sample)
        ]
        held_out = sum(1 for sample in samples if sample.split == "validation")
        tested = sum(1 for sample in samples if sample.split == "test")
        findings += self.check_size(len(samples) - held_out - tested, model, "train")
        return findings + (self.check_size(held_out, model, "validation") if held_out else [])

    def _objections(self, sample: Sample) -> list[Finding]:
        try:
            return self.validate_example(self.build_row(sample.messages))
        except FormatError as error:
            return [problem("messages", "not_expressible", str(error))]

    def check_size(self, examples: int, model: str, split: Split) -> list[Finding]:
        """Objections to a number of examples. The minimum is the training file's alone."""
        facts = self.facts(model)
        findings = []
        most = facts.max_examples if split == "train" else facts.max_validation_examples
        if most is not None and examples > most:
            message = f"{examples:,} examples; {facts.id} takes at most {most:,} in a {split} file: leave some out."
            findings.append(problem("", "too_many_examples", message))
        if split != "train":
            return findings
        if facts.min_examples is not None and examples < facts.min_examples:
            message = f"{examples:,} examples; {facts.id} wants at least {facts.min_examples:,}: add more."
            findings.append(problem("", "too_few_examples", message))
        elif facts.recommended_examples is not None and examples < facts.recommended_examples:
            advice = f"{examples:,} examples; {self.display_name} advises to start with {facts.recommended_examples:,}."
            findings.append(problem("", "fewer_than_recommended", advice, "warning"))
        return findings

    def validate_dataset_size(self, desired: int, model: str) -> SizeDecision:
        """The desired number of examples, capped at what the provider takes."""
        facts = self.facts(model)
        if facts.max_examples is None or desired <= facts.max_examples:
            return SizeDecision(desired, "")
        message = (
            f"{desired:,} examples were asked for; {self.display_name} takes at most {facts.max_examples:,} "
            f"for {facts.id}, so the dataset is capped at {facts.max_examples:,}."
        )
        return SizeDecision(facts.max_examples, message)

    @abstractmethod
    def validate_example(self, row: object) -> list[Finding]:
        """What the provider would object to in one row; empty when it would take it."""

    @abstractmethod
    def build_row(self, messages: Sequence[Message]) -> dict[str, object]:
        """The row as it would be written, unchecked. Raises FormatError where the shape has no place for a message."""

    @abstractmethod
    def read_row(self, row: Mapping[str, object]) -> tuple[Message, ...]:
        """The conversation in a text-only row that `validate_example` found no error in."""


def leading_system(messages: Sequence[Message]) -> tuple[str | None, Sequence[Message]]:
    """The system text (None without one) and the turns after it, for formats that keep the two apart.

    Raises FormatError for a system message anywhere but in front.
    """
    system = messages[0].content if messages and messages[0].role == "system" else None
    turns = messages[1:] if system is not None else messages
    if any(message.role == "system" for message in turns):
        raise FormatError("a system message stands after the first place; put it in front, once.")
    return system, turns


def _refuse_errors(findings: Sequence[Finding], display_name: str) -> None:
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        places = "; ".join(f"{finding.path or 'row'}: {finding.message} [{finding.rule}]" for finding in errors[:3])
        raise FormatError(f"not a {display_name} example: {places}")
