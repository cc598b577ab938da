from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from src.export.manifest import verify_manifest
from tests.export.export_in_a_loop import DATASET, export

ROOT = Path(__file__).resolve().parents[2]
FILES = {"train.jsonl", "validation.jsonl", "test.jsonl", "metadata.csv", "statistics.json", "manifest.json"}
KILLS = 20


def start(output_dir: Path, times: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.export.export_in_a_loop", str(output_dir), str(times)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def versions(output_dir: Path) -> list[Path]:
    return sorted(output_dir.glob("handbook/v*"))


@pytest.mark.slow
def test_a_killed_export_leaves_no_half_written_version(tmp_path: Path) -> None:
    chance = random.Random(7)
    unfinished = 0
    for _ in range(KILLS):
        with start(tmp_path, 1_000_000) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(chance.uniform(0, 0.06))
            child.kill()
        unfinished += len(list(tmp_path.glob("handbook/.v*")))
    for folder in versions(tmp_path):
        assert verify_manifest(folder) == []
        assert {file.name for file in folder.iterdir()} == FILES
    # The kills did fall into the middle of exports, and the next export clears up after them.
    assert unfinished > KILLS // 4
    export(DATASET, tmp_path)
    assert [entry.name for entry in (tmp_path / "handbook").iterdir() if entry.name.startswith(".")] == []


def test_two_processes_never_take_the_same_version(tmp_path: Path) -> None:
    with start(tmp_path, 15) as one, start(tmp_path, 15) as other:
        one.communicate()
        other.communicate()
    assert (one.returncode, other.returncode) == (0, 0)
    folders = versions(tmp_path)
    assert len(folders) == 30
    assert [problem for folder in folders for problem in verify_manifest(folder)] == []
