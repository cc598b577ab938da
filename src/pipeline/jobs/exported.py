"""Whether an attempt that was killed had published its export already: then there is no second version of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from src.config.config_lock import LOCK_NAME, lock_bytes
from src.config.settings import OutputSettings
from src.errors import ExportError
from src.export.manifests.schema import read_manifest
from src.export.manifests.verifying import verify_folder
from src.export.versions.numbers import versions_in
from src.pipeline.locking.building import lock_for_export
from src.pipeline.stages.exports import chosen_output


def published_since(
    folder: Path,
    before: Collection[str],
    config: Mapping[str, Any],
    formats: Sequence[str] | None = None,
    output: OutputSettings | None = None,
) -> Path | None:
    """The version in `folder`, none of those `before`, that says it is the export of this dataset in these formats.

    It is whole: every file is as its manifest says. None when there is no such version.
    """
    chosen = chosen_output(config, formats, output)
    lock = lock_bytes(lock_for_export(config, chosen.model_dump(mode="json")))
    for name in reversed(versions_in(folder)):
        if name not in before and _is_it(folder / name, lock, chosen.formats):
            return folder / name
    return None


def _is_it(folder: Path, lock: bytes, formats: Sequence[str]) -> bool:
    try:
        same = set(read_manifest(folder).formats) == set(formats) and (folder / LOCK_NAME).read_bytes() == lock
        return same and not verify_folder(folder)
    except (OSError, ExportError):
        return False
