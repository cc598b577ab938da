"""Provider: what one fine-tuning provider accepts (models, limits, the shape of a row, the size of a dataset)."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from src.errors import FormatError, UsageError
from src.providers.formats.findings import Finding, problem, refuse_errors
from src.providers.formats.fitting.abilities import Fitted
from src.providers.formats.registry import FORMATS
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import from_messages, to_messages
from src.providers.models.catalog import load_card
from src.providers.models.model_facts import ModelFacts, ProviderCard
from src.records import Message, Sample, Split

# Examples whose lines are measured to tell how many fit into a file.
_MEASURED = 200
# Where a format has no system message its text heads the question: the only way such a model can be given one.
_WRITTEN_AS_IS = ("system_into_prompt",)


@dataclass(frozen=True, slots=True)
class MeasuredExample:
    """What the examples made so far come to on average: tokens as the provider counts them, bytes of a line."""

    tokens: float
    file_bytes: float


@dataclass(frozen=True, slots=True)
class SizeDecision:
    """How many examples to make. `message` is "" unless that is fewer than were asked for."""

    size: int
    message: str


class Provider:
    """One fine-tuning provider. Has no state and does no input or output beyond reading its facts once.

    `format_names` are the shapes of a row it takes (keys of FORMATS), the first being what samples are written in.
    """

    name: str
    format_names: tuple[str, ...]

    @property
    def formats(self) -> list[RowFormat]:
        return [FORMATS[name] for name in self.format_names]

    @property
    def sample_format(self) -> RowFormat:
        """The format conversations in text are written in."""
        return FORMATS[self.format_names[0]]

    def format_of(self, row: object) -> RowFormat:
        """The format a row looks like; the first one for a row that looks like none."""
        if isinstance(row, Mapping):
            return next((form for form in self.formats if form.recognises(row)), self.sample_format)
        return self.sample_format

    @property
    def card(self) -> ProviderCard:
        return load_card(self.name)

    @property
    def display_name(self) -> str:
        return self.card.display_name

    def format_for(self, model: str | None = None) -> RowFormat:
        """The format samples are written in for a model (None: for the first one). Raises UsageError."""
        return FORMATS[self.facts(model).formats[0]] if model else self.sample_format

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

    def format_example(self, messages: Sequence[Message], model: str | None = None) -> dict[str, object]:
        """One row, its keys in a fixed order, in the model's format (None: the provider's first one).

        Raises FormatError when the provider would refuse it.
        """
        row = self.build_row(messages, model)
        refuse_errors(list(self.format_for(model).check(row)), self.display_name)
        return row

    def parse_example(self, row: object) -> tuple[Message, ...]:
        """The conversation in a row of one of this provider's formats.

        Raises FormatError for rows the provider would refuse and for those that hold more than text (tools,
        images, weights), which a Message cannot carry.
        """
        form = self.format_of(row)
        refuse_errors(list(form.check(row)), self.display_name)
        assert isinstance(row, Mapping)
        return to_messages(form.read(row))

    def validate_dataset(self, samples: Sequence[Sample], model: str) -> list[Finding]:
        """Every objection to the samples: each one's shape (line = its number from 1), then how many there are.

        Samples that are not split yet count as training samples.
        """
        findings = [
            replace(finding, line=number)
            for number, sample in enumerate(samples, start=1)
            for finding in self._objections(sample, model)
        ]
        held_out = sum(1 for sample in samples if sample.split == "validation")
        tested = sum(1 for sample in samples if sample.split == "test")
        findings += self.check_size(len(samples) - held_out - tested, model, "train")
        return findings + (self.check_size(held_out, model, "validation") if held_out else [])

    def _objections(self, sample: Sample, model: str) -> list[Finding]:
        form = self.format_for(model)
        fitted = form.fit(from_messages(sample.messages))
        lost = _first_loss(fitted)
        if lost is not None or fitted.example is None:
            return [replace(lost, severity="error")] if lost else []
        return list(form.check(form.build(fitted.example)))

    def check_size(self, examples: int, model: str, split: Split) -> list[Finding]:
        """Objections to a number of examples. The minimum is the training file's alone."""
        facts = self.facts(model)
        findings = []
        most = facts.max_examples if split == "train" else facts.max_validation_examples
        if most is not None and examples > most:
            message = f"{examples:,} examples; {facts.id} takes at most {most:,} in a {split} file: leave some out."
            findings.append(problem("", "too_many_examples", message))
        if split == "validation" and facts.min_validation_examples and examples < facts.min_validation_examples:
            least = facts.min_validation_examples
            message = f"{examples:,} examples; {facts.id} wants at least {least:,} in a validation file: add more."
            findings.append(problem("", "too_few_examples", message))
        if split != "train":
            return findings
        if facts.min_examples is not None and examples < facts.min_examples:
            message = f"{examples:,} examples; {facts.id} wants at least {facts.min_examples:,}: add more."
            findings.append(problem("", "too_few_examples", message))
        elif facts.recommended_examples is not None and examples < facts.recommended_examples:
            advice = f"{examples:,} examples; {self.display_name} advises to start with {facts.recommended_examples:,}."
            findings.append(problem("", "fewer_than_recommended", advice, "warning"))
        return findings

    def validate_dataset_size(self, desired: int, model: str, average: MeasuredExample | None = None) -> SizeDecision:
        """The desired number of training examples, capped at what the provider takes.

        `average` is what an example was measured to be, None before there are any: then only the limit on the number
        of examples can be told.
        """
        facts = self.facts(model)
        limits = [(facts.max_examples, f"{facts.max_examples:,} examples" if facts.max_examples else "")]
        if average is not None and average.file_bytes > 0 and facts.max_file_bytes is not None:
            said = f"{facts.max_file_bytes:,} bytes a file, and an example has {average.file_bytes:,.0f} on average"
            limits.append((int(facts.max_file_bytes / average.file_bytes), said))
        if average is not None and average.tokens > 0 and facts.max_training_tokens is not None:
            said = f"{facts.max_training_tokens:,} tokens, and an example has {average.tokens:,.0f} on average"
            limits.append((int(facts.max_training_tokens / average.tokens), said))
        most, said = min(((most, said) for most, said in limits if most is not None), default=(desired, ""))
        if desired <= most:
            return SizeDecision(desired, "")
        message = (
            f"{desired:,} examples were asked for; {self.display_name} takes at most {said} "
            f"for {facts.id}, so the dataset is capped at {most:,}."
        )
        return SizeDecision(most, message)

    def measure(self, samples: Sequence[Sample], model: str) -> MeasuredExample | None:
        """What the samples come to on average; None without any. Lines are measured on at most 200 of them."""
        if not samples:
            return None
        some = samples[:: max(1, len(samples) // _MEASURED)]
        rows = [json.dumps(self.build_row(sample.messages, model), ensure_ascii=False) for sample in some]
        file_bytes = sum(len(row.encode("utf-8", "surrogatepass")) + 1 for row in rows) / len(rows)
        return MeasuredExample(sum(sample.token_length for sample in samples) / len(samples), file_bytes)

    def validate_example(self, row: object) -> list[Finding]:
        """What the provider would object to in one row; empty when it would take it."""
        return list(self.format_of(row).check(row))

    def build_row(self, messages: Sequence[Message], model: str | None = None) -> dict[str, object]:
        """The row as it would be written, unchecked.

        Samples are made for their provider, so what would have to be merged, moved or dropped is a FormatError here.
        """
        form = self.format_for(model)
        fitted = form.fit(from_messages(messages))
        lost = _first_loss(fitted)
        if lost is not None:
            raise FormatError(f"{lost.message.rstrip('.')}: write it so that nothing has to be changed [{lost.rule}].")
        return form.build(fitted.example or from_messages(messages))


def _first_loss(fitted: Fitted) -> Finding | None:
    """The first choice that would change what a sample says."""
    losses = (choice for choice in fitted.choices if choice.severity != "note" and choice.rule not in _WRITTEN_AS_IS)
    return next(losses, None)
