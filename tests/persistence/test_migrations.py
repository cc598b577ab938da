from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from src.errors import PersistenceError
from src.persistence.backup import list_backups
from src.persistence.edits.changing import change_samples, undo
from src.persistence.edits.records import Edit, Note
from src.persistence.edits.reviewing import add_reviews
from src.persistence.migrations import LATEST_VERSION
from src.persistence.sqlite_client import DatasetStore
from src.records import Message, Span
from tests.dataset.example_samples import make_dataset, make_example

# The schema as it was published with the first description of the program.
VERSION_1 = """
CREATE TABLE datasets (id TEXT PRIMARY KEY, name TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL,
  mode TEXT NOT NULL, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, total_samples INTEGER, total_tokens INTEGER,
  config TEXT);
CREATE TABLE samples (id TEXT PRIMARY KEY, dataset_id TEXT REFERENCES datasets(id), content TEXT NOT NULL,
  token_length INTEGER, topic_keywords TEXT, source_file TEXT, split TEXT,
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE INDEX idx_dataset_id ON samples(dataset_id);
CREATE INDEX idx_split ON samples(split);
INSERT INTO datasets (id, name, provider, model, mode, total_samples, total_tokens)
  VALUES ('d1', 'old', 'openai', 'gpt', 'identify', 2, 12);
INSERT INTO samples (id, dataset_id, content, token_length, topic_keywords, source_file, split) VALUES
  ('zz', 'd1', '[{"role": "user", "content": "Hallo"}]', 7, 'tax,law', 'a.pdf', 'train'),
  ('aa', 'd1', '[{"role": "user", "content": "Tschüss"}]', 5, NULL, NULL, 'none');
"""


def make_version_1(path: Path, user_version: int, more: str = "") -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1 + more)
        connection.execute(f"PRAGMA user_version = {user_version}")
        connection.commit()


def user_version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


@pytest.mark.parametrize("version", [1, 0], ids=["made by version 1", "made by hand"])
def test_an_old_database_keeps_its_rows_and_is_backed_up_first(tmp_path: Path, version: int) -> None:
    path = tmp_path / "datasets.db"
    make_version_1(path, version)
    with DatasetStore(path) as store:
        first, second = store.load_dataset("old")
        assert store.find_dataset("old").report is None
        # The same sample id may now stand in another dataset.
        store.save_dataset(make_dataset([first]), {})
    assert (first.id, first.topic_keywords, first.token_length, first.split) == ("zz", ("tax", "law"), 7, "train")
    assert (first.origin.source_file, first.origin.method) == ("a.pdf", "identified")
    assert (second.id, second.messages, second.split) == ("aa", (Message("user", "Tschüss"),), None)
    assert user_version(path) == LATEST_VERSION
    (backup,) = list_backups(path)
    assert user_version(backup) == version
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("SELECT count(*) FROM samples").fetchone() == (2,)


def test_samples_of_no_dataset_are_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "datasets.db"
    more = """INSERT INTO samples (id, dataset_id, content, token_length) VALUES
      ('lost', 'gone', '[]', 3), (NULL, NULL, '[]', 4);"""
    make_version_1(path, 1, more)
    with DatasetStore(path) as store:
        recovered = store.load_dataset("recovered")
        assert store.find_dataset("recovered").total_tokens == 7
        assert len(store.load_dataset("old")) == 2
    assert [sample.id for sample in recovered] == ["lost", "row-4"]


def test_a_new_database_has_both_tables_and_indexes_and_needs_no_backup(tmp_path: Path) -> None:
    path = tmp_path / "datasets.db"
    with DatasetStore(path):
        pass
    with closing(sqlite3.connect(path)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite%'")}
    assert names == {
        "datasets", "sample_rows", "samples", "idx_dataset_number", "idx_sample_id", "delete_sample_rows",
        "sample_changes", "changed_samples", "sample_gaps", "sample_reviews", "idx_changed_before", "idx_changed_after",
        "idx_review_number", "delete_changes",
    }  # fmt: skip
    assert user_version(path) == LATEST_VERSION
    assert list_backups(path) == []


def test_a_failed_migration_leaves_the_old_tables(tmp_path: Path) -> None:
    path = tmp_path / "datasets.db"
    make_version_1(path, 1, "CREATE TABLE new_samples (x);")
    with pytest.raises(PersistenceError, match="new_samples"):
        DatasetStore(path)
    with closing(sqlite3.connect(path)) as connection:
        columns = {row[1] for row in connection.execute("PRAGMA table_info(datasets)")}
        assert connection.execute("SELECT count(*) FROM samples").fetchone() == (2,)
    assert "report" not in columns
    assert user_version(path) == 1


def test_a_database_of_a_newer_program_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "datasets.db"
    with DatasetStore(path) as store:
        store.save_dataset(make_dataset([make_example(1)]), {})
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {LATEST_VERSION + 1}")
    before = path.read_bytes()
    with pytest.raises(PersistenceError, match=f"version {LATEST_VERSION + 1}.*newer program"):
        DatasetStore(path)
    assert path.read_bytes() == before


# What the second version made, before rows had a checksum.
VERSION_2 = """
CREATE TABLE datasets (id TEXT PRIMARY KEY, name TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL,
  mode TEXT NOT NULL, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, total_samples INTEGER, total_tokens INTEGER,
  config TEXT, report TEXT);
CREATE TABLE samples (id TEXT NOT NULL, dataset_id TEXT NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
  position INTEGER NOT NULL, content TEXT NOT NULL, token_length INTEGER, topic_keywords TEXT, source_file TEXT,
  split TEXT CHECK (split IN ('train', 'validation', 'test')), origin TEXT,
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (dataset_id, id));
CREATE INDEX idx_dataset_id ON samples(dataset_id, position);
CREATE INDEX idx_split ON samples(split);
INSERT INTO datasets (id, name, provider, model, mode, created_at, total_samples, total_tokens, config) VALUES
  ('d1', 'first', 'openai', 'gpt', 'create', '2026-11-20 10:00:00.000', 2, 12, '{}'),
  ('d2', 'second', 'openai', 'gpt', 'create', '2026-11-20 11:00:00.000', 1, 5, '{}');
INSERT INTO samples (id, dataset_id, position, content, token_length, topic_keywords, source_file, split, origin) VALUES
  ('b', 'd1', 1, '[{"role": "user", "content": "Zwei ä \\n"}]', 5, '', 'a.pdf', NULL, '{"source_file": "a.pdf",
     "method": "created", "document_id": "x", "place": "page 2", "span": [3, 8], "turn_spans": [[[3, 4]]],
     "chunk_id": "c", "prompt_id": "p", "model": "m"}'),
  ('a', 'd1', 0, '[{"role": "user", "content": "Eins"}]', 7, 'tax,law', 'a.pdf', 'test', NULL),
  ('a', 'd2', 0, '[{"role": "user", "content": "Eins"}]', 5, '', '', 'train', NULL);
PRAGMA user_version = 2;
"""


def test_samples_of_version_2_keep_their_order_and_get_checksums(tmp_path: Path) -> None:
    path = tmp_path / "datasets.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_2)
    with DatasetStore(path) as store:
        first, second = store.load_dataset("d1"), store.load_dataset("d2")
        assert [stored.id for stored in store.list_datasets()] == ["d2", "d1"]
        assert [sample.id for sample in first] == ["a", "b"]
        assert (first[0].split, first[0].topic_keywords, first[0].token_length) == ("test", ("tax", "law"), 7)
        assert first[1].messages == (Message("user", "Zwei ä \n"),)
        assert (first[1].origin.span, first[1].origin.prompt_id, first[1].origin.call_id) == (Span(3, 8), "p", "")
        assert [sample.split for sample in second] == ["train"]
        (rows,) = store.stored_samples("d1").row_batches()
        assert rows[1].content == '[{"role":"user","content":"Zwei ä \\n"}]'
        store.save_dataset(make_dataset([make_example(1)]), {}, dataset_id="d1")
        assert store.load_dataset("d2") == second
    (backup,) = list_backups(path)
    assert user_version(backup) == 2


def test_a_database_of_version_3_keeps_its_rows_and_takes_changes(tmp_path: Path) -> None:
    path = tmp_path / "datasets.db"
    dataset = make_dataset([make_example(n) for n in range(5)])
    with DatasetStore(path) as store:
        store.save_dataset(dataset, {}, dataset_id="d1")
    with closing(sqlite3.connect(path)) as connection:
        for name in ("sample_changes", "changed_samples", "sample_gaps", "sample_reviews"):
            connection.execute(f"DROP TABLE {name}")
        connection.execute("DROP TRIGGER delete_changes")
        connection.execute("ALTER TABLE datasets DROP COLUMN revision")
        connection.execute("PRAGMA user_version = 3")
    with DatasetStore(path) as store:
        assert store.load_dataset("d1") == dataset
        change_samples(store, "d1", [Edit("s000001", None)], Note("delete", "m", ""))
        undo(store, "d1", [1], "m")
        assert store.load_dataset("d1") == dataset
    (backup,) = list_backups(path)
    assert user_version(backup) == 3


def test_a_dataset_deleted_by_hand_takes_its_history_along(tmp_path: Path) -> None:
    path = tmp_path / "datasets.db"
    with DatasetStore(path) as store:
        for dataset_id in ("d1", "d2"):
            store.save_dataset(make_dataset([make_example(n) for n in range(5)]), {}, dataset_id=dataset_id)
            add_reviews(store, dataset_id, [("s000002", "short")])
            change_samples(store, dataset_id, [Edit("s000001", None)], Note("delete", "m", ""))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM datasets WHERE id = 'd1'")
        connection.commit()
        for name in ("sample_changes", "changed_samples", "sample_gaps", "sample_reviews"):
            assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() == (1,)
