"""Verbs on what is known and what is set up: models, config, model, tokenizers."""

from __future__ import annotations

import argparse

from src.cli.app import App
from src.cli.verbs.result import DONE, Result


def models(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.tables.models_table import draw_models, models_as_json
    from src.providers import PROVIDERS

    app.take_up_own_models()
    names = [arguments.provider] if arguments.provider else list(PROVIDERS)
    draw_models(app, names)
    return DONE, models_as_json(names)


def config(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.screens.settings_screen import flat, shown
    from src.config.environment import KEY_NAMES

    settings = app.settings().model_dump(mode="json")
    environment = app.environment()
    keys = {name: environment.keys[p].masked() if p in environment.keys else "not set" for p, name in KEY_NAMES.items()}
    for key, value in flat(settings):
        app.screen.say(f"{key.ljust(34)} {shown(value)}")
    for name, state in keys.items():
        app.screen.say(f"{name.ljust(34)} {state}")
    return DONE, {"settings": settings, "keys": keys, "base_urls": dict(environment.base_urls)}


def model(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.display import ByteBar
    from src.providers.clients.local.model_store import DEFAULT_MODEL, fetch_model

    name = arguments.name or DEFAULT_MODEL
    path = fetch_model(name, ByteBar(f"Fetching {name}"))
    app.screen.success(f"{name} is ready: {path}")
    return DONE, {"model": name, "path": str(path)}


def tokenizers(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.display import ByteBar
    from src.providers.token_counter import fetch_tokenizers

    fetched = fetch_tokenizers(ByteBar("Fetching the tokenizer of Gemini"))
    for name, path in fetched:
        app.screen.success(f"{name} is ready: {path}")
    return DONE, {"tokenizers": {name: str(path) for name, path in fetched}}
