"""The tables of changes and reviews: the same in SQLite and on a server."""

from __future__ import annotations

# Each change keeps the rows it found and the rows it left, with their checksums: both versions, whatever comes later.
CHANGE_TABLES = (
    """
    CREATE TABLE sample_changes (
      dataset_id TEXT NOT NULL,
      number BIGINT NOT NULL,
      samples_key TEXT NOT NULL,  -- which rows it changed: after a new save they are others
      kind TEXT NOT NULL,
      who TEXT NOT NULL,
      why TEXT NOT NULL,
      job TEXT NOT NULL,
      made_at TEXT NOT NULL,
      samples BIGINT NOT NULL,
      undone_by BIGINT NOT NULL,
      undoes TEXT NOT NULL,  -- numbers, comma-separated
      PRIMARY KEY (dataset_id, number)
    )
    """,
    """
    CREATE TABLE changed_samples (
      dataset_id TEXT NOT NULL,
      change BIGINT NOT NULL,
      sequence BIGINT NOT NULL,
      position BIGINT NOT NULL,
      before_id TEXT,
      after_id TEXT,
      before_row TEXT,  -- JSON: the columns of the row and its digest
      after_row TEXT,
      PRIMARY KEY (dataset_id, change, sequence)
    )
    """,
    "CREATE INDEX idx_changed_before ON changed_samples(dataset_id, before_id)",
    "CREATE INDEX idx_changed_after ON changed_samples(dataset_id, after_id)",
    """
    CREATE TABLE sample_gaps (
      samples_key TEXT NOT NULL,
      position BIGINT NOT NULL,  -- of a sample that was deleted
      PRIMARY KEY (samples_key, position)
    )
    """,
    """
    CREATE TABLE sample_reviews (
      dataset_id TEXT NOT NULL,
      sample_id TEXT NOT NULL,
      number BIGINT NOT NULL,
      reason TEXT NOT NULL,
      decision TEXT NOT NULL,  -- open, accepted, rejected, edited
      note TEXT NOT NULL,
      who TEXT NOT NULL,
      decided_at TEXT NOT NULL,
      change BIGINT NOT NULL,
      PRIMARY KEY (dataset_id, sample_id)
    )
    """,
    "CREATE UNIQUE INDEX idx_review_number ON sample_reviews(dataset_id, number)",
)
CHANGE_TABLE_NAMES = ("sample_changes", "changed_samples", "sample_gaps", "sample_reviews")
