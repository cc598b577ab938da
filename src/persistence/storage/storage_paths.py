"""Where things go below a storage's root: the one place that says it."""

from __future__ import annotations

import re

from src.errors import UsageError

EXPORTS, CHECKPOINTS, LOGS, INCOMPLETE = "exports", "checkpoints", "logs", "incomplete"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_VERSION = re.compile(r"v\d{1,9}\.\d{1,9}\.\d{1,9}")


class StoragePaths:
    """Keys below a storage's root. Every method raises UsageError for a name that could lead elsewhere.

    exports/NAME/vX.Y.Z/...   finished, verified exports
    checkpoints/NAME          copies of the database and the journal
    logs/NAME                 reports and logs of runs
    incomplete/...            claims and parts of uploads under way
    """

    @staticmethod
    def export(name: str, version: str) -> str:
        if not _VERSION.fullmatch(version):
            raise UsageError(f"'{version}' is no version; versions look like v1.0.0.")
        return f"{EXPORTS}/{_safe(name)}/{version}"

    @staticmethod
    def checkpoint(name: str) -> str:
        return f"{CHECKPOINTS}/{_safe(name)}"

    @staticmethod
    def log(name: str) -> str:
        return f"{LOGS}/{_safe(name)}"

    @staticmethod
    def claim(target: str) -> str:
        """The mark of an upload under way to `target`."""
        return f"{INCOMPLETE}/{target}.claim.json" if target else f"{INCOMPLETE}/claim.json"

    @staticmethod
    def export_of(key: str) -> tuple[str, str] | None:
        """The (name, version) of the export a key belongs to; None for other keys."""
        parts = key.split("/")
        if len(parts) < 4 or parts[0] != EXPORTS or not _NAME.fullmatch(parts[1]) or not _VERSION.fullmatch(parts[2]):
            return None
        return parts[1], parts[2]


def _safe(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise UsageError(f"'{name}' cannot name something stored; use letters, digits, '.', '_' and '-'.")
    return name
