"""Which version an export is to be: by what changed since the version before it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from src.errors import ExportError
from src.export.manifests.files import fingerprint
from src.export.manifests.schema import MANIFEST_NAME, Manifest, read_manifest
from src.export.versions.content import LINEAGE_NAME, VersionContent, read_content
from src.export.versions.difference import Difference, compare, samples
from src.export.versions.numbers import FIRST, ChangeKind, parse_version, versions_in

FormatSettings = Mapping[str, Mapping[str, object]]
"""The formats of an export by name, each with what shapes its rows (JSON values)."""


@dataclass(frozen=True, slots=True)
class VersionPlan:
    """A version to be: its number, the version before it, what makes it a patch, minor or major one.

    `difference` is None for a first version and where the parent's samples cannot be read; then `note` says why.
    `parent_sha256` is of the parent's manifest.json, "" when it cannot be read.
    """

    version: str
    parent: str | None
    change: ChangeKind
    reasons: tuple[str, ...]
    difference: Difference | None = None
    note: str = ""
    parent_sha256: str = ""


@dataclass(frozen=True, slots=True)
class _Parent:
    """What can be read of the version before."""

    name: str
    manifest: Manifest | None = None
    sha256: str = ""
    content: VersionContent | None = None
    note: str = ""


def plan_version(folder: Path, content: Callable[[], VersionContent], formats: FormatSettings) -> VersionPlan:
    """The version after the highest one in the dataset's folder; `content` is asked for where there is one.

    Samples removed or changed, a format left out or shaped otherwise: major. Samples or a format added: minor.
    Neither: patch. A parent whose samples cannot be read makes it major, for nobody can say what changed. Raises
    OSError.
    """
    names = versions_in(folder)
    if not names:
        return VersionPlan(str(FIRST), None, "first", ("the first version",))
    parent = _read_parent(folder / names[-1])
    difference = compare(parent.content, content()) if parent.content else None
    major, minor = _reasons(parent, difference, formats)
    change: ChangeKind = "major" if major else "minor" if minor else "patch"
    reasons = major or minor or ("metadata only: every sample is as it was",)
    latest = parse_version(parent.name)
    version = str(latest.after(change)) if latest else str(FIRST)
    return VersionPlan(version, parent.name, change, reasons, difference, parent.note, parent.sha256)


def _read_parent(folder: Path) -> _Parent:
    try:
        manifest = read_manifest(folder)
        digest = hashlib.sha256((folder / MANIFEST_NAME).read_bytes()).hexdigest()
    except (ExportError, OSError) as error:
        return _Parent(folder.name, note=_told(folder, error))
    lineage = folder / LINEAGE_NAME
    try:
        entry = manifest.files.get(LINEAGE_NAME)
        if entry is None:
            raise ExportError(f"it has no {LINEAGE_NAME}.")
        if fingerprint(lineage).sha256 != entry.sha256:
            raise ExportError(f"its {LINEAGE_NAME} was changed since it was written.")
        return _Parent(folder.name, manifest, digest, read_content(lineage))
    except (ExportError, OSError) as error:
        return _Parent(folder.name, manifest, digest, note=_told(folder, error))


def _told(folder: Path, error: Exception) -> str:
    # Without the way to the folder: what is exported is to be the same on every machine.
    why = f"{error.filename}: {error.strerror}." if isinstance(error, OSError) else str(error)
    return f"{folder.name} cannot be compared with: {why}".replace(f"{folder}{os.sep}", "")


def _reasons(
    parent: _Parent, difference: Difference | None, formats: FormatSettings
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What makes it a major version, and what a minor one."""
    major, minor = _format_reasons(parent.manifest, formats)
    if difference is None:
        return (*major, "what changed since the version before cannot be told"), tuple(minor)
    told = {"removed": difference.removed, "changed": difference.changed}
    major += [f"{samples(found.total)} {name}" for name, found in told.items() if found.total]
    if difference.added.total:
        minor.insert(0, f"{samples(difference.added.total)} added")
    return tuple(major), tuple(minor)


def _format_reasons(parent: Manifest | None, formats: FormatSettings) -> tuple[list[str], list[str]]:
    if parent is None:
        return [], []
    old = {name: found.settings for name, found in parent.formats.items()}
    new = {name: _as_json(settings) for name, settings in formats.items()}
    gone = [f"format {name} left out" for name in sorted(set(old) - set(new))]
    shaped = [f"format {name} changed" for name in sorted(set(old) & set(new)) if old[name] != new[name]]
    return gone + shaped, [f"format {name} added" for name in sorted(set(new) - set(old))]


def _as_json(settings: Mapping[str, object]) -> Any:
    return json.loads(json.dumps(dict(settings)))
