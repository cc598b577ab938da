"""A run that is killed or interrupted leaves the old state or the new one, never half."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from src.export.manifests.verifying import verify_folder
from tests.agents.support import answer_about_focus
from tests.providers.clients.stub_llm import Reply, StubLLM
from tests.workflows.llm_runs import (
    as_json,
    good,
    journal_is_sound,
    llm_folder,
    openai_env,
    prose,
    run_json,
    started,
    wait_for,
)
from tests.workflows.support import SAMPLES, environment, in_order, run

needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="SIGINT to a process is not for Windows")
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
        assert verify_folder(version) == []


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


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """What the program says up to `text`, which need not end a line."""
    said = ""
    assert process.stdout is not None
    while text not in said:
        letter = process.stdout.read(1)
        assert letter, said
        said += letter
    return said


@needs_signals
@pytest.mark.parametrize("stop", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_calls_under_way_at_an_interrupt_are_kept_and_the_resume_line_finishes_the_run(
    tmp_path: Path, stop: signal.Signals
) -> None:
    folder = llm_folder(tmp_path / "here", concurrency=4, dataset_size=40)
    delays = [0.3]
    with StubLLM(lambda request: Reply(answer_about_focus(request), delay=delays[0])) as stub:
        env = openai_env(stub)
        with started(folder, "run", "--yes", env=env) as process:
            wait_for(lambda: len(stub.requests) >= 9, process)
            process.send_signal(stop)
            out, _ = process.communicate(timeout=30)
        assert process.returncode == 130
        delays[0] = 0.0
        assert in_order(
            out,
            "Stopping: waiting for ",
            "under way, at most 30 s. Ctrl-C again leaves now.",
            "Stopped by you; what was done until then is kept.",
            "Saved dataset my_dataset (d",
            f"{len(stub.requests)} of 40 samples",
            "Resume: `python -m src.main run --resume r",
        )
        assert not (folder / "output_datasets").exists()
        (unfinished,) = as_json(run(folder, "journal", "--json"))["unfinished"]
        assert (unfinished["answered"], unfinished["possibly_billed"]) == (len(stub.requests), 0)
        assert unfinished["why_stopped"] == "Stopped by you"
        resumed = run_json(folder, "--resume", unfinished["id"], env=env)
        assert (resumed["exit_code"], resumed["samples"], len(stub.requests)) == (0, 40, 40)
    assert_consistent(folder)


@needs_signals
def test_a_second_interrupt_leaves_at_once_with_a_sound_journal(tmp_path: Path) -> None:
    folder = llm_folder(tmp_path / "here", concurrency=4, dataset_size=40)
    hold = iter([0.0] * 6 + [600.0] * 100)
    with StubLLM(lambda request: Reply(answer_about_focus(request), delay=next(hold))) as stub:
        with started(folder, "run", "--yes", env=openai_env(stub)) as process:
            wait_for(lambda: len(stub.requests) >= 10, process)
            process.send_signal(signal.SIGINT)
            said = read_until(process, "Ctrl-C again leaves now.")
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=30)
        assert process.returncode == 130, said + out
        assert in_order(out, "calls were sent and never answered; they may have been billed", "--resume r")
    assert journal_is_sound(folder)
    assert_consistent(folder)


@needs_signals
def test_an_interrupt_before_the_first_call_ends_with_130_and_leaves_nothing(tmp_path: Path) -> None:
    folder = llm_folder(tmp_path / "here", documents=1, dataset_size=40)
    (folder / "input_files" / "long.txt").write_text("\n\n".join(prose(n, 40) for n in range(300)), encoding="utf-8")
    with StubLLM(good()) as stub:
        env = openai_env(stub)
        with started(folder, "run", "--yes", env=env) as reading:
            read_until(reading, "Dataset   my_dataset\n")
            reading.send_signal(signal.SIGINT)
            out, _ = reading.communicate(timeout=30)
        assert reading.returncode == 130 and out.rstrip().endswith("Interrupted.") and "Traceback" not in out
        with started(folder, "run", env=env) as asking:
            read_until(asking, "Start? (y/n) [y]: ")
            asking.send_signal(signal.SIGINT)
            out, _ = asking.communicate(timeout=30)
        assert asking.returncode == 130 and out.strip() == "Interrupted."
        assert not stub.requests and not list((folder / "memory").glob("*.db*"))


@pytest.mark.slow
@needs_signals
def test_an_interrupt_in_the_menu_leads_back_to_it(tmp_path: Path) -> None:
    folder = llm_folder(tmp_path / "here", concurrency=2, dataset_size=40)
    with StubLLM(good(0.1)) as stub, started(folder, env=openai_env(stub)) as process:
        assert process.stdin is not None

        def say(text: str) -> None:
            assert process.stdin is not None
            process.stdin.write(text)
            process.stdin.flush()

        say("2\n")
        read_until(process, "Start? (y/n) [y]: ")
        process.send_signal(signal.SIGINT)
        assert "Stopped; back to the menu." in read_until(process, "Choose 1-6: ")
        say("2\ny\n")
        wait_for(lambda: len(stub.requests) >= 6, process)
        process.send_signal(signal.SIGINT)
        assert in_order(read_until(process, "Choose 1-6: "), "of 40 samples.", "run --resume r")
        say("2\n2\ny\n")
        read_until(process, "Split the dataset? (y/n) [y]: ")
        process.send_signal(signal.SIGINT)
        said = read_until(process, "Choose 1-6: ")
        assert in_order(said, "The dataset is not saved, but every answer is kept.", "--resume r", "back to the menu")
        say("2\n1\ny\ny\nb\n")
        said = read_until(process, "Choose 1-6: ")
        assert "The dataset is not saved, but every answer is kept." in said
        say("6\n")
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 0 and out.endswith("Good-bye.\n")
    assert len(stub.requests) == 40


@pytest.mark.slow
@needs_signals
def test_an_interrupt_at_any_moment_of_the_start_ends_the_run(tmp_path: Path) -> None:
    folder = llm_folder(tmp_path / "here", dataset_size=40)
    with StubLLM(good(0.05)) as stub:
        for tenths in range(2, 14):
            with started(folder, "run", "--yes", "--seed", str(tenths), env=openai_env(stub)) as process:
                time.sleep(tenths / 10)
                process.send_signal(signal.SIGINT)
                out, _ = process.communicate(timeout=40)
            # Python ends a process by the signal itself where that struck in code made by exec(); a shell says 130.
            assert process.returncode in (0, 130, -signal.SIGINT), out
