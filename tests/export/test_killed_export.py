from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from src.export.manifests.verifying import verify_folder
from tests.export.export_in_a_loop import DATASET, export

ROOT = Path(__file__).resolve().parents[2]
KILLS = 120


def start(output_dir: Path, times: int, formats: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.export.export_in_a_loop", str(output_dir), str(times), formats]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def versions(output_dir: Path) -> list[Path]:
    return sorted(output_dir.glob("handbook/v*"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
def test_killed_exports_leave_nothing_unverified_under_a_final_name(tmp_path: Path) -> None:
    """120 SIGKILLs at random moments of exports in all formats."""
    command = [sys.executable, "-m", "tests.export.export_until_killed", str(tmp_path), str(KILLS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=300)
    unfinished = int(done.stdout)
    found = [version for folder in tmp_path.iterdir() for version in versions(folder)]
    assert [problem for version in found for problem in verify_folder(version)] == []
    # The kills did fall into the middle of exports, some of which were published; the next export clears up.
    assert unfinished > KILLS // 4 and len(found) > 10
    export(DATASET, tmp_path / "0")
    assert [entry.name for entry in (tmp_path / "0" / "handbook").iterdir() if entry.name.startswith(".")] == []


def test_two_processes_never_take_the_same_version(tmp_path: Path) -> None:
    with start(tmp_path, 10, "jsonl") as one, start(tmp_path, 10, "jsonl") as other:
        one.communicate()
        other.communicate()
    assert (one.returncode, other.returncode) == (0, 0)
    folders = versions(tmp_path)
    assert len(folders) == 20
    assert [problem for folder in folders for problem in verify_folder(folder)] == []
