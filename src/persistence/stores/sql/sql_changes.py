"""Changes to samples on a database server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from src.persistence.edits.change_tables import ChangeTables, Placed
from src.persistence.models import SAMPLE_COLUMNS, Row, StoredDataset, digest_of
from src.persistence.stores.sql.tables import tables

if TYPE_CHECKING:
    import sqlalchemy as sa

_NAMES = ("position", *SAMPLE_COLUMNS.split(", "), "digest")


class SqlChanges(ChangeTables):
    """Rows lie under the dataset's samples_key and their position."""

    def __init__(self, connection: sa.Connection, stored: StoredDataset, place: str, now: str) -> None:
        super().__init__(stored, place, now)
        self._connection = connection
        self._samples = tables().samples
        self._own = self._samples.c.samples_key == stored.samples_key

    def run(self, statement: str, values: Mapping[str, Any]) -> list[Row]:
        import sqlalchemy as sa

        result = self._connection.execute(sa.text(statement), dict(values))
        return [tuple(row) for row in result] if result.returns_rows else []

    def run_many(self, statement: str, values: Sequence[Mapping[str, Any]]) -> None:
        import sqlalchemy as sa

        if values:
            self._connection.execute(sa.text(statement), [dict(one) for one in values])

    def rows_by_id(self, ids: Sequence[str]) -> Iterator[Row]:
        return self._rows(self._samples.c.id.in_(ids))

    def rows_at(self, positions: Sequence[int]) -> Iterator[Row]:
        return self._rows(self._samples.c.position.in_(positions))

    def remove(self, positions: Sequence[int]) -> None:
        here = self._samples.c.position.in_(positions)
        self._connection.execute(self._samples.delete().where(self._own, here))

    def write(self, rows: Sequence[Placed]) -> None:
        key = self.stored.samples_key
        values = [
            {"samples_key": key, "position": position, **row._asdict(), "digest": str(digest_of(row))}
            for position, row in rows
        ]
        if values:
            self._connection.execute(self._samples.insert(), values)

    def last_position(self) -> int:
        import sqlalchemy as sa

        last = self._connection.execute(sa.select(sa.func.max(self._samples.c.position)).where(self._own)).scalar()
        return -1 if last is None else int(last)

    def _rows(self, condition: sa.ColumnElement[bool]) -> Iterator[Row]:
        import sqlalchemy as sa

        query = sa.select(*(self._samples.c[name] for name in _NAMES)).where(self._own, condition)
        yield from map(tuple, self._connection.execute(query))
