"""Menu 5: look at the configuration, change a key, see which API keys are set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from src.cli.app import App
from src.cli.prompts import Back, Option
from src.config.editor import update_config
from src.config.environment import KEY_NAMES
from src.errors import ConfigError

_CHOICES = (
    Option("view", "View current configuration", "config.yaml with AGENT_* from .env on top"),
    Option("edit", "Edit config.yaml", "one key after the other; comments stay"),
    Option("keys", "API keys", "which are set; values are never shown"),
)
_MASKED = "ingestion.passwords"
_NAMED_BY_USER = ("agent.identify.roles", _MASKED)


def show(app: App) -> None:
    choice = app.asker.choose("Settings", _CHOICES, "view")
    {"view": _view, "edit": _edit, "keys": _keys}[choice](app)


def _view(app: App) -> None:
    app.screen.say()
    for key, value in flat(app.settings().model_dump(mode="json")):
        app.screen.say(f"  {key.ljust(34)} {shown(value)}")


def _edit(app: App) -> None:
    """Change keys until the user goes back."""
    while True:
        keys = list(flat(app.settings().model_dump(mode="json")))
        options = [Option(key, key, shown(value)) for key, value in keys]
        try:
            key = app.asker.choose("Change which key? (b when done)", options)
            _change(app, key, dict(keys)[key])
        except Back:
            app.screen.say("Done.")
            return


def _change(app: App, key: str, current: object) -> None:
    text = app.asker.line(f"{key} [{shown(current)}]: ")
    if not text:
        return
    try:
        value = yaml.safe_load(text)
        # A word such as "on" or 1.0 stays a word where the key holds words.
        value = text.strip("\"'") if isinstance(current, str) and value is not None else value
        app.settings({key: value})  # raises ConfigError before anything is written
        update_config(app.config_path, {key: value})
        now = (
            shown(app.settings().model_dump(mode="json")["ingestion"]["passwords"]) if key == _MASKED else shown(value)
        )
        app.screen.success(f"{key} is now {now} in {app.config_path}.")
    except ConfigError as error:
        app.screen.warning("Not changed:\n" + "\n".join(f"  - {problem}" for problem in error.problems))
    except yaml.YAMLError:
        app.screen.warning("Not changed: that is not a value YAML understands; put text in quotes.")


def _keys(app: App) -> None:
    environment = app.environment()
    rows = [
        (provider, name, "set" if provider in environment.keys else "not set", environment.base_urls.get(provider, ""))
        for provider, name in KEY_NAMES.items()
    ]
    app.screen.say()
    app.screen.table(("provider", "variable", "state", "base URL"), rows)
    app.screen.say(f"\nKeys are read from {app.env_path} and the environment; copy .env.example to .env to set them.")


def flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested settings as dotted keys; what the user names the keys of is one value."""
    for key, value in values.items():
        if isinstance(value, Mapping) and f"{prefix}{key}" not in _NAMED_BY_USER:
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def shown(value: object) -> str:
    if value is None:
        return "(empty)"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f'"{name}": "{one}"' for name, one in value.items()) + "}" if value else "(empty)"
    return str(value).lower() if isinstance(value, bool) else str(value) or "(empty)"
