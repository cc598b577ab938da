"""The database's tables, built up in numbered steps; PRAGMA user_version says which step a file has reached."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from src.errors import PersistenceError
from src.persistence.connection import transaction
from src.persistence.edits.tables import CHANGE_TABLES
from src.persistence.models import SampleRow, digest_of
from src.persistence.origin_json import messages_from_json, messages_to_json

# IF NOT EXISTS: a file made by hand from the published schema has the tables but no version.
_FIRST_TABLES = (
    """
    CREATE TABLE IF NOT EXISTS datasets (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      provider TEXT NOT NULL,
      model TEXT NOT NULL,
      mode TEXT NOT NULL,
      created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
      total_samples INTEGER,
      total_tokens INTEGER,
      config TEXT  -- JSON string of configuration
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS samples (
      id TEXT PRIMARY KEY,
      dataset_id TEXT REFERENCES datasets(id),
      content TEXT NOT NULL,
      token_length INTEGER,
      topic_keywords TEXT,  -- Comma-separated
      source_file TEXT,
      split TEXT,  -- 'train' or 'validation'
      created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
    )
    """,
    "CREATE INDEX IF NOT EXISTS idx_dataset_id ON samples(dataset_id)",
    "CREATE INDEX IF NOT EXISTS idx_split ON samples(split)",
)
# SQLite cannot change a primary key in place: a new table takes over the rows. Sample ids are made from
# content, so two datasets may hold the same one; samples of no known dataset go to one called "recovered".
_SAMPLES_PER_DATASET = (
    "ALTER TABLE datasets ADD COLUMN report TEXT",
    """
    INSERT INTO datasets (id, name, provider, model, mode, total_samples, total_tokens, config)
    SELECT 'recovered', 'recovered', '', '', '', count(*), sum(token_length), '{}' FROM samples
    WHERE dataset_id IS NULL OR dataset_id NOT IN (SELECT id FROM datasets WHERE id IS NOT NULL)
    HAVING count(*) > 0
    """,
    """
    CREATE TABLE new_samples (
      id TEXT NOT NULL,
      dataset_id TEXT NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
      position INTEGER NOT NULL,  -- order within the dataset
      content TEXT NOT NULL,  -- JSON: [{"role", "content"}]
      token_length INTEGER,
      topic_keywords TEXT,  -- Comma-separated
      source_file TEXT,
      split TEXT CHECK (split IN ('train', 'validation', 'test')),
      origin TEXT,  -- JSON: where the sample comes from; NULL in rows of version 1
      created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
      PRIMARY KEY (dataset_id, id)
    )
    """,
    """
    INSERT INTO new_samples
      (id, dataset_id, position, content, token_length, topic_keywords, source_file, split, created_at)
    SELECT coalesce(id, 'row-' || rowid),
      CASE WHEN dataset_id IN (SELECT id FROM datasets WHERE id IS NOT NULL) THEN dataset_id ELSE 'recovered' END,
      rowid, content, token_length, topic_keywords, source_file,
      CASE WHEN split IN ('train', 'validation', 'test') THEN split END, created_at
    FROM samples
    """,
    "DROP TABLE samples",
    "ALTER TABLE new_samples RENAME TO samples",
    "CREATE INDEX idx_dataset_id ON samples(dataset_id, position)",
    "CREATE INDEX idx_split ON samples(split)",
)
# Samples lie in the order of their dataset, one dataset after the other, so that a save appends and reading needs no
# index; what people query is a view. compact_json and row_digest are Python's. Ids of version 1 may have been NULL.
_SAMPLES_IN_ORDER = (
    "ALTER TABLE datasets ADD COLUMN number INTEGER",
    "UPDATE datasets SET id = coalesce(id, 'row-' || rowid), number = rowid",
    """
    UPDATE datasets SET total_samples = (SELECT count(*) FROM samples WHERE dataset_id = datasets.id)
    """,
    "CREATE UNIQUE INDEX idx_dataset_number ON datasets(number)",
    """
    CREATE TABLE sample_rows (
      number INTEGER PRIMARY KEY,  -- the dataset's number * 4294967296 + the position within it, from 0
      id TEXT NOT NULL,
      content TEXT NOT NULL,  -- JSON: [{"role", "content"}]
      token_length INTEGER NOT NULL,
      topic_keywords TEXT NOT NULL,  -- Comma-separated
      source_file TEXT NOT NULL,
      split TEXT CHECK (split = 'train' OR split = 'validation' OR split = 'test'),  -- IN takes as long as all the rest
      origin TEXT NOT NULL,  -- JSON: where the sample comes from; empty in rows of version 1
      digest INTEGER NOT NULL  -- xxh3 of the columns above but the first
    )
    """,
    """
    INSERT INTO sample_rows
    SELECT number, id, content, tokens, keywords, source, split, origin,
      row_digest(id, content, tokens, keywords, source, split, origin)
    FROM (
      SELECT datasets.number * 4294967296 + row_number() OVER (PARTITION BY dataset_id ORDER BY position) - 1 AS number,
        samples.id, compact_json(content) AS content, coalesce(token_length, 0) AS tokens,
        coalesce(topic_keywords, '') AS keywords, coalesce(source_file, '') AS source, split,
        coalesce(origin, '') AS origin
      FROM samples JOIN datasets ON datasets.id = dataset_id
    )
    """,
    "DROP TABLE samples",
    "CREATE UNIQUE INDEX idx_sample_id ON sample_rows(number >> 32, id)",
    """
    CREATE VIEW samples AS
    SELECT sample_rows.id, datasets.id AS dataset_id, sample_rows.number & 4294967295 AS position, content,
      token_length, topic_keywords, source_file, split, origin, created_at
    FROM datasets JOIN sample_rows
      ON sample_rows.number BETWEEN datasets.number * 4294967296 AND datasets.number * 4294967296 + 4294967295
    """,
    """
    CREATE TRIGGER delete_sample_rows AFTER DELETE ON datasets BEGIN
      DELETE FROM sample_rows WHERE number BETWEEN old.number * 4294967296 AND old.number * 4294967296 + 4294967295;
    END
    """,
)
# Single samples may be changed: a revision tells readers, and the history keeps both versions.
_CHANGES = (
    "ALTER TABLE datasets ADD COLUMN revision INTEGER NOT NULL DEFAULT 0",
    *CHANGE_TABLES,
    """
    CREATE TRIGGER delete_changes AFTER DELETE ON datasets BEGIN
      DELETE FROM sample_changes WHERE dataset_id = old.id;
      DELETE FROM changed_samples WHERE dataset_id = old.id;
      DELETE FROM sample_reviews WHERE dataset_id = old.id;
      DELETE FROM sample_gaps WHERE samples_key = CAST(old.number AS TEXT);
    END
    """,
)
MIGRATIONS: Sequence[Sequence[str]] = (_FIRST_TABLES, _SAMPLES_PER_DATASET, _SAMPLES_IN_ORDER, _CHANGES)
LATEST_VERSION = len(MIGRATIONS)
# Room for the samples of a dataset between its first number and the next dataset's.
SAMPLES_EACH = 2**32


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables to LATEST_VERSION, each step in a transaction of its own. Raises sqlite3.Error."""
    if version_of(connection) < LATEST_VERSION:
        _prepare_functions(connection)
    for number, statements in enumerate(MIGRATIONS, start=1):
        if version_of(connection) >= number:
            continue
        with transaction(connection):
            # Another process may have done the step while this one waited for the lock.
            if version_of(connection) < number:
                for statement in statements:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")


def _prepare_functions(connection: sqlite3.Connection) -> None:
    connection.create_function("compact_json", 1, _compact, deterministic=True)
    connection.create_function("row_digest", 7, lambda *values: digest_of(SampleRow(*values)), deterministic=True)


def _compact(content: str) -> str:
    try:
        return messages_to_json(messages_from_json(content))
    except (ValueError, TypeError):
        return content  # no messages: it is kept as it is, and reading it will say so


def version_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def needs_migration(connection: sqlite3.Connection) -> bool:
    """Whether the database holds tables of an older version (an empty one has nothing to lose)."""
    tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0]
    return tables > 0 and version_of(connection) < LATEST_VERSION


def refuse_newer(connection: sqlite3.Connection, path: Path) -> None:
    """Raise PersistenceError when a newer program made the database: writing to it could lose what that one keeps."""
    version = version_of(connection)
    if version > LATEST_VERSION:
        raise PersistenceError(
            f"{path}: the database has version {version}, this program knows up to {LATEST_VERSION}. "
            "Use the newer program, or move the file away to start a new database."
        )
