"""The models that can be fine-tuned, with their limits, whether they still can be, and where each number stands."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from src.cli.app import App
from src.providers import PROVIDERS
from src.providers.base_provider import Provider
from src.providers.models.model_facts import ModelFacts

_COLUMNS = ("model", "status", "tokens an example", "examples", "file", "tokenizer", "USD per 1M")
_UNKNOWN = "not published"


def draw_models(app: App, names: list[str]) -> None:
    """One table a provider, its sources below."""
    for name in names:
        provider = PROVIDERS[name]
        app.screen.title(provider.display_name)
        app.screen.table(_COLUMNS, [_row(facts) for facts in provider.card.models])
        for facts in provider.card.models:
            warning = provider.lifecycle_warning(facts.id)
            if warning:
                app.screen.warning(f"  {warning}")
        for source in provider.card.sources.values():
            app.screen.say(f"  Source: {source.title}, {source.url or 'this folder'} (read {source.read_on})")


def models_as_json(names: list[str]) -> dict[str, Any]:
    """Every published figure, null where there is none, with the source of each."""
    return {"providers": {name: _provider_as_json(PROVIDERS[name]) for name in names}}


def _provider_as_json(provider: Provider) -> dict[str, Any]:
    card = provider.card
    return {
        "display_name": card.display_name,
        "formats": list(provider.format_names),
        "sources": {key: {**asdict(source), "read_on": str(source.read_on)} for key, source in card.sources.items()},
        "models": [_model_as_json(facts) for facts in card.models],
    }


def _model_as_json(facts: ModelFacts) -> dict[str, Any]:
    life = facts.lifecycle
    dates = {
        name: str(day) if day else None
        for name, day in (("tuning_ends", life.tuning_ends), ("inference_ends", life.inference_ends))
    }
    return {**asdict(facts), "sources": dict(facts.sources), "lifecycle": {**asdict(life), **dates}}


def _row(facts: ModelFacts) -> tuple[str, ...]:
    return (
        facts.id,
        facts.lifecycle.status.replace("_", " "),
        _figure(facts.max_tokens_per_example),
        f"{_figure(facts.min_examples, '1')} to {_figure(facts.max_examples)}",
        _size(facts.max_file_bytes),
        facts.tokenizer,
        _UNKNOWN if facts.usd_per_1m_train is None else f"{facts.usd_per_1m_train:.2f}",
    )


def _figure(number: int | None, unknown: str = _UNKNOWN) -> str:
    return unknown if number is None else f"{number:,}"


def _size(size: int | None) -> str:
    if size is None:
        return _UNKNOWN
    return f"{size / (1 << 30):g} GiB" if size % (1 << 29) == 0 and size >= 1 << 30 else f"{size / (1 << 20):,.0f} MiB"
