"""A run that is killed or interrupted leaves the old state or the new one, never half."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from src.export.manifest import verify_manifest
from tests.agents.support import answer_about_focus
from tests.providers.clients.stub_llm import Reply, StubLLM
from tests.workflows.support import ROOT, SAMPLES, environment, run

ARGUMENTS = [sys.executable, "-m", "src.main", "run", "--input", str(SAMPLES), "--yes"]


def start(folder: Path, *more: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*ARGUMENTS, *more],
        cwd=folder,
        env=environment(env),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def assert_consistent(folder: Path) -> None:
    database = folder / "memory" / "dataset_builder.db"
    if database.exists():
        with closing(sqlite3.connect(database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "samples" in tables:
                rows = connection.execute(
                    "SELECT d.total_samples, COUNT(s.id) FROM datasets d "
                    "LEFT JOIN samples s ON s.dataset_id = d.id GROUP BY d.id"
                )
                assert all(said == stored for said, stored in rows)
    for version in (folder / "output_datasets").glob("*/v*"):
        assert verify_manifest(version) == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is not for Windows")
def test_sigkill_at_any_moment_leaves_a_sound_database_and_no_half_export(tmp_path: Path) -> None:
    chance = random.Random(11)
    began = time.monotonic()
    assert run(tmp_path, *ARGUMENTS[3:], "--mode", "identify").code == 0
    whole = time.monotonic() - began
    for _ in range(20):
        process = start(tmp_path, "--mode", "identify")
        # The second half of a run is where the database and the files are written.
        time.sleep(whole * chance.uniform(0.4, 1.05))
        process.kill()
        process.communicate()
        assert_consistent(tmp_path)
    assert run(tmp_path, *ARGUMENTS[3:], "--mode", "identify").code == 0
    assert_consistent(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT to a process is not for Windows")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_keeps_what_is_done_and_exits_130(tmp_path: Path, stop: signal.Signals) -> None:
    shutil.copy(ROOT / "tests" / "fixtures" / "config.yaml", tmp_path)

    def slow(request: dict[str, object]) -> Reply:
        return Reply(answer_about_focus(request), delay=0.05)

    with StubLLM(slow) as stub:
        env = {"OPENAI_API_KEY": "sk-canary-0123456789", "OPENAI_BASE_URL": stub.url}
        process = start(tmp_path, "--mode", "create", "--size", "5000", env=env)
        while len(stub.requests) < 30:
            time.sleep(0.02)
            assert process.poll() is None, process.stdout
        process.send_signal(stop)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 130, out
    assert "Stopped by you; what was done until then is kept." in out and "Saved dataset" in out
    with closing(sqlite3.connect(tmp_path / "memory" / "dataset_builder.db")) as connection:
        kept = connection.execute("SELECT COUNT(*) FROM samples").fetchone()[0]
    assert kept >= 5
    assert not (tmp_path / "output_datasets").exists()
    assert_consistent(tmp_path)
