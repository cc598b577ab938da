"""One process at a time works on a run, and nobody is locked out by one that is dead."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from src.errors import UsageError
from src.pipeline.jobs.run_lock import is_at_work, run_lock

HOLD = """
import sys
from pathlib import Path
from src.pipeline.jobs.run_lock import run_lock
with run_lock(Path(sys.argv[1]), "r1"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "memory" / "x.journal.db"


def test_a_held_run_is_at_work_and_another_one_is_not(journal: Path) -> None:
    with run_lock(journal, "r1"):
        assert is_at_work(journal, "r1") and not is_at_work(journal, "r2")
        with pytest.raises(UsageError, match="Run r1 is at work in another process"), run_lock(journal, "r1"):
            pass
        assert is_at_work(journal, "r1")
    assert not is_at_work(journal, "r1")


def test_no_lock_file_is_left_behind_whatever_happened(journal: Path) -> None:
    with run_lock(journal, "r1"):
        pass
    with pytest.raises(KeyboardInterrupt), run_lock(journal, "r1"):
        raise KeyboardInterrupt
    if sys.platform != "win32":
        assert list(journal.parent.iterdir()) == []
    assert not is_at_work(journal, "r1")


def test_a_run_whose_process_was_killed_is_free_at_once(journal: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-c", HOLD, str(journal)]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        assert is_at_work(journal, "r1")
        with pytest.raises(UsageError), run_lock(journal, "r1"):
            pass
        holder.kill()
        holder.wait()
        assert not is_at_work(journal, "r1")
    with run_lock(journal, "r1"):
        assert is_at_work(journal, "r1")
