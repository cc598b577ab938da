from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from src.persistence.edits.changing import list_changes
from src.persistence.sqlite_client import DatasetStore
from tests.persistence.edits.change_in_a_loop import NEW, OLD

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
def test_a_process_killed_in_a_change_or_an_undo_leaves_old_or_new(tmp_path: Path) -> None:
    path, chance, states = tmp_path / "datasets.db", random.Random(5), set()
    for _ in range(12):
        command = [sys.executable, "-m", "tests.persistence.edits.change_in_a_loop", str(path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
            time.sleep(chance.uniform(0, 0.06))
            child.kill()
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        with DatasetStore(path) as store:
            samples, stored = list(store.load_dataset("d1")), store.find_dataset("d1")
            assert samples in (OLD, NEW)
            assert (stored.total_samples, stored.total_tokens) == (len(samples), sum(s.token_length for s in samples))
            changes = list_changes(store, "d1")
            assert (len(changes) % 2 == 1) == (samples == NEW)
        states.add(len(samples))
    assert states == {len(OLD), len(NEW)}
