"""What is published about each provider's fine-tunable models: the YAML files beside this one, read into records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from src.config.loader import shipped_yaml
from src.config.settings import ModelSettings
from src.providers.models.model_facts import Lifecycle, ModelFacts, ProviderCard, Source
from src.providers.models.own_models import OWN, with_added

# What the user's configuration adds or changes; the same for the whole program, as the shipped facts are.
_ADDED: dict[str, tuple[ModelSettings, ...]] = {}


def use_models(added: Mapping[str, Sequence[ModelSettings]]) -> None:
    """From now on, the providers have these models too, or these figures for models they have already."""
    chosen = {provider: tuple(models) for provider, models in added.items() if models}
    if chosen != _ADDED:
        _ADDED.clear()
        _ADDED.update(chosen)
        load_card.cache_clear()


def added_models() -> Mapping[str, Sequence[ModelSettings]]:
    """What use_models was given, for processes that must know the same."""
    return dict(_ADDED)


@cache
def load_card(provider: str) -> ProviderCard:
    """The facts of one provider, read once, with the user's own on top.

    A wrong or missing key in the shipped file is a TypeError or KeyError. Raises ConfigError for a model of the
    user's that cannot be.
    """
    path = Path(__file__).with_name(f"{provider}.yaml")
    content = shipped_yaml(path)
    models = tuple(_read_model(provider, content["shared"], entry) for entry in content["models"])
    sources = {key: Source(**source) for key, source in content["sources"].items()}
    added = _ADDED.get(provider, ())
    return ProviderCard(
        name=provider,
        display_name=content["display_name"],
        format_notes=content["format_notes"].strip(),
        sources={**sources, OWN: Source("your config.yaml, models", "", date.today(), "user")} if added else sources,
        models=with_added(models, added),
    )


def _read_model(provider: str, shared: Mapping[str, Any], entry: Mapping[str, Any]) -> ModelFacts:
    """A model's own fields on top of what the file's models share."""
    fields = {**shared, **entry}
    lifecycle = {**shared["lifecycle"], **entry.get("lifecycle", {})}
    lifecycle["successors"] = tuple(lifecycle["successors"])
    fields["lifecycle"] = Lifecycle(**lifecycle)
    fields["aliases"] = tuple(fields["aliases"])
    fields["formats"] = tuple(fields["formats"])
    fields["sources"] = {**shared["sources"], **entry.get("sources", {})}
    return ModelFacts(provider=provider, **fields)
