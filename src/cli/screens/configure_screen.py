"""Menu 1: provider, model, mode, size and split, asked one after the other and written to config.yaml."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from src.cli.app import App
from src.cli.prompts import Back, Option
from src.cli.screens.settings_screen import shown
from src.cli.split_questions import ask_ratio, ask_strategy
from src.config.editor import update_config
from src.config.settings import Settings
from src.providers import PROVIDERS

MODES = (
    Option("create", "create", "new questions and answers, written by an LLM from your documents"),
    Option("identify", "identify", "conversations that stand in your documents, word for word, no LLM needed"),
    Option("hybrid", "hybrid", "both: part identified, part generated"),
    Option("free", "free", "your own instructions (prompts/free_mode/prompt.txt) on every passage"),
)
MOST_SAMPLES = 10_000_000
Step = Callable[[App, Settings, dict[str, Any]], None]


def show(app: App) -> None:
    settings = app.settings()
    changes: dict[str, Any] = {}
    steps: tuple[Step, ...] = (_provider, _model, _mode, _size, _split)
    at = 0
    while at < len(steps):
        try:
            steps[at](app, settings, changes)
            at += 1
        except Back:
            if at == 0:
                app.screen.say("Nothing was changed.")
                raise
            at -= 1
    app.settings(changes)  # raises ConfigError before anything is written
    update_config(app.config_path, changes)
    app.screen.success(f"\nSaved to {app.config_path}:")
    app.screen.table(("key", "value"), sorted((key, shown(value)) for key, value in changes.items()))


def _provider(app: App, settings: Settings, changes: dict[str, Any]) -> None:
    options = [Option(name, name, provider.display_name) for name, provider in PROVIDERS.items()]
    changes["provider"] = app.asker.choose(
        "Provider to train with", options, changes.get("provider", settings.provider)
    )


def _model(app: App, settings: Settings, changes: dict[str, Any]) -> None:
    provider = PROVIDERS[changes["provider"]]
    options = [Option(model, model, _model_hint(changes["provider"], model)) for model in provider.get_models()]
    current = changes.get("model", settings.model)
    known = [option.value for option in options]
    if current in provider.known_models() and current not in known:
        current = provider.facts(current).id
    changes["model"] = app.asker.choose("Model", options, current if current in known else known[0])
    warning = provider.lifecycle_warning(changes["model"])
    if warning:
        app.screen.warning(f"Note: {warning}")


def _model_hint(provider_name: str, model: str) -> str:
    facts = PROVIDERS[provider_name].facts(model)
    limit = facts.max_tokens_per_example
    tokens = f"{limit:,} tokens an example" if limit else "tokens an example: not published"
    return (
        tokens
        if facts.lifecycle.status == "open"
        else f"{tokens}; fine-tuning {facts.lifecycle.status.replace('_', ' ')}"
    )


def _mode(app: App, settings: Settings, changes: dict[str, Any]) -> None:
    changes["mode"] = app.asker.choose("Generation mode", MODES, changes.get("mode", settings.mode))


def _size(app: App, settings: Settings, changes: dict[str, Any]) -> None:
    wanted = app.asker.number(
        "\nDataset size (samples)", changes.get("dataset_size", settings.dataset_size), 1, MOST_SAMPLES
    )
    decision = PROVIDERS[changes["provider"]].validate_dataset_size(wanted, changes["model"])
    if decision.message:
        app.screen.warning(decision.message)
    changes["dataset_size"] = decision.size


def _split(app: App, settings: Settings, changes: dict[str, Any]) -> None:
    enabled = app.asker.yes_no("\nSplit into train and validation?", settings.split.enabled)
    changes["split.enabled"] = enabled
    if not enabled:
        return
    train, validation, test = ask_ratio(app.asker, settings.split.shares)
    strategy, weight_by = ask_strategy(app.asker, settings.split.strategy, settings.split.weight_by)
    changes |= {"split.ratio": train, "split.test": test, "split.strategy": strategy, "split.weight_by": weight_by}
    changes["split.validation"] = validation if test else None
