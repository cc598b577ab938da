"""The verb `web-actions`: recorded browser sessions to a dataset."""

from __future__ import annotations

import argparse
from typing import Any

from src.cli.app import App
from src.cli.verbs.result import DONE, FAILED, Result
from src.errors import UsageError

# Options that stand for a key of config.yaml, and whether they are lists with commas.
_KEYS = {
    "sites": ("only.sites", True),
    "not_sites": ("without.sites", True),
    "workflows": ("only.workflows", True),
    "not_workflows": ("without.workflows", True),
    "actions": ("only.actions", True),
    "not_actions": ("without.actions", True),
    "success": ("only.success", False),
    "since": ("only.since", False),
    "until": ("only.until", False),
    "min_steps": ("only.min_steps", False),
    "max_steps": ("only.max_steps", False),
    "dom_characters": ("dom_characters", False),
    "split": ("split", False),
    "split_by": ("split_by", False),
    "max_side": ("images.max_side", False),
    "crop": ("images.crop", False),
    "augment": ("images.augment", False),
    "images_url": ("images.url", False),
}


def web_actions(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.screens.web_actions_screen import Wanted, build, draw, export_built

    formats = [part.strip() for part in (arguments.formats or "").split(",") if part.strip()]
    _check_formats(formats)
    settings = app.settings(_given(arguments))
    wanted = Wanted(
        arguments.input,
        arguments.folder,
        include_images=False if arguments.no_images else None,
        train_split=arguments.train_split,
        test_split=arguments.test_split,
        overwrite=arguments.overwrite,
    )
    built = build(app, settings, wanted)
    draw(app, built)
    answer: dict[str, Any] = {"folder": str(built.folder), **built.to_json()}
    if not formats:
        return DONE, answer
    result = export_built(app, built, formats)
    exported = {"folder": str(result.folder), "version": result.version, "failed": dict(result.failed)}
    return FAILED if result.failed else DONE, {**answer, "export": exported}


def _check_formats(names: list[str]) -> None:
    from src.export.formats import EXPORT_FORMATS

    unknown = [name for name in names if name not in EXPORT_FORMATS]
    if unknown:
        raise UsageError(f"--formats: '{unknown[0]}' is not a format; use {', '.join(EXPORT_FORMATS)}.")


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the command line says instead of config.yaml."""
    given = {
        "output_name": arguments.name,
        "provider": arguments.provider,
        "model": arguments.model,
        "split.seed": arguments.seed,
    }
    for option, (key, several) in _KEYS.items():
        value = getattr(arguments, option)
        if value is not None and several:
            value = [part.strip() for part in value.split(",") if part.strip()]
        given[f"web_actions.{key}"] = value
    if arguments.provider and not arguments.model:
        from src.providers import find_provider

        given["model"] = find_provider(arguments.provider).get_models()[0]
    return {key: value for key, value in given.items() if value is not None}
