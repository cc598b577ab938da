"""Write a Dataset to a new version folder: whole, checked, and never over an older one."""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from src.dataset.statistics import compute_statistics
from src.errors import ExportError
from src.export.formats import FORMATTERS
from src.export.formats.formatter import FormatExample
from src.export.formats.jsonl_formatter import check_lines
from src.export.manifest import MANIFEST_NAME, write_json, write_manifest
from src.export.version import next_version
from src.persistence.durable_files import incomplete_path, sweep_incomplete, sync_file, sync_folder
from src.records import Dataset

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_TAKEN = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)


@dataclass(frozen=True, slots=True)
class ExportResult:
    """A finished export. `files` holds every file, the manifest last."""

    folder: Path
    version: str
    files: tuple[Path, ...]


def export_dataset(
    dataset: Dataset,
    output_dir: Path,
    format_example: FormatExample,
    *,
    formats: Sequence[str] = ("jsonl", "csv"),
    include_stats: bool = True,
    token_exactness: str = "",
    manifest: Mapping[str, object],
) -> ExportResult:
    """Write output_dir/NAME/vX.Y.Z/ with one file per split, metadata.csv, statistics.json and manifest.json.

    The folder appears under its name only when all of it is on the disk; an existing version stays as it is and
    the next number is taken. `formats` are keys of FORMATTERS, `manifest` comes from build_manifest. Raises
    ExportError, naming the path or the sample, and then leaves nothing behind.
    """
    folder = output_dir / dataset.name
    _refuse_impossible(dataset, formats)
    with _explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        sweep_incomplete(folder)
        with _building(folder) as building:
            files = _write_files(dataset, building, format_example, formats)
            if include_stats:
                files.append(_write_statistics(dataset, building, token_exactness))
            check_lines(dataset.samples, files)
            final = _publish(building, folder, files, manifest)
    return ExportResult(final, final.name, tuple(final / file.name for file in [*files, final / MANIFEST_NAME]))


def _refuse_impossible(dataset: Dataset, formats: Sequence[str]) -> None:
    if not _NAME.fullmatch(dataset.name):
        raise ExportError(
            f"'{dataset.name}' cannot name a folder; use letters, digits, '.', '_', '-', and a letter or digit first."
        )
    unknown = [name for name in formats if name not in FORMATTERS]
    if unknown:
        raise ExportError(f"unknown export format {', '.join(unknown)}; use {', '.join(FORMATTERS)}.")
    if not len(dataset):
        raise ExportError(f"dataset '{dataset.name}' has no samples; there is nothing to export.")


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = error.filename or folder
        advice = "free some space" if error.errno == errno.ENOSPC else "check that the folder may be written to"
        raise ExportError(
            f"{where}: {error.strerror or error}; nothing was exported. {advice.capitalize()}."
        ) from error


@contextmanager
def _building(folder: Path) -> Iterator[Path]:
    """A hidden folder that is gone afterwards, unless it was renamed."""
    building = incomplete_path(folder / next_version(folder))
    building.mkdir()
    try:
        yield building
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _write_files(dataset: Dataset, building: Path, format_example: FormatExample, formats: Sequence[str]) -> list[Path]:
    return [file for name in formats for file in FORMATTERS[name](dataset.samples, building, format_example)]


def _write_statistics(dataset: Dataset, building: Path, token_exactness: str) -> Path:
    path = building / "statistics.json"
    write_json(path, compute_statistics(dataset.samples, token_exactness).to_json())
    return path


def _publish(building: Path, folder: Path, files: Sequence[Path], manifest: Mapping[str, object]) -> Path:
    """Give the folder the next free version as its name; the folder under its final name."""
    for file in files:
        sync_file(file)
    while True:
        final = folder / next_version(folder)
        sync_file(write_manifest(building, manifest, final.name, files))
        sync_folder(building)
        try:
            building.rename(final)
        except OSError as error:
            # Another process took the number in the meantime.
            if error.errno not in _TAKEN or not final.exists():
                raise
        else:
            sync_folder(folder)
            return final
