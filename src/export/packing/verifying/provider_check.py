"""The records of a packed dataset in front of a provider's rules: the same check as of the JSONL file."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from src.errors import BuilderError
from src.export.packing.reading.pack import Pack
from src.export.packing.verifying.pack_report import Check, not_checked
from src.persistence.durable_files import incomplete_path
from src.providers.validation.report import ValidationReport
from src.providers.validation.tally import Group
from src.providers.validation.validator import validate_file

NAME = "provider rules"
_TOLD = 8


def check_provider(pack: Pack, provider: str, model: str | None, on_bytes: Callable[[int], None]) -> Check:
    """Unpack to a hidden folder for the validator, which reads files, and count what it objects to by rule."""
    try:
        folder = _hidden_folder(pack.path)
        try:
            report = validate_file(_unpacked(pack, folder, on_bytes), provider, model, progress=_steps(on_bytes))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except (OSError, BuilderError) as error:
        return not_checked(NAME, f"the records could not be checked: {error}")
    return _told(report)


def _hidden_folder(path: Path) -> Path:
    folder = incomplete_path(path.absolute())
    try:
        folder.mkdir()
    except OSError:  # a medium that may only be read
        return Path(tempfile.mkdtemp())
    return folder


def _unpacked(pack: Pack, folder: Path, on_bytes: Callable[[int], None]) -> Path:
    # The name says what the file is for: "validation" or "test", else training.
    path = folder / f"{pack.path.name.split('.')[0] or 'train'}.jsonl"
    with path.open("xb") as stream:
        for shard in pack.shards:
            for frame in range(shard.frames):
                raw = shard.raw(frame)
                stream.write(raw)
                on_bytes(len(raw))
    return path


def _steps(on_bytes: Callable[[int], None]) -> Callable[[int, int], None]:
    before = 0

    def progress(done: int, total: int) -> None:
        nonlocal before
        on_bytes(done - before)
        before = done

    return progress


def _told(report: ValidationReport) -> Check:
    errors, warnings = (report.severity_counts.get(severity, 0) for severity in ("error", "warning"))
    text = f"{report.rows:,} rows for {report.model} ({report.provider}): {errors:,} errors, {warnings:,} warnings"
    listed = [_listed(group) for group in report.groups if group.severity != "note"]
    if listed:
        text += (
            ": "
            + "; ".join(listed[:_TOLD])
            + (f"; and {len(listed) - _TOLD} more rules" if len(listed) > _TOLD else "")
        )
    return Check(NAME, "failed" if errors else "warning" if warnings else "ok", f"{text}.")


def _listed(group: Group) -> str:
    first = group.examples[0]
    place = f" in record {first.line - 1:,}" if first.line else ""
    return f"{group.rule} ({group.count:,}, {group.severity}), first{place}: {first.message.rstrip('.')}"
