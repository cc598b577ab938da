"""The settings that shape a format's rows: another value makes another format, and a new major version."""

from __future__ import annotations

from collections.abc import Mapping

from src.config.settings import OutputSettings


def row_settings(name: str, provider: str, model: str, output: OutputSettings) -> Mapping[str, object]:
    """What of the settings decides how a row of the format looks, as JSON values."""
    organized = {"organize_by": output.organize_by, "organize_as": output.organize_as} if output.organize_by else {}
    own: Mapping[str, object] = {}
    if name == "jsonl":
        target = {"provider": provider, "model": model} if output.jsonl.structure == "provider" else {}
        own = {**output.jsonl.model_dump(), **target}
    elif name == "csv":
        own = output.csv.model_dump()
    elif name == "template":
        own = output.template.model_dump()
    return {**own, **organized}
