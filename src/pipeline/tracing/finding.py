"""Find a sample to trace: in the database, or in the folder of an export alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from src.config.config_lock import read_lock
from src.config.settings import CreateSettings, IngestionSettings
from src.errors import UsageError
from src.export.lineage.lineage_file import LineageEntry, find_samples
from src.persistence.models import StoredDataset, row_to_sample
from src.persistence.stores.store import Store
from src.pipeline.run_plan import Workspace
from src.pipeline.tracing.exported_rows import ExportedRow, exported_row
from src.pipeline.tracing.steps import Step
from src.records import Message, Origin, Sample, Span, make_sample

_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Found:
    """A sample and what is known of it. `messages` is None where an export alone does not give them.

    `name` is that of its dataset, `config` the settings it was made with, with its lock: as much as is known.
    """

    sample_id: str
    where: str
    name: str
    origin: Origin
    messages: tuple[Message, ...] | None
    config: Mapping[str, Any]
    step: Step
    export: tuple[Path, LineageEntry, ExportedRow] | None = None

    @property
    def ingestion(self) -> IngestionSettings:
        """How its document was read; the defaults where another version of the program stored it."""
        try:
            return IngestionSettings.model_validate(self.config.get("ingestion", {}))
        except ValidationError:
            return IngestionSettings()

    @property
    def threshold(self) -> float:
        """How much of a quote has to stand in its passage."""
        given = _inside(self.config, "agent", "create", "grounding_threshold")
        return float(given) if isinstance(given, int | float) else CreateSettings().grounding_threshold

    @property
    def instructions(self) -> str:
        """What was typed for the run, in free mode."""
        return str(_inside(self.config, "lock", "run", "instructions") or "")


def find_stored(sample_ref: str, workspace: Workspace, dataset: str) -> Found:
    """The sample of the database whose id is or starts with `sample_ref`, of the newest dataset that has it.

    Raises UsageError when there is none, or when several ids start so.
    """
    with workspace.open_store() as store:
        datasets = [store.find_dataset(dataset)] if dataset else store.list_datasets()
        stored, sample = _only(_matches(store, datasets, sample_ref), sample_ref, dataset or "the database")
    where = f"{stored.name} ({stored.id})"
    step = _checked_id(sample, f"dataset {where}, made {stored.created_at} UTC")
    return Found(sample.id, where, stored.name, sample.origin, sample.messages, stored.config, step)


def find_exported(sample_ref: str, folder: Path) -> Found:
    """The sample of an export, from its lineage.jsonl. Raises UsageError and ExportError."""
    entries = find_samples(folder, sample_ref)
    if len(entries) != 1:
        raise UsageError(_problem([entry.id for entry in entries], sample_ref, str(folder)))
    entry, home = entries[0], folder if folder.is_dir() else folder.parent
    row = exported_row(home, entry)
    step = Step("sample", entry.id, "", f"export {home}")
    if row.messages is not None:
        step = _checked_id(Sample(entry.id, row.messages, origin_of(entry)), f"export {home}")
    where, export = f"the export {home}", (home, entry, row)
    return Found(entry.id, where, home.parent.name, origin_of(entry), row.messages, _locked(home), step, export)


def origin_of(entry: LineageEntry) -> Origin:
    return Origin(
        entry.source_file,
        entry.method,  # type: ignore[arg-type]  # what the file says; another word is checked nowhere
        entry.document,
        entry.place,
        Span(*entry.span) if entry.span else None,
        tuple(tuple(Span(*piece) for piece in turn) for turn in entry.turn_spans),
        entry.chunk,
        entry.prompt,
        entry.model,
        entry.call,
        entry.edited_from,
    )


def _matches(store: Store, datasets: Sequence[StoredDataset], start: str) -> list[tuple[StoredDataset, Sample]]:
    """The sample of this very id in the first dataset that has it, else all whose id starts so."""
    found: list[tuple[StoredDataset, Sample]] = []
    for stored in datasets:
        for rows in store.stored_samples(stored.id).row_batches():
            fitting = [row_to_sample(row, stored.mode) for row in rows if row.id.startswith(start)]
            exact = [(stored, sample) for sample in fitting if sample.id == start]
            if exact:
                return exact
            found += [(stored, sample) for sample in fitting]
    return found


def _only(found: list[tuple[StoredDataset, Sample]], sample_ref: str, where: str) -> tuple[StoredDataset, Sample]:
    """The first, when all are of one id."""
    ids = list(dict.fromkeys(sample.id for _, sample in found))
    if len(ids) != 1:
        raise UsageError(_problem(ids, sample_ref, where))
    return found[0]


def _problem(ids: list[str], sample_ref: str, where: str) -> str:
    if not ids:
        return (
            f"There is no sample '{sample_ref}' in {where}; ids stand in metadata.csv and lineage.jsonl of an export."
        )
    more = ", ..." if len(ids) > _MOST_NAMED else ""
    return (
        f"Several samples of {where} have an id that starts with '{sample_ref}': {', '.join(ids[:_MOST_NAMED])}{more}."
    )


def _checked_id(sample: Sample, where: str) -> Step:
    """An id is made from messages and origin, so it tells when one of them was changed."""
    if not sample.origin.document_id:
        return Step("sample", sample.id, "not possible", f"{where}; it was stored without its origin")
    if make_sample(sample.messages, sample.origin).id != sample.id:
        return Step("sample", sample.id, "differs", f"{where}; its text or origin was changed after it was made")
    return Step("sample", sample.id, "verified", f"{where}; its id fits its text and origin")


def _inside(values: object, *keys: str) -> object:
    for key in keys:
        values = values.get(key) if isinstance(values, Mapping) else None
    return values


def _locked(folder: Path) -> Mapping[str, Any]:
    try:
        lock = read_lock(folder)
    except UsageError:
        return {}
    return {**lock["settings"], "lock": lock}
