"""Many rows into SQLite in one transaction at nearly the speed of the disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from src.persistence.connection import is_lock, transaction, use_wal

# Below this the pragmas and the indexes cost more than they bring.
BULK_SAMPLES = 5000
# Indexes are made anew only when at least this part of what they cover is new.
FRESH_SHARE = 0.5
_CACHE_KIB = 65_536
# SQLite sorts an index's entries in as much memory as its cache may have, beside the cache.
_SORT_KIB = 16_384


@contextmanager
def saving(connection: sqlite3.Connection, samples: int, stored: int, timeout: float) -> Iterator[None]:
    """A transaction in which so many samples will be inserted into a table that holds `stored`.

    Large ones are written to the file itself with a rollback journal instead of twice, to the WAL and from there:
    as safe from kills and power cuts. Whoever opens the database meanwhile waits, as for a lock.
    """
    if samples < BULK_SAMPLES:
        with transaction(connection):
            yield
        return
    with (
        _settings_for_bulk(connection, timeout),
        transaction(connection, "EXCLUSIVE"),
        _indexes_afterwards(connection, samples, stored),
    ):
        yield


@contextmanager
def _settings_for_bulk(connection: sqlite3.Connection, timeout: float) -> Iterator[None]:
    (cache,) = connection.execute("PRAGMA cache_size").fetchone()
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    try:
        _leave_wal(connection, timeout)
        yield
    finally:
        connection.execute(f"PRAGMA cache_size = {cache}")
        # What is saved is saved; where others keep it from going back, the next one to open the file does it.
        with suppress(sqlite3.OperationalError):
            use_wal(connection, timeout=1)


def _leave_wal(connection: sqlite3.Connection, timeout: float) -> None:
    """Back to a rollback journal, unless another connection has the file open: then it is written through the WAL."""
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        if not is_lock(error):
            raise
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(timeout * 1000)}")


@contextmanager
def _indexes_afterwards(connection: sqlite3.Connection, samples: int, stored: int) -> Iterator[None]:
    """Sorting all entries at once is quicker than finding the place of each."""
    dropped: Sequence[tuple[str, str]] = ()
    if samples >= FRESH_SHARE * (samples + stored):
        query = (
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'sample_rows' AND sql IS NOT NULL"
        )
        dropped = connection.execute(query).fetchall()
    for name, _ in dropped:
        connection.execute(f"DROP INDEX {name}")
    yield
    if dropped:
        connection.execute(f"PRAGMA cache_size = -{_SORT_KIB}")
    for _, statement in dropped:
        connection.execute(statement)
