from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from src.errors import PersistenceError
from src.persistence.sqlite_client import DatasetStore
from src.persistence.stores.bulk_load import BULK_SAMPLES
from tests.dataset.example_samples import make_dataset, make_example
from tests.persistence.save_many_in_a_loop import NEW, OLD

ROOT = Path(__file__).resolve().parents[3]
LARGE = make_dataset([make_example(n) for n in range(BULK_SAMPLES + 500)], "large")
KILLS = 15


def schema(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT type, name FROM sqlite_master ORDER BY name").fetchall()


def journal_mode(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def test_a_large_dataset_is_saved_and_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "datasets.db"
    with DatasetStore(path) as store:
        before = schema(path)
        dataset_id = store.save_dataset(LARGE, {})
        assert store.load_dataset(dataset_id) == LARGE
        store.save_dataset(LARGE, {}, dataset_id=dataset_id)
        assert store.load_dataset(dataset_id) == LARGE
        assert store.save_dataset(LARGE, {}) != dataset_id
    assert schema(path) == before
    assert journal_mode(path) == "wal"


def test_a_large_dataset_is_saved_beside_others_who_have_the_file_open(tmp_path: Path) -> None:
    path = tmp_path / "datasets.db"
    with DatasetStore(path) as store, DatasetStore(path) as other:
        small = other.save_dataset(make_dataset([make_example(1)]), {})
        large = store.save_dataset(LARGE, {})
        assert other.load_dataset(large) == LARGE
        assert len(store.load_dataset(small)) == 1


def test_a_large_dataset_loaded_before_the_file_was_closed_can_be_saved_again(tmp_path: Path) -> None:
    with DatasetStore(tmp_path / "datasets.db") as store:
        loaded = store.load_dataset(store.save_dataset(LARGE, {}))
    with DatasetStore(tmp_path / "datasets.db", timeout=0.5) as store:
        assert store.load_dataset(store.save_dataset(loaded, {})) == LARGE


def test_a_sample_that_stands_twice_in_a_large_dataset_is_named_and_nothing_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "datasets.db"
    with DatasetStore(path) as store:
        before = schema(path)
        with pytest.raises(PersistenceError, match=r"s000007 .*twice"):
            store.save_dataset(make_dataset([*LARGE.samples, make_example(7)]), {})
        assert store.list_datasets() == []
        store.save_dataset(LARGE, {})
    assert schema(path) == before


def test_who_opens_the_database_during_a_large_save_waits_and_gets_in(tmp_path: Path) -> None:
    path = tmp_path / "datasets.db"
    with DatasetStore(path):
        pass
    errors: list[Exception] = []
    done = threading.Event()

    def save() -> None:
        try:
            with DatasetStore(path) as store:
                for _ in range(3):
                    store.save_dataset(LARGE, {})
        except PersistenceError as error:
            errors.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=save)
    thread.start()
    while not done.is_set():
        with DatasetStore(path) as store:
            store.save_dataset(make_dataset([make_example(1)], "small"), {})
    thread.join()
    assert errors == []
    assert journal_mode(path) == "wal"


@pytest.mark.slow
def test_a_process_killed_during_large_saves_leaves_every_dataset_whole(tmp_path: Path) -> None:
    path = tmp_path / "datasets.db"
    chance = random.Random(3)
    seen = set()
    for _ in range(KILLS):
        kill_while_saving(path, after=chance.uniform(0, 0.5))
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            indexes = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'idx_sample_id'").fetchone()
            assert indexes == (1,)
        with DatasetStore(path) as store:
            for stored in store.list_datasets():
                loaded = store.load_dataset(stored.id)
                assert loaded in (OLD, NEW)
                seen.add(len(loaded))
    assert seen == {len(OLD), len(NEW)}


def kill_while_saving(path: Path, after: float) -> None:
    command = [sys.executable, "-m", "tests.persistence.save_many_in_a_loop", str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(after)
        child.kill()
