"""ModelFacts: what is published about one fine-tunable model, and ProviderCard: all of one provider's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

Status = Literal["open", "existing_users_only", "retired", "deprecated"]
LongerExamples = Literal["truncated", "rejected", "unpublished"]


@dataclass(frozen=True, slots=True)
class Source:
    """A document a number was taken from. `read_on` is the day it was read; `kind` says whose document it is."""

    title: str
    url: str
    read_on: date
    kind: Literal["provider", "third_party", "user"]


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Whether a model can still be tuned, until when, and what to use instead. None = no date published."""

    status: Status
    tuning_ends: date | None
    inference_ends: date | None
    note: str
    successors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """One model's published figures. None = nobody publishes it; it is never guessed.

    Sizes are in tokens, examples (rows), bytes and US dollars per million training tokens.
    `formats` are the row formats the model is trained on, the first being what samples are written in.
    `max_total_examples` counts training and validation together, `max_media_examples` the examples with pictures or
    files; `validation_note` says in words what else is asked of a validation file.
    `longer_examples` says what the provider does with an example over `max_tokens_per_example`.
    `sources` maps each field that holds a number to a key of the provider's sources.
    """

    provider: str
    id: str
    aliases: tuple[str, ...]
    display_name: str
    formats: tuple[str, ...]
    context_window: int | None
    max_tokens_per_example: int | None
    advised_tokens_per_example: int | None
    longer_examples: LongerExamples
    max_training_tokens: int | None
    min_examples: int | None
    recommended_examples: int | None
    max_examples: int | None
    max_validation_examples: int | None
    min_validation_examples: int | None
    max_total_examples: int | None
    max_media_examples: int | None
    max_file_bytes: int | None
    max_validation_file_bytes: int | None
    tokenizer: str
    usd_per_1m_train: float | None
    lifecycle: Lifecycle
    validation_note: str
    note: str
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ProviderCard:
    """One provider's file: its models in menu order, the first one being the default."""

    name: str
    display_name: str
    format_notes: str
    sources: Mapping[str, Source]
    models: tuple[ModelFacts, ...]
