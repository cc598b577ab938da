"""The version number of an export: v1.0.0, then v1.0.1 and so on."""

from __future__ import annotations

import re
from pathlib import Path

_VERSION = re.compile(r"v(\d{1,9})\.(\d{1,9})\.(\d{1,9})")


def next_version(folder: Path) -> str:
    """The patch version after the highest one in the folder; "v1.0.0" when there is none."""
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    found = [tuple(map(int, match.groups())) for name in names if (match := _VERSION.fullmatch(name))]
    if not found:
        return "v1.0.0"
    major, minor, patch = max(found)
    return f"v{major}.{minor}.{patch + 1}"
