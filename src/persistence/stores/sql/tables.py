"""The tables of a database server, as SQLAlchemy Core knows them. supabase/schema.sql makes the same ones by hand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from src.errors import PersistenceError
from src.persistence.edits.tables import CHANGE_TABLE_NAMES, CHANGE_TABLES

if TYPE_CHECKING:
    import sqlalchemy as sa

VERSION = 2


@dataclass(frozen=True, slots=True)
class Tables:
    """`datasets.samples_key` says which rows of `samples` belong to a dataset; no other row exists for anybody.

    `unfinished_saves` is used by stores that cannot write everything in one transaction.
    """

    metadata: sa.MetaData
    datasets: sa.Table
    samples: sa.Table
    unfinished_saves: sa.Table
    version: sa.Table


@cache
def tables() -> Tables:
    """Texts stay texts, JSON in them, too: a JSONB column would not give back the characters that were saved."""
    import sqlalchemy as sa

    metadata = sa.MetaData()
    text = {name: sa.Column(name, sa.Text, nullable=False) for name in ("name", "provider", "model", "mode")}
    datasets = sa.Table(
        "datasets",
        metadata,
        sa.Column("id", sa.Text, primary_key=True),
        *text.values(),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("total_samples", sa.BigInteger, nullable=False),
        sa.Column("total_tokens", sa.BigInteger, nullable=False),
        sa.Column("config", sa.Text, nullable=False),
        sa.Column("report", sa.Text),
        sa.Column("samples_key", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False, server_default="0"),
    )
    samples = sa.Table(
        "samples",
        metadata,
        sa.Column("samples_key", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("token_length", sa.BigInteger, nullable=False),
        sa.Column("topic_keywords", sa.Text, nullable=False),
        sa.Column("source_file", sa.Text, nullable=False),
        sa.Column("split", sa.Text, sa.CheckConstraint("split IN ('train', 'validation', 'test')")),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Index("idx_sample_id", "samples_key", "id", unique=True),
    )
    unfinished = sa.Table(
        "unfinished_saves",
        metadata,
        sa.Column("samples_key", sa.Text, primary_key=True),
        sa.Column("started_at", sa.Text, nullable=False),
    )
    version = sa.Table("dataset_builder_schema", metadata, sa.Column("version", sa.BigInteger, primary_key=True))
    return Tables(metadata, datasets, samples, unfinished, version)


def prepare(connection: sa.Connection, place: str) -> None:
    """Make the tables where they are missing, and what newer versions added. Raises PersistenceError when a newer
    program made them.
    """
    import sqlalchemy as sa

    known = tables()
    if connection.dialect.name == "postgresql":
        # Two that start at once would both try to make them. Held until the transaction ends: a pooler allows that.
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    if not sa.inspect(connection).has_table(known.version.name):
        _refuse_foreign(connection, place)
        known.metadata.create_all(connection, checkfirst=False)
        _add_changes(connection)
    found = connection.execute(sa.select(sa.func.max(known.version.c.version))).scalar() or 0
    if found == 1:
        connection.execute(sa.text("ALTER TABLE datasets ADD COLUMN revision BIGINT NOT NULL DEFAULT 0"))
        _add_changes(connection)
    if found > VERSION:
        raise PersistenceError(
            f"{place}: the tables have version {found}, this program knows up to {VERSION}. "
            "Use the newer program, or another database."
        )


_LOCK = 6_200_211_101  # any number that nobody else uses


def _add_changes(connection: sa.Connection) -> None:
    import sqlalchemy as sa

    for statement in CHANGE_TABLES:
        connection.execute(sa.text(statement))
    connection.execute(tables().version.insert().values(version=VERSION))


def _refuse_foreign(connection: sa.Connection, place: str) -> None:
    import sqlalchemy as sa

    own = {*tables().metadata.tables, *CHANGE_TABLE_NAMES}
    present = set(sa.inspect(connection).get_table_names()) & own
    if present:
        raise PersistenceError(
            f"{place}: it has a table '{min(present)}' that this program did not make; "
            "use a database, or a schema (add ?options=-csearch_path%3Dname to DATABASE_URL), of its own."
        )
