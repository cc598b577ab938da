"""Changes to samples in a SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from src.persistence.edits.change_tables import ChangeTables, Placed
from src.persistence.models import SAMPLE_COLUMNS, Row, StoredDataset, digest_of

_COLUMNS = f"number & 4294967295, {SAMPLE_COLUMNS}, digest"


class SqliteChanges(ChangeTables):
    """Rows lie at the dataset's number * 4294967296 + their position."""

    def __init__(self, connection: sqlite3.Connection, stored: StoredDataset, place: str, now: str) -> None:
        super().__init__(stored, place, now)
        self._connection = connection
        self._number = int(stored.samples_key)
        self._base = self._number << 32

    def run(self, statement: str, values: Mapping[str, Any]) -> list[Row]:
        return self._connection.execute(statement, values).fetchall()

    def run_many(self, statement: str, values: Sequence[Mapping[str, Any]]) -> None:
        self._connection.executemany(statement, values)

    def rows_by_id(self, ids: Sequence[str]) -> Iterator[Row]:
        marks = ", ".join("?" * len(ids))
        query = f"SELECT {_COLUMNS} FROM sample_rows WHERE number >> 32 = ? AND id IN ({marks})"  # noqa: S608
        yield from self._connection.execute(query, (self._number, *ids))

    def rows_at(self, positions: Sequence[int]) -> Iterator[Row]:
        marks = ", ".join("?" * len(positions))
        query = f"SELECT {_COLUMNS} FROM sample_rows WHERE number IN ({marks})"  # noqa: S608
        yield from self._connection.execute(query, [self._base + position for position in positions])

    def remove(self, positions: Sequence[int]) -> None:
        numbers = [(self._base + position,) for position in positions]
        self._connection.executemany("DELETE FROM sample_rows WHERE number = ?", numbers)

    def write(self, rows: Sequence[Placed]) -> None:
        values = [(self._base + position, *row, digest_of(row)) for position, row in rows]
        self._connection.executemany(
            f"INSERT INTO sample_rows (number, {SAMPLE_COLUMNS}, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            values,
        )

    def last_position(self) -> int:
        query = "SELECT max(number) FROM sample_rows WHERE number BETWEEN ? AND ?"
        ((last,),) = self._connection.execute(query, (self._base, self._base + 2**32 - 1)).fetchall()
        return -1 if last is None else int(last) - self._base
