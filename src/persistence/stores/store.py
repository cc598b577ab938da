"""What every place where datasets are kept can do. tests/persistence/test_store_contract.py holds them all to it."""

from __future__ import annotations

import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from src.errors import PersistenceError, UsageError
from src.persistence.edits.change_tables import ChangeTables
from src.persistence.models import SampleRow, StoredDataset, row_to_sample
from src.persistence.stores.stored_samples import BATCH_ROWS, StoredSamples
from src.records import Dataset, RunReport, Sample, Split

if TYPE_CHECKING:
    from typing_extensions import Self


class Store(ABC):
    """An open database. Use it with `with`.

    `place` names it in messages, without any password. Every method raises PersistenceError when the database
    cannot be used.
    """

    place: str

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Let go of the database. Safe to call twice; samples that were loaded can still be read."""

    @abstractmethod
    def save_dataset(
        self,
        dataset: Dataset,
        config: Mapping[str, object],
        report: RunReport | None = None,
        dataset_id: str | None = None,
    ) -> str:
        """Store the dataset whole or not at all and return its id; an existing id's samples are replaced.

        The samples are gone through once and not held in memory. Secrets in `config` are stored as "***".
        Raises PersistenceError when two samples share an id.
        """

    @abstractmethod
    def list_datasets(self) -> list[StoredDataset]:
        """Every dataset, newest first."""

    @abstractmethod
    def backup(self) -> Path | None:
        """A copy of the database beside it, made now; None where the server's operator looks after that."""

    @abstractmethod
    def _read_rows(self, stored: StoredDataset, start: int, stop: int, size: int) -> Iterator[list[SampleRow]]:
        """The rows from one position up to another, in order and checked; fewer where some are not there."""

    @abstractmethod
    def change_tables(self, ref: str, *, reads: bool = False) -> AbstractContextManager[ChangeTables]:
        """The dataset's samples and history, to be changed in one transaction; only to be looked at with `reads`.

        Raises UsageError as find_dataset does, and where this kind of store cannot change single samples.
        """

    def find_dataset(self, ref: str) -> StoredDataset:
        """The dataset with this id, else the newest of this name, else the one whose id starts with `ref`.

        Raises UsageError, listing what there is, when none fits or several ids start with it.
        """
        datasets = self.list_datasets()
        exact = [d for d in datasets if d.id == ref] or [d for d in datasets if d.name == ref]
        if exact:
            return exact[0]
        starting = [d for d in datasets if ref and d.id.startswith(ref)]
        if len(starting) == 1:
            return starting[0]
        problem = "several datasets have an id that starts with" if starting else "there is no dataset"
        raise UsageError(f"{problem} '{ref}'. Stored: {_name_all(starting or datasets)}.")

    def load_dataset(self, ref: str) -> Dataset:
        """The dataset as it was saved, its samples read when they are used. Raises UsageError as find_dataset does."""
        stored = self.find_dataset(ref)
        return stored.holding(self._samples(stored))

    def stored_samples(self, ref: str) -> StoredSamples:
        """The dataset's samples, read when they are used. Raises UsageError as find_dataset does."""
        return self._samples(self.find_dataset(ref))

    def _samples(self, stored: StoredDataset) -> StoredSamples:
        return StoredSamples(stored, self._read_rows, self.place)

    def find_samples(
        self, ref: str, *, split: Split | None = None, source: str | None = None, keyword: str | None = None
    ) -> Iterator[Sample]:
        """The dataset's samples in order, those of one split, source file or keyword where given."""
        stored = self.find_dataset(ref)
        # Commas around both sides make sure that whole keywords are compared.
        wanted = f",{keyword.replace(',', ' ')}," if keyword else ""
        for rows in self._read_rows(stored, 0, stored.total_samples, BATCH_ROWS):
            for row in rows:
                fits = split in (None, row.split) and source in (None, row.source_file)
                if fits and wanted in f",{row.topic_keywords},":
                    yield row_to_sample(row, stored.mode)

    def splits_of(self, name: str, without: str = "") -> dict[str, Split]:
        """The split of each sample, by its id, in the newest dataset of this name; empty when there is none.

        The dataset whose id is `without` is passed over.
        """
        named = (stored for stored in self.list_datasets() if stored.name == name)
        newest = next((stored for stored in named if stored.id != without), None)
        if newest is None:
            return {}
        batches = StoredSamples(newest, self._read_rows).row_batches()
        return {row.id: row.split for rows in batches for row in rows if row.split is not None}


def new_dataset_id() -> str:
    return f"d{secrets.token_hex(6)}"


def new_samples_key() -> str:
    """A name for the samples of one save; later ones sort behind it."""
    return f"{time.time_ns():016x}-{secrets.token_hex(4)}"


def refuse_repeated_ids(dataset: Dataset) -> None:
    """Raise PersistenceError naming the first sample whose id another one has.

    For afterwards, when the database has refused: it keeps every id in memory.
    """
    seen: set[str] = set()
    for sample in dataset.samples:
        if sample.id in seen:
            raise PersistenceError(
                f"dataset '{dataset.name}': sample {sample.id} ({sample.origin.source_file}) stands in it twice; "
                "remove duplicates before saving."
            )
        seen.add(sample.id)


def _name_all(datasets: Sequence[StoredDataset]) -> str:
    return ", ".join(f"{stored.id} ({stored.name})" for stored in datasets) or "none yet"
