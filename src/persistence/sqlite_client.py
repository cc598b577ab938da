"""The datasets kept in a SQLite file."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType

from src.errors import PersistenceError, UsageError
from src.persistence.backup import backup_connection
from src.persistence.connection import connect, explained, transaction, use_wal
from src.persistence.migrations import migrate, needs_migration, refuse_newer
from src.persistence.models import (
    DATASET_COLUMNS,
    SAMPLE_COLUMNS,
    StoredDataset,
    report_to_json,
    row_to_dataset,
    row_to_sample,
    sample_to_row,
    without_secrets,
)
from src.records import Dataset, RunReport, Sample, Split

# Milliseconds, so that the newest of two saved in the same second is known; UTC like SQLite's own default.
_NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now')"


class DatasetStore:
    """An open database, made when missing and migrated (after a backup) when older. Use it with `with`.

    Every method raises PersistenceError when the file is locked for longer than `timeout` seconds, damaged,
    full or read-only; the constructor also when a newer program made it.
    """

    def __init__(self, path: Path, timeout: float = 10.0) -> None:
        self.path = path
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = connect(path, timeout)
            try:
                self._prepare(timeout)
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> DatasetStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Safe to call twice."""
        self._connection.close()

    def save_dataset(
        self,
        dataset: Dataset,
        config: Mapping[str, object],
        report: RunReport | None = None,
        dataset_id: str | None = None,
    ) -> str:
        """Store the dataset whole or not at all and return its id; an existing id's samples are replaced.

        Secrets in `config` are stored as "***". Raises PersistenceError when two samples share an id.
        """
        chosen = dataset_id or f"d{secrets.token_hex(6)}"
        _refuse_repeated_ids(dataset)
        with explained(self.path), transaction(self._connection):
            self._upsert_dataset(chosen, dataset, config, report)
            self._connection.execute("DELETE FROM samples WHERE dataset_id = ?", (chosen,))
            self._insert_samples(chosen, dataset.samples)
        return chosen

    def list_datasets(self) -> list[StoredDataset]:
        """Every dataset, newest first."""
        query = f"SELECT {DATASET_COLUMNS} FROM datasets ORDER BY created_at DESC, rowid DESC"  # noqa: S608 - constants
        with explained(self.path):
            return [row_to_dataset(row) for row in self._connection.execute(query)]

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
        """The dataset as it was saved. Raises UsageError as find_dataset does."""
        stored = self.find_dataset(ref)
        return stored.holding(tuple(self.find_samples(stored.id)))

    def find_samples(
        self, ref: str, *, split: Split | None = None, source: str | None = None, keyword: str | None = None
    ) -> Iterator[Sample]:
        """The dataset's samples in order, those of one split, source file or keyword where given."""
        stored = self.find_dataset(ref)
        wanted: dict[str, str | None] = {
            "split = ?": split,
            "source_file = ?": source,
            # Commas around both sides make sure that whole keywords are compared.
            "instr(',' || topic_keywords || ',', ',' || ? || ',') > 0": keyword.replace(",", " ") if keyword else None,
        }
        given = {condition: value for condition, value in wanted.items() if value is not None}
        where = " AND ".join(["dataset_id = ?", *given])
        query = f"SELECT {SAMPLE_COLUMNS} FROM samples WHERE {where} ORDER BY position"  # noqa: S608 - constants
        with explained(self.path):
            for row in self._connection.execute(query, (stored.id, *given.values())):
                yield row_to_sample(row, stored.mode)

    def _prepare(self, timeout: float) -> None:
        refuse_newer(self._connection, self.path)
        if needs_migration(self._connection):
            backup_connection(self._connection, self.path)
        use_wal(self._connection, timeout)
        migrate(self._connection)

    def _upsert_dataset(
        self, dataset_id: str, dataset: Dataset, config: Mapping[str, object], report: RunReport | None
    ) -> None:
        values = (dataset_id, dataset.name, dataset.provider, dataset.model, dataset.mode)
        totals = (len(dataset), sum(sample.token_length for sample in dataset.samples))
        settings = json.dumps(without_secrets(config))
        self._connection.execute(
            f"INSERT INTO datasets ({DATASET_COLUMNS}) VALUES (?, ?, ?, ?, ?, {_NOW}, ?, ?, ?, ?) "  # noqa: S608
            "ON CONFLICT (id) DO UPDATE SET name = excluded.name, provider = excluded.provider, "
            "model = excluded.model, mode = excluded.mode, total_samples = excluded.total_samples, "
            "total_tokens = excluded.total_tokens, config = excluded.config, report = excluded.report",
            (*values, *totals, settings, report_to_json(report)),
        )

    def _insert_samples(self, dataset_id: str, samples: Iterable[Sample]) -> None:
        self._connection.executemany(
            f"INSERT INTO samples (dataset_id, position, {SAMPLE_COLUMNS}, created_at) "  # noqa: S608 - constants
            f"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, {_NOW})",
            ((dataset_id, position, *sample_to_row(sample)) for position, sample in enumerate(samples)),
        )


def _refuse_repeated_ids(dataset: Dataset) -> None:
    seen: set[str] = set()
    for sample in dataset.samples:
        if sample.id in seen:
            raise PersistenceError(
                f"dataset '{dataset.name}': sample {sample.id} ({sample.origin.source_file}) stands in it twice; "
                "remove duplicates before saving."
            )
        seen.add(sample.id)


def _name_all(datasets: list[StoredDataset]) -> str:
    return ", ".join(f"{stored.id} ({stored.name})" for stored in datasets) or "none yet"
