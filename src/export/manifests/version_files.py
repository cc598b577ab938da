"""The files that say what a version is: CHANGELOG.md, croissant.json, manifest.json and manifest.sha256."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from src.export.manifests.croissant.croissant_file import build_croissant
from src.export.manifests.files import CHANGELOG_NAME, CROISSANT_NAME, FileEntry, describe_late_file, with_rows
from src.export.manifests.manifest import ManifestFacts, build_manifest, write_json
from src.export.manifests.schema import CHECKSUM_NAME, MANIFEST_NAME, checksum_line, parse_manifest
from src.export.versions.changelog import changelog_text
from src.export.versions.planning import VersionPlan


def write_version_files(
    building: Path, folder: Path, facts: ManifestFacts, plan: VersionPlan, files: Sequence[FileEntry]
) -> None:
    """Write them over those of an earlier try. `files` are all the others, `folder` holds the dataset's versions.

    Raises OSError; ManifestError where the facts do not fit the manifest's schema.
    """
    files = with_rows(files, {name: found.rows for name, found in facts.formats.items()})
    text = changelog_text(facts.name, plan, facts.created_at, folder)
    (building / CHANGELOG_NAME).write_bytes(text.encode("utf-8", "backslashreplace"))
    write_json(building / CROISSANT_NAME, build_croissant(building, facts, plan, files))
    late = [describe_late_file(building, name) for name in (CHANGELOG_NAME, CROISSANT_NAME)]
    write_json(building / MANIFEST_NAME, build_manifest(facts, plan, [*files, *late]))
    raw = (building / MANIFEST_NAME).read_bytes()
    parse_manifest(building, raw)
    (building / CHECKSUM_NAME).write_bytes(checksum_line(raw))
