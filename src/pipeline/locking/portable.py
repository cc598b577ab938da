"""Settings without what is secret or true on one machine only, and with it again."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

# They say where things are kept on this machine, not what is made.
_OF_THE_MACHINE = ("persistence", "storage", "jobs")
_MACHINES = ("engine", "ray_address", "workers")
_SYSTEM_KEYS = ("local_model_path", "base_urls", *_MACHINES)
TEMPLATE_KEYS = ("file", "schema_file")


def portable(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as plain values without secrets, addresses and what is true on one machine only."""
    kept = {key: copy.deepcopy(value) for key, value in settings.items() if key not in _OF_THE_MACHINE}
    if "system" in kept:
        kept["system"].update(local_model_path="", base_urls={})
        for key in _MACHINES:
            kept["system"].pop(key, None)
    if "ingestion" in kept:
        kept["ingestion"]["passwords"] = {}
    template = kept.get("output", {}).get("template", {})
    for key in TEMPLATE_KEYS:
        template.update({key: _name_alone(template[key])} if template.get(key) else {})
    return kept


def _name_alone(path: str) -> str:
    """A path as it is when it is relative, else the file's name."""
    absolute = PurePosixPath(path).is_absolute() or bool(PureWindowsPath(path).anchor) or path.startswith("~")
    return PureWindowsPath(path).name if absolute else path


def at_home(portable_settings: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with what portable() took out filled in from the user's `own`; passwords are left out."""
    values = {**copy.deepcopy(dict(portable_settings)), **{key: own[key] for key in _OF_THE_MACHINE if key in own}}
    values["system"].update({key: own["system"][key] for key in _SYSTEM_KEYS if key in own["system"]})
    template, mine = values["output"].get("template", {}), own["output"].get("template", {})
    for key in TEMPLATE_KEYS:
        if template.get(key) and mine.get(key) and Path(mine[key]).name == Path(template[key]).name:
            template[key] = mine[key]
    return values
