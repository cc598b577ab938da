"""The documents a stored dataset was made from, read again: for passages, coverage and whatever compares with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from src.config.settings import IngestionSettings
from src.dataset.quality.sources import passage_text
from src.export.batches import StoredRows, batches_of
from src.ingestion.document_reader import stays_inside
from src.ingestion.extracts.extract_cache import ExtractCache
from src.ingestion.extracts.extract_file import part_ids
from src.ingestion.extracts.shelf import Shelf
from src.ingestion.file_processor import read_files
from src.pipeline.orchestrator import reading_plan
from src.pipeline.run_plan import Workspace
from src.records import Document, RunReport, Sample

CHANGED = "it was changed since: its SHA-256 is another one"


@dataclass(frozen=True, slots=True)
class SourceTexts:
    """The documents that could be read again. `unreadable` says of each source file that could not why."""

    shelf: Shelf = field(default_factory=Shelf)
    unreadable: Mapping[str, str] = field(default_factory=dict)

    def find(self, document_id: str) -> Document | None:
        """The document of this id, None where it is not at hand."""
        try:
            return self.shelf.find(document_id)
        except KeyError:
            return None

    def passage_of(self, sample: Sample) -> str | None:
        """The text the sample was made from, None where it is not at hand."""
        document = self.find(sample.origin.document_id)
        return passage_text(sample, document) if document is not None else None

    def documents(self) -> Iterator[Document]:
        """All of them, one after the other."""
        return iter(self.shelf)


def read_sources(
    samples: StoredRows | Sequence[Sample],
    config: Mapping[str, Any],
    workspace: Workspace,
    ingestion: IngestionSettings,
) -> SourceTexts:
    """Read the samples' documents in the input folder as the run read them, or take their text from the cache.

    `config` is that of the stored dataset; the passwords are those of the `ingestion` settings of now. What is missing,
    was changed or cannot be read is noted, never guessed.
    """
    wanted = _documents_of(samples)
    unreadable = {name: _missing(workspace.input_dir, name) for name in wanted}
    paths = [workspace.input_dir / name for name in wanted if not unreadable[name]]
    shelf, report = Shelf(), RunReport()
    plan = reading_plan(_as_read(config, ingestion))
    cache = ExtractCache.open(workspace.extracts, ingestion.cache_mb * 2**20)
    for path, extract in zip(paths, read_files(paths, workspace.input_dir, report, cache, plan), strict=True):
        name = path.relative_to(workspace.input_dir).as_posix()
        if extract is None:
            told = [issue.message for issue in report.issues if issue.where == name]
            unreadable[name] = told[0] if told else "its text cannot be read"
            continue
        shelf.add(extract)
        if wanted[name].isdisjoint(part_ids(extract.contents)):
            unreadable[name] = CHANGED
    return SourceTexts(shelf, {name: why for name, why in unreadable.items() if why})


def _documents_of(samples: StoredRows | Sequence[Sample]) -> dict[str, set[str]]:
    """The ids of the documents by the name of their file, in the order of the samples."""
    found: dict[str, set[str]] = {}
    for batch in batches_of(samples):
        for origin in batch.origins:
            if origin.get("document_id") and origin.get("source_file"):
                found.setdefault(origin["source_file"], set()).add(origin["document_id"])
    return found


def _missing(root: Path, name: str) -> str:
    path = root / name
    if not stays_inside(path, root):
        return f"it does not lie in {root}"
    return "" if path.is_file() else f"there is no such file in {root}; give --input where it is now"


def _as_read(config: Mapping[str, Any], ingestion: IngestionSettings) -> IngestionSettings:
    """The settings the documents were read with, and what this machine adds to them."""
    stored = config.get("ingestion")
    if not isinstance(stored, Mapping):
        return ingestion
    kept: Iterable[str] = ("passwords", "workers", "cache_mb", "timeout_s", "memory_mb")
    now = {name: getattr(ingestion, name) for name in kept}
    try:
        return IngestionSettings.model_validate({**stored, "passwords": {}}).model_copy(update=now)
    except ValueError:  # settings of another version
        return ingestion
