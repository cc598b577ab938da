"""The datasets in PostgreSQL (Supabase's, too), through SQLAlchemy Core."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from src.persistence.edits.change_tables import ChangeTables
from src.persistence.edits.gaps import GapsRead, position_of
from src.persistence.models import (
    SAMPLE_COLUMNS,
    SampleRow,
    StoredDataset,
    checked_rows,
    digest_of,
    report_to_json,
    row_to_dataset,
    without_secrets,
)
from src.persistence.stores.sql.database_url import connect_arguments, parse_database_url, shown
from src.persistence.stores.sql.server_errors import explained, repeated_ids
from src.persistence.stores.sql.sql_changes import SqlChanges
from src.persistence.stores.sql.tables import prepare, tables
from src.persistence.stores.store import Store, new_dataset_id, new_samples_key, refuse_repeated_ids
from src.persistence.stores.stored_samples import in_lists, rows_of
from src.records import Dataset, RunReport

if TYPE_CHECKING:
    import sqlalchemy as sa

_COLUMNS = ("samples_key", "position", *SAMPLE_COLUMNS.split(", "), "digest")
_INSERT_ROWS = 500
# The server's clock, so that the order of datasets does not depend on whose computer saved them.
_NOW = {
    "postgresql": "to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')",
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now')",
}


class SqlStore(Store):
    """Each call takes a connection of its own and one transaction, and leaves nothing on it: made for poolers.

    The constructor makes the tables where they are missing. Raises ConfigError for an address that is none, and
    PersistenceError, without the password, when the server cannot be used.
    """

    def __init__(self, database_url: str) -> None:
        import sqlalchemy as sa

        url = parse_database_url(database_url)
        self.place = shown(url)
        self._url = url
        self._gaps = GapsRead()
        self._engine = sa.create_engine(
            url, poolclass=sa.NullPool, connect_args=connect_arguments(url), hide_parameters=True
        )
        if url.drivername == "sqlite":
            _begin_as_written(self._engine)
        with self._transaction() as connection:
            prepare(connection, self.place)

    def close(self) -> None:
        """Safe to call twice; samples that were loaded connect anew when they are used."""
        self._engine.dispose()

    def backup(self) -> None:
        """None: a server's backups are its operator's (pg_dump, Supabase's dashboard)."""
        return

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
        values: dict[str, Any] = {
            "id": chosen,
            "name": dataset.name,
            "provider": dataset.provider,
            "model": dataset.model,
            "mode": dataset.mode,
            "config": json.dumps(without_secrets(config)),
            "report": report_to_json(report),
            "samples_key": new_samples_key(),
        }
        with repeated_ids(lambda: refuse_repeated_ids(dataset)), self._transaction() as connection:
            samples, tokens = _insert_samples(connection, values["samples_key"], rows_of(dataset.samples))
            _replace_dataset(connection, {**values, "total_samples": samples, "total_tokens": tokens})
        return chosen

    def list_datasets(self) -> list[StoredDataset]:
        """Every dataset, newest first."""
        import sqlalchemy as sa

        table = tables().datasets
        query = sa.select(table).order_by(table.c.created_at.desc(), table.c.samples_key.desc())
        with self._transaction() as connection:
            return [row_to_dataset(dict(row)) for row in connection.execute(query).mappings()]

    def _read_rows(self, stored: StoredDataset, start: int, stop: int, size: int) -> Iterator[list[SampleRow]]:
        """Through a cursor of the server's: it sends `size` rows at a time, all of them as they were at the start."""
        import sqlalchemy as sa

        table = tables().samples
        datasets = tables().datasets
        # Nothing for who wants samples that were changed or saved anew since: readers get no mixture.
        revision = sa.select(datasets.c.revision).where(datasets.c.samples_key == stored.samples_key).scalar_subquery()
        with explained(self._url), self._engine.connect() as connection:
            # SQLite needs to know before the transaction begins.
            connection = connection.execution_options(reads=True)
            gaps = self._gaps.of(stored, SqlChanges(connection, stored, self.place, "").gaps) if start else ()
            query = (
                sa.select(*(table.c[name] for name in _COLUMNS[2:]))
                .where(table.c.samples_key == stored.samples_key, table.c.position >= position_of(start, gaps))
                .where(revision == stored.revision)
                .order_by(table.c.position)
                .limit(stop - start)
            )
            reading = connection.execution_options(yield_per=size)
            with closing(reading.execute(query)) as result:
                for rows in result.partitions():
                    yield checked_rows(map(tuple, rows), self.place)

    @contextmanager
    def change_tables(self, ref: str, *, reads: bool = False) -> Iterator[ChangeTables]:
        """The dataset's samples and history, to be changed in one transaction; only to be looked at with `reads`."""
        import sqlalchemy as sa

        found, table = self.find_dataset(ref), tables().datasets
        query = sa.select(table).where(table.c.id == found.id)
        with self._transaction(reads=reads) as connection:
            # FOR UPDATE: of two that change the same dataset at once the second one waits here for the first.
            row = connection.execute(query if reads else query.with_for_update()).mappings().one()
            clock: sa.ColumnElement[str] = sa.literal_column(_NOW[connection.dialect.name])
            now = connection.execute(sa.select(clock)).scalar_one()
            yield SqlChanges(connection, row_to_dataset(dict(row)), self.place, str(now))

    @contextmanager
    def _transaction(self, *, reads: bool = False) -> Iterator[sa.Connection]:
        engine = self._engine.execution_options(reads=True) if reads else self._engine
        with explained(self._url), engine.begin() as connection:
            yield connection


def _insert_samples(connection: sa.Connection, key: str, rows: Iterable[SampleRow]) -> tuple[int, int]:
    """How many samples and tokens there were."""
    samples = tokens = 0

    def values() -> Iterator[tuple[Any, ...]]:
        nonlocal samples, tokens
        for row in rows:
            yield (key, samples, *row, str(digest_of(row)))
            samples += 1
            tokens += row.token_length

    if connection.dialect.name == "postgresql":
        _copy(connection, values())
    else:
        for batch in in_lists(values(), _INSERT_ROWS):
            connection.execute(tables().samples.insert(), [dict(zip(_COLUMNS, row, strict=True)) for row in batch])
    return samples, tokens


def _copy(connection: sa.Connection, values: Iterable[tuple[Any, ...]]) -> None:
    """COPY takes a tenth of the time of INSERT."""
    statement = f"COPY samples ({', '.join(_COLUMNS)}) FROM STDIN"
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(statement) as copy:
        for row in values:
            copy.write_row(row)


def _replace_dataset(connection: sa.Connection, values: Mapping[str, Any]) -> None:
    """Write the dataset's row and remove the samples it had before; its `created_at` stays."""
    import sqlalchemy as sa
    from sqlalchemy.dialects import postgresql, sqlite

    known = tables()
    now: sa.ColumnElement[str] = sa.literal_column(_NOW[connection.dialect.name])
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(known.datasets).values(**values, created_at=now).on_conflict_do_nothing())
    own = known.datasets.c.id == values["id"]
    # FOR UPDATE: of two that save the same dataset at once the second one waits here for the first.
    old = connection.execute(sa.select(known.datasets.c.samples_key).where(own).with_for_update()).scalar()
    if old != values["samples_key"]:
        connection.execute(known.datasets.update().where(own).values(**values))
        connection.execute(known.samples.delete().where(known.samples.c.samples_key == old))
        connection.execute(sa.text("DELETE FROM sample_gaps WHERE samples_key = :key"), {"key": old})


def _begin_as_written(engine: sa.Engine) -> None:
    """SQLite's driver begins transactions late; here they begin where we say, a writing one with the write lock."""
    import sqlalchemy as sa

    @sa.event.listens_for(engine, "connect")
    def _no_own_transactions(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        reads = connection.get_execution_options().get("reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
