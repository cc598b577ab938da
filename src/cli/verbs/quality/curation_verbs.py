"""The verbs that change datasets, by name. A module is imported when its verb is used, so that others start sooner."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable

from src.cli.app import App
from src.cli.verbs.result import Result

Verb = Callable[[App, argparse.Namespace], Result]


def _verb(module: str, name: str) -> Verb:
    def verb(app: App, arguments: argparse.Namespace) -> Result:
        found: Verb = getattr(importlib.import_module(f"src.cli.verbs.quality.{module}"), name)
        return found(app, arguments)

    return verb


CURATION_VERBS: dict[str, Verb] = {
    "curate": _verb("curating", "curate"),
    "merge": _verb("curating", "merge"),
    "sample": _verb("changing", "sample"),
    "edit": _verb("changing", "edit"),
    "add": _verb("changing", "add"),
    "delete": _verb("changing", "delete"),
    "changes": _verb("changing", "changes"),
    "undo": _verb("changing", "undo_changes"),
    "review": _verb("reviewing", "review"),
    "repair": _verb("repairing", "repair"),
    "redact": _verb("describing", "redact"),
    "topics": _verb("describing", "topics"),
    "entities": _verb("describing", "entities"),
}
