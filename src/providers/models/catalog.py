"""What is published about each provider's fine-tunable models: the YAML files beside this one, read into records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from src.config.loader import shipped_yaml

Status = Literal["open", "existing_users_only", "retired", "deprecated"]
LongerExamples = Literal["truncated", "rejected", "unpublished"]


@dataclass(frozen=True, slots=True)
class Source:
    """A document a number was taken from. `read_on` is the day it was read; `kind` says whose document it is."""

    title: str
    url: str
    read_on: date
    kind: Literal["provider", "third_party"]


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
    `longer_examples` says what the provider does with an example over `max_tokens_per_example`.
    `sources` maps each field that holds a number to a key of the provider's sources.
    """

    provider: str
    id: str
    aliases: tuple[str, ...]
    display_name: str
    context_window: int | None
    max_tokens_per_example: int | None
    longer_examples: LongerExamples
    max_training_tokens: int | None
    min_examples: int | None
    recommended_examples: int | None
    max_examples: int | None
    max_validation_examples: int | None
    max_file_bytes: int | None
    max_validation_file_bytes: int | None
    tokenizer: str
    usd_per_1m_train: float | None
    lifecycle: Lifecycle
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


@cache
def load_card(provider: str) -> ProviderCard:
    """The facts of one provider, read once. A wrong or missing key in the file is a TypeError or KeyError."""
    path = Path(__file__).with_name(f"{provider}.yaml")
    content = shipped_yaml(path)
    return ProviderCard(
        name=provider,
        display_name=content["display_name"],
        format_notes=content["format_notes"].strip(),
        sources={key: Source(**source) for key, source in content["sources"].items()},
        models=tuple(_read_model(provider, content["shared"], entry) for entry in content["models"]),
    )


def _read_model(provider: str, shared: Mapping[str, Any], entry: Mapping[str, Any]) -> ModelFacts:
    """A model's own fields on top of what the file's models share."""
    fields = {**shared, **entry}
    lifecycle = {**shared["lifecycle"], **entry.get("lifecycle", {})}
    lifecycle["successors"] = tuple(lifecycle["successors"])
    fields["lifecycle"] = Lifecycle(**lifecycle)
    fields["aliases"] = tuple(fields["aliases"])
    fields["sources"] = {**shared["sources"], **entry.get("sources", {})}
    return ModelFacts(provider=provider, **fields)
