"""The datasets kept in a SQLite file."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from operator import length_hint
from pathlib import Path

from src.errors import PersistenceError
from src.persistence.backup import backup_connection, create_backup
from src.persistence.connection import connect, explained, transaction, use_wal
from src.persistence.edits.change_tables import ChangeTables
from src.persistence.edits.gaps import GapsRead, position_of
from src.persistence.edits.sqlite_changes import SqliteChanges
from src.persistence.migrations import SAMPLES_EACH, migrate, needs_migration, refuse_newer, version_of
from src.persistence.models import (
    SAMPLE_COLUMNS,
    Row,
    SampleColumns,
    SampleRow,
    StoredDataset,
    checked_columns,
    checked_rows,
    digest_of,
    report_to_json,
    row_to_dataset,
    without_secrets,
)
from src.persistence.stores.bulk_load import saving
from src.persistence.stores.store import Store, new_dataset_id, refuse_repeated_ids
from src.persistence.stores.stored_samples import StoredSamples, rows_of
from src.records import Dataset, RunReport

_DATASET_COLUMNS = (
    "id, name, provider, model, mode, created_at, total_samples, total_tokens, config, report, number, revision"
)
_NAMES = _DATASET_COLUMNS.replace("number", "samples_key").split(", ")
# Milliseconds, so that the newest of two saved in the same second is known; UTC like SQLite's own default.
_NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
# Nothing for who wants samples that were changed since: readers get no mixture. A dataset that is being saved over
# itself has another number already, and its samples are still there.
_READ_ROWS = (
    f"SELECT {SAMPLE_COLUMNS}, digest FROM sample_rows WHERE number BETWEEN ?1 AND ?2 "  # noqa: S608 - constants
    "AND coalesce((SELECT revision FROM datasets WHERE number = ?3), ?4) = ?4 ORDER BY number"
)
_READ_COLUMNS = _READ_ROWS.replace("content,", "CAST(content AS BLOB),").replace("origin,", "CAST(origin AS BLOB),")
# A page holds a dozen samples of usual length: fewer of them are cut in two than with SQLite's own 4 KiB.
_PAGE_BYTES = 16_384


class DatasetStore(Store):
    """An open database, made when missing and migrated (after a backup) when older. Use it with `with`.

    Every method raises PersistenceError when the file is locked for longer than `timeout` seconds, damaged,
    full or read-only; the constructor also when a newer program made it.
    """

    def __init__(self, path: Path, timeout: float = 10.0) -> None:
        self.path = path
        self.place = str(path)
        self._timeout = timeout
        self._thread: int | None = threading.get_ident()
        self._gaps = GapsRead()
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = connect(path, timeout)
            try:
                self._prepare(timeout)
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Close the file. Safe to call twice; samples that were loaded open it anew when they are used."""
        self._thread = None
        self._connection.close()

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
        chosen = dataset_id or new_dataset_id()
        values = (chosen, dataset.name, dataset.provider, dataset.model, dataset.mode)
        texts = (json.dumps(without_secrets(config)), report_to_json(report))
        with explained(self.path):
            (stored,) = self._connection.execute("SELECT coalesce(sum(total_samples), 0) FROM datasets").fetchone()
            try:
                with saving(self._connection, self._expected(dataset), stored, self._timeout):
                    number, old = self._upsert_dataset((*values, *texts))
                    self._insert_samples(chosen, number, rows_of(dataset.samples))
                    self._delete_samples(old)
            except sqlite3.IntegrityError as error:
                if "UNIQUE" in str(error):
                    refuse_repeated_ids(dataset)
                raise
        return chosen

    def list_datasets(self) -> list[StoredDataset]:
        """Every dataset, newest first."""
        query = f"SELECT {_DATASET_COLUMNS} FROM datasets ORDER BY created_at DESC, rowid DESC"  # noqa: S608 - constants
        with explained(self.path):
            return [row_to_dataset(dict(zip(_NAMES, row, strict=True))) for row in self._connection.execute(query)]

    @contextmanager
    def change_tables(self, ref: str, *, reads: bool = False) -> Iterator[ChangeTables]:
        """The dataset's samples and history, to be changed in one transaction; only to be looked at with `reads`."""
        with explained(self.path), nullcontext() if reads else transaction(self._connection):
            (now,) = self._connection.execute(f"SELECT {_NOW}").fetchone()
            yield SqliteChanges(self._connection, self.find_dataset(ref), self.place, now)

    def backup(self) -> Path:
        """A checked copy of the database in backups/ beside it; the newest five stay."""
        return create_backup(self.path)

    def _prepare(self, timeout: float) -> None:
        refuse_newer(self._connection, self.path)
        if needs_migration(self._connection):
            backup_connection(self._connection, self.path)
        elif version_of(self._connection) == 0:
            self._connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        use_wal(self._connection, timeout)
        migrate(self._connection)

    def _expected(self, dataset: Dataset) -> int:
        """How many samples will come. Those of this very file count as none: they are read while others are written,
        which a large save would not let another connection do.
        """
        samples = dataset.samples
        from_here = isinstance(samples, StoredSamples) and samples.place == self.place
        return 0 if from_here else length_hint(samples)

    def _upsert_dataset(self, values: Row) -> tuple[int, int]:
        """Write the dataset's row without totals; its new number and the one it had (0: none)."""
        old = self._connection.execute("SELECT number FROM datasets WHERE id = ?", values[:1]).fetchone()
        # A replaced dataset gets a number of its own, too: whoever is reading the old samples then finds none
        # instead of a mixture.
        (number,) = self._connection.execute("SELECT coalesce(max(number), 0) + 1 FROM datasets").fetchone()
        self._connection.execute(
            "INSERT INTO datasets (id, name, provider, model, mode, config, report, number, created_at) "  # noqa: S608
            f"VALUES (?, ?, ?, ?, ?, ?, ?, ?, {_NOW}) "
            "ON CONFLICT (id) DO UPDATE SET name = excluded.name, provider = excluded.provider, "
            "model = excluded.model, mode = excluded.mode, config = excluded.config, report = excluded.report, "
            "number = excluded.number",
            (*values, number),
        )
        return int(number), int(old[0]) if old else 0

    def _delete_samples(self, number: int) -> None:
        first = number * SAMPLES_EACH
        last = first + SAMPLES_EACH - 1
        self._connection.execute("DELETE FROM sample_rows WHERE number BETWEEN ? AND ?", (first, last))
        self._connection.execute("DELETE FROM sample_gaps WHERE samples_key = ?", (str(number),))

    def _insert_samples(self, dataset_id: str, number: int, rows: Iterable[SampleRow]) -> None:
        first = place = number * SAMPLES_EACH
        tokens = 0

        def values() -> Iterator[Row]:
            nonlocal place, tokens
            for row in rows:
                yield (place, *row, digest_of(row))
                place += 1
                tokens += row.token_length

        self._connection.executemany(
            f"INSERT INTO sample_rows (number, {SAMPLE_COLUMNS}, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            values(),
        )
        totals = "UPDATE datasets SET total_samples = ?, total_tokens = ? WHERE id = ?"
        self._connection.execute(totals, (place - first, tokens, dataset_id))

    def _read_rows(self, stored: StoredDataset, start: int, stop: int, size: int) -> Iterator[list[SampleRow]]:
        for found in self._found(_READ_ROWS, stored, start, stop, size):
            yield checked_rows(found, self.place)

    def _read_columns(self, stored: StoredDataset, start: int, stop: int, size: int) -> Iterator[SampleColumns]:
        for found in self._found(_READ_COLUMNS, stored, start, stop, size):
            if found:
                yield checked_columns(found, self.place)

    def _samples(self, stored: StoredDataset) -> StoredSamples:
        return StoredSamples(stored, self._read_rows, self.place, self._read_columns)

    def _found(self, query: str, stored: StoredDataset, start: int, stop: int, size: int) -> Iterator[list[Row]]:
        """Each list is read by itself, so no lock is held between two of them."""
        base = int(stored.samples_key) * SAMPLES_EACH
        for first in range(start, stop, size):
            with explained(self.path), self._reader() as connection:
                gaps = self._gaps.of(stored, SqliteChanges(connection, stored, self.place, "").gaps)
                ends = (base + position_of(index, gaps) for index in (first, min(first + size, stop) - 1))
                values = (*ends, stored.samples_key, stored.revision)
                found = connection.execute(query, values).fetchall()
            yield found

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        if threading.get_ident() == self._thread:
            yield self._connection
            return
        if not self.path.is_file():
            raise PersistenceError(f"{self.path}: the database is no longer there.")
        with closing(connect(self.path, self._timeout)) as connection:
            yield connection
