from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from src.persistence.sqlite_client import DatasetStore
from tests.persistence.save_in_a_loop import LARGE, SMALL, added

ROOT = Path(__file__).resolve().parents[2]
KILLS = 25


@pytest.mark.slow
def test_a_killed_process_leaves_every_dataset_old_or_new_but_whole(tmp_path: Path) -> None:
    path = tmp_path / "datasets.db"
    chance = random.Random(7)
    states = set()
    for _ in range(KILLS):
        kill_while_saving(path, after=chance.uniform(0, 0.06))
        states.add(check_everything_is_whole(path))
    # Both were seen, so the kills did fall at different points.
    assert states == {len(SMALL), len(LARGE)}


def kill_while_saving(path: Path, after: float) -> None:
    command = [sys.executable, "-m", "tests.persistence.save_in_a_loop", str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(after)
        child.kill()


def check_everything_is_whole(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with DatasetStore(path) as store:
        for stored in store.list_datasets():
            loaded = store.load_dataset(stored.id)
            assert len(loaded) == stored.total_samples
            if stored.name == "added":
                assert loaded == added(int(str(stored.config["number"])))
        fixed = store.load_dataset("fixed")
    assert fixed in (SMALL, LARGE)
    return len(fixed)
