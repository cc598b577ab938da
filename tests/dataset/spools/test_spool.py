"""Numbers are the same whether they lie in memory or in a temporary file."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from src.dataset.spools.spool import Spool


@pytest.mark.parametrize("in_memory", [0, 5, 1000])
def test_what_is_added_is_read(in_memory: int) -> None:
    spool = Spool(in_memory)
    for start in range(0, 100, 10):
        spool.add(np.arange(start, start + 10, dtype=np.uint64))
        spool.add(np.empty(0, np.uint64))
    assert len(spool) == 100
    assert spool.read(15, 35).tolist() == list(range(15, 35))
    assert spool.read(7, 7).tolist() == []
    assert spool.gather(np.array([90, 3, 50]), np.array([2, 0, 3])).tolist() == [90, 91, 50, 51, 52]
    assert spool.gather(np.array([], np.int64), np.array([], np.int64)).tolist() == []
    spool.close()


def test_a_spool_that_is_forgotten_closes_its_file() -> None:
    spool = Spool(0)
    spool.add(np.arange(10, dtype=np.uint64))
    del spool  # an open file would be a ResourceWarning


@pytest.mark.skipif(sys.platform == "win32", reason="an open file has a name there")
def test_nobody_else_sees_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    spool = Spool(0)
    spool.add(np.arange(10, dtype=np.uint64))
    assert list(tmp_path.iterdir()) == []
    spool.close()
