from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from src.errors import BuilderError
from src.providers import PROVIDERS
from src.providers.validation.row_checks import CheckTask, RowChecker, Share
from src.providers.validation.workers.worker_pool import CheckPool
from tests.providers.conversations import numbered_rows, write_rows


@pytest.fixture
def task(tmp_path: Path) -> CheckTask:
    rows = numbered_rows(PROVIDERS["openai"], 200)
    rows[50] = {"messages": []}
    path = write_rows(tmp_path / "ü train.jsonl", rows)
    return CheckTask(path, "openai", "gpt-4o-mini-2024-07-18")


def ranges(task: CheckTask) -> list[tuple[int, int]]:
    size = task.path.stat().st_size
    return [(start, min(size, start + 5_000)) for start in range(0, size, 5_000)]


def test_processes_find_what_one_finds(task: CheckTask) -> None:
    checker = RowChecker(task)
    here = [checker.check(*one) for one in ranges(task)]
    with CheckPool(task, 2) as pool:
        there = list(pool.check(ranges(task)))
    assert there == here
    assert sum(share.rows for share in here) == 200 and sum(len(share.groups) for share in here) == 1
    assert isinstance(there[0], Share) and all(worker.process.poll() is not None for worker in pool.workers)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_process_is_an_error_and_not_a_hang(task: CheckTask) -> None:
    with CheckPool(task, 1) as pool:
        shares = pool.check(ranges(task))
        next(shares)
        os.kill(pool.workers[0].process.pid, signal.SIGKILL)
        with pytest.raises(BuilderError, match=r"not checked to its end.*SIGKILL.*memory"):
            list(pool.check(ranges(task)))


def test_a_process_that_fails_says_why(task: CheckTask) -> None:
    task.path.unlink()
    with CheckPool(task, 1) as pool, pytest.raises(BuilderError, match="No such file"):
        list(pool.check([(0, 10)]))
