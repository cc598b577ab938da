from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from src.errors import UsageError
from src.pipeline.engine.machine.disk import Need, free_bytes, refuse_what_does_not_fit, run_needs
from src.pipeline.engine.machine.resources import WORKER_BYTES, Machine, part_size, this_machine, workers_for
from src.pipeline.engine.machine.sweeping import sweep
from src.pipeline.engine.machine.watching import Watch
from src.pipeline.orchestrator import Run
from src.records import RunReport
from tests.pipeline.runs import identify_plan, talk_workspace

GB = 1 << 30


def test_workers_fit_cores_and_memory() -> None:
    assert workers_for(Machine(8, 64 * GB, 60 * GB)) == 8
    assert workers_for(Machine(8, 64 * GB, 60 * GB), wanted=3) == 3
    assert workers_for(Machine(8, 4 * GB, 2 * WORKER_BYTES)) == 1
    assert workers_for(Machine(8, 4 * GB, 0)) == 1
    assert 1 <= workers_for(this_machine()) <= this_machine().cores


def test_parts_take_a_moment_and_fit_the_memory() -> None:
    machine = Machine(2, 8 * GB, 8 * GB)
    assert part_size(0.002, 1_000, machine, 2, 10_000) == 1_000
    assert part_size(0.00001, 1_000, machine, 2, 10_000) == 10_000
    assert part_size(10.0, 1_000, machine, 2, 10_000) == 1
    assert part_size(0.00001, 100_000, Machine(2, GB, GB // 10), 2, 10_000) < 20


def test_what_does_not_fit_is_refused_before_it_starts(tmp_path: Path) -> None:
    free = free_bytes(tmp_path)
    refuse_what_does_not_fit([Need("little", tmp_path / "not" / "yet", 1_000)])
    with pytest.raises(UsageError, match=r"will not fit on the disk.*takes about .* GB.*the export .*Free some space"):
        half = free // 2
        refuse_what_does_not_fit([Need("the export", tmp_path, half), Need("the database", tmp_path / "x", half)])


def test_a_run_that_does_not_fit_reads_nothing(tmp_path: Path) -> None:
    workspace = talk_workspace(tmp_path)
    huge = workspace.input_dir / "huge.txt"
    with huge.open("wb") as file:
        file.truncate(free_bytes(tmp_path))  # a sparse file takes no room itself
    run = Run(identify_plan(workspace), workspace, RunReport())
    try:
        with pytest.raises(UsageError, match="extracted text"):
            run.ingest()
        assert not workspace.extracts.exists()
    finally:
        run.close()


def test_needs_are_told_by_what_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * 1_000)
    (tmp_path / "b.pdf").write_bytes(b"x" * 1_000)
    files = [tmp_path / "a.txt", tmp_path / "b.pdf", tmp_path / "gone.txt"]
    needs = {need.what: need.size for need in run_needs(files, tmp_path, tmp_path / "x.db", tmp_path, 10, True)}
    assert needs["extracted text"] == 1_500 and needs["the answers"] > 40_000
    (tmp_path / "x.db").write_bytes(b"x" * 5_000)
    again = {need.what: need.size for need in run_needs(files, tmp_path, tmp_path / "x.db", tmp_path, 10, False, 3)}
    assert again["the database and its backup"] == needs["the database and its backup"] + 5_000
    assert again["the export"] == 2 * needs["the export"] and "the answers" not in again


def test_the_watch_sees_other_processes(tmp_path: Path) -> None:
    with Watch(tmp_path, 2) as watch:
        code = "import time; x = bytearray(200 << 20)\nwhile time.process_time() < 1.5: pass"
        subprocess.run([sys.executable, "-c", code], check=True)
        usage = watch.stop()
    assert usage.peak_memory > 200 << 20 and usage.cpu_seconds > 1
    assert 0 < usage.busy <= 1 and usage.workers == 2 and usage.least_disk > 0
    assert "cores" in str(usage) and usage.to_json()["workers"] == 2


def test_leftovers_of_dead_processes_are_swept(tmp_path: Path) -> None:
    engine, output = tmp_path / "engine", tmp_path / "out"
    (output / "set").mkdir(parents=True)
    engine.mkdir()
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    import platform
    import re

    host = re.sub(r"[^A-Za-z0-9]", "_", platform.node())
    left = [
        engine / f".samples.incomplete-{host}-{int(dead.stdout)}-0123abcd",
        output / "set" / f".version.incomplete-{host}-{int(dead.stdout)}-0123abcd",
    ]
    mine = engine / f".samples.incomplete-{host}-{os.getpid()}-0123abcd"
    for path in (*left, mine):
        path.write_text("x")
    sweep(engine, output)
    assert not any(path.exists() for path in left) and mine.exists()


def test_shards_of_a_job_nobody_came_back_for_are_swept(tmp_path: Path) -> None:
    for name in ("facts-old", "facts-new"):
        (tmp_path / name).mkdir()
        (tmp_path / f"{name}.lock").touch()
    long_ago = time.time() - 8 * 24 * 3600
    os.utime(tmp_path / "facts-old", (long_ago, long_ago))
    (tmp_path / "tokens-old.size").touch()
    os.utime(tmp_path / "tokens-old.size", (long_ago, long_ago))
    sweep(tmp_path, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["facts-new", "facts-new.lock"]


def test_a_run_tells_what_it_took(tmp_path: Path) -> None:
    workspace = talk_workspace(tmp_path)
    run = Run(identify_plan(workspace), workspace, RunReport())
    run.ingest()
    run.close()
    assert run.usage is not None and run.usage.peak_memory > 10 << 20 and run.usage.workers >= 1
