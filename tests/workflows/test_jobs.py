"""Background jobs as a user has them: they outlive the program, are steered, killed, and make the same dataset."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.agents.support import answer_about_focus
from tests.providers.clients.stub_llm import Reply, StubLLM
from tests.workflows.llm_runs import (
    as_json,
    copy_of,
    good,
    llm_folder,
    needs_sigkill,
    openai_env,
    run_json,
    sample_ids,
    started,
)
from tests.workflows.support import in_order, menu, run

CONCURRENCY = 4


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return llm_folder(tmp_path / "here", concurrency=CONCURRENCY, dataset_size=40, retry_after=0)


def jobs(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = as_json(run(folder, "jobs", "--json"))["jobs"]
    return found


def add(folder: Path, *words: str, env: Mapping[str, str] | None = None) -> str:
    job_id: str = as_json(run(folder, "jobs", "add", "--json", *words, env=env))["id"]
    return job_id


def reached(folder: Path, wanted: Callable[[list[dict[str, Any]]], bool], seconds: float = 60) -> list[dict[str, Any]]:
    """The jobs once they are as wanted."""
    deadline = time.monotonic() + seconds
    while not wanted(found := jobs(folder)):
        assert time.monotonic() < deadline, [(job["state"], job["note"]) for job in found]
        time.sleep(0.2)
    return found


def all_in(state: str) -> Callable[[list[dict[str, Any]]], bool]:
    return lambda found: bool(found) and all(job["state"] == state for job in found)


def calls_at_least(stub: StubLLM, calls: int) -> None:
    deadline = time.monotonic() + 60
    while len(stub.requests) < calls:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def splits(folder: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(folder / "memory" / "dataset_builder.db")) as connection:
        return connection.execute("SELECT id, split FROM samples ORDER BY dataset_id, position").fetchall()


def versions(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "output_datasets" / "my_dataset").glob("[!.]*"))


def worker_of(folder: Path) -> int:
    (job,) = reached(folder, lambda found: any(one["state"] == "running" and one["pid"] for one in found))
    return int(job["pid"])


def test_a_job_goes_on_when_the_program_has_ended_and_says_how_far_it_is(folder: Path) -> None:
    with StubLLM(good(0.15)) as stub:
        env = openai_env(stub)
        run_json(undisturbed := copy_of(folder, "undisturbed"), env=env)
        told = run(folder, "jobs", "add", "run", env=env)
        assert told.code == 0 and in_order(told.out, "Added job j", ": run.", "It runs in the background")
        (folder / "config.yaml").write_text("mode: identify\n", encoding="utf-8")  # the job has its own copy
        at_work = reached(folder, lambda found: found[0]["progress"]["stage"] == "Making samples")
        assert at_work[0]["progress"]["total"] == 40 and at_work[0]["state"] == "running"
        (done,) = reached(folder, all_in("done"))
        assert (done["attempts"], done["result"]["samples"], len(stub.requests)) == (1, 40, 80)
        assert sample_ids(folder) == sample_ids(undisturbed) and splits(folder) == splits(undisturbed)
        assert versions(folder) == ["v1.0.0"] and done["note"].endswith("v1.0.0")
    log = run(folder, "jobs", "log", "latest", "--all")
    assert in_order(log.out, "job j", ": run (start 1)", "Saved dataset my_dataset (d", "Exported to")
    assert env["OPENAI_API_KEY"] not in "".join(
        path.read_text(encoding="utf-8", errors="replace") for path in folder.rglob("*") if path.is_file()
    )


@needs_sigkill
def test_a_killed_job_is_done_again_from_where_it_was_and_pays_nothing_twice(folder: Path) -> None:
    undisturbed = copy_of(folder, "undisturbed")
    with StubLLM(good(0.05)) as stub:
        env = openai_env(stub)
        run_json(undisturbed, env=env)
        add(folder, "run", env=env)
        calls_at_least(stub, 40 + 15)
        os.kill(worker_of(folder), signal.SIGKILL)
        (done,) = reached(folder, all_in("done"))
        assert done["attempts"] == 2 and 80 <= len(stub.requests) <= 80 + CONCURRENCY
    assert splits(folder) == splits(undisturbed) and versions(folder) == ["v1.0.0"]


@needs_sigkill
def test_jobs_whose_every_process_was_killed_are_offered_at_the_next_start_and_go_on(folder: Path) -> None:
    with StubLLM(good(0.6)) as stub:
        env = openai_env(stub)
        add(folder, "--later", "run", env=env)
        with started(folder, "jobs", "run", env=env) as foreground:
            calls_at_least(stub, 15)
            foreground.kill()
            os.kill(worker_of(folder), signal.SIGKILL)
        assert [job["state"] for job in jobs(folder)] == ["interrupted"]
        shown = menu(folder, ["2", "1", "2", "b", "6"], env)
        assert in_order(
            shown.out, "my_dataset" if False else "run", "interrupted", "Nobody works on them", "They go on"
        )
        assert "Unfinished run found" not in shown.out  # the job will go on with it
        reached(folder, all_in("done"))
        assert 40 <= len(stub.requests) <= 40 + CONCURRENCY and len(sample_ids(folder)) == 40


@pytest.mark.slow
def test_a_job_is_paused_resumed_and_cancelled(folder: Path) -> None:
    with StubLLM(good(0.5)) as stub:
        env = openai_env(stub)
        job = add(folder, "run", env=env)
        calls_at_least(stub, 5)
        assert run(folder, "jobs", "pause", job).out.strip() == f"{job} (run) is pausing."
        reached(folder, all_in("paused"))
        calls = len(stub.requests)
        assert calls < 40
        run(folder, "jobs", "resume", job, env=env)
        (done,) = reached(folder, all_in("done"))
        assert (len(stub.requests), done["result"]["samples"]) == (40, 40)  # what was under way was waited for
        assert versions(folder) == ["v1.0.0"] and done["attempts"] == 1
        other = add(folder, "run", "--seed", "9", "--name", "other", env=env)
        calls_at_least(stub, 45)
        run(folder, "jobs", "cancel", other)
        reached(folder, lambda found: [one["state"] for one in found] == ["done", "cancelled"])
        assert not (folder / "output_datasets" / "other").exists()
    assert run(folder, "jobs", "clear").out.strip() == "Forgot 2 job(s) that were over." and jobs(folder) == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no signals to other processes there")
def test_a_worker_that_is_told_to_end_puts_its_jobs_back(folder: Path) -> None:
    with StubLLM(good(0.6)) as stub:
        env = openai_env(stub)
        add(folder, "--later", "run", env=env)
        add(folder, "--later", "--priority", "-1", "export", "my_dataset", env=env)
        with started(folder, "jobs", "run", env=env) as foreground:
            calls_at_least(stub, 8)
            second = run(folder, "jobs", "run", env=env)
            assert second.code == 2 and "Another process works on the jobs" in second.err
            foreground.send_signal(signal.SIGINT)
            out, _ = foreground.communicate(timeout=60)
        assert foreground.returncode == 130, out
        first = jobs(folder)[0]
        assert (first["state"], first["note"], first["attempts"]) == ("waiting", "interrupted", 0)
        done = run(folder, "jobs", "run", env=env)
        assert done.code == 0 and len(stub.requests) == 40
        assert jobs(folder)[0]["state"] == "done"


@pytest.mark.slow
def test_a_provider_that_is_down_is_waited_for(folder: Path) -> None:
    down = iter(range(10**6))

    def tired(request: dict[str, Any]) -> Reply:
        number = next(down)
        if 12 <= number < 18:
            return Reply(status=429, headers={"retry-after": "4000"})
        return Reply(answer_about_focus(request))

    with StubLLM(tired) as stub:
        env = openai_env(stub)
        add(folder, "--later", "run", env=env)
        assert run(folder, "jobs", "run", env=env).code == 0
        (job,) = jobs(folder)
        assert job["state"] == "done" and job["attempts"] > 1 and len(sample_ids(folder)) == 40
        assert len(stub.requests) == 40 + 6
    assert versions(folder) == ["v1.0.0"]


@pytest.mark.slow
def test_wrong_usage_fails_at_once_and_others_go_on(folder: Path) -> None:
    shutil.rmtree(folder / "input_files")
    folder.joinpath("input_files").mkdir()
    (folder / "rows.jsonl").write_text('{"messages": []}\n' * 3, encoding="utf-8")
    (folder / "taken.jsonl.lz4").write_bytes(b"mine")
    add(folder, "--later", "run", "--mode", "identify")
    add(folder, "--later", "pack", "rows.jsonl", "taken.jsonl.lz4")
    add(folder, "--later", "pack", "rows.jsonl")
    assert run(folder, "jobs", "run").code == 0
    first, second, third = jobs(folder)
    assert (first["state"], third["state"]) == ("failed", "done") and "No documents in" in first["note"]
    assert second["state"] == "failed" and "there is a file of that name" in second["note"]
    assert (folder / "taken.jsonl.lz4").read_bytes() == b"mine"
    assert run(folder, "jobs", "add", "config").code == 2
    assert run(folder, "jobs", "add", "run", "--resume").code == 2


def test_the_menu_leaves_a_run_to_a_job_and_stays_usable(folder: Path) -> None:
    with StubLLM(good(0.1)) as stub:
        env = openai_env(stub)
        shown = menu(folder, ["2", "j", "2", "1", "1", "b", "5", "b", "6"], env)
        assert in_order(
            shown.out,
            "Answer j to leave it to a background job",
            "Start?",
            "runs in the background, also when this program ends",
            "Background jobs",
            "1. Look at the jobs",
            "Refresh",
            "Settings",
            "Good-bye.",
        )
        (done,) = reached(folder, all_in("done"))
        assert done["result"]["samples"] == 40 and len(stub.requests) == 40


@pytest.mark.slow
@needs_sigkill
def test_a_kill_after_the_export_was_published_makes_no_second_version(folder: Path) -> None:
    shutil.copytree(Path(__file__).resolve().parents[2] / "context_files" / "samples", folder / "input_files" / "more")
    arguments = ("--mode", "identify", "--provider", "llama", "--name", "my_dataset")
    add(folder, "--later", "run", *arguments)
    assert run(folder, "jobs", "run").code == 0
    assert versions(folder) == ["v1.0.0"]
    with closing(sqlite3.connect(folder / "memory" / "dataset_builder.jobs.db")) as connection, connection:
        connection.execute("UPDATE jobs SET state = 'running', beat = beat + 1")  # as if it died before its last word
    before = json.loads((folder / "output_datasets/my_dataset/v1.0.0/manifest.json").read_text(encoding="utf-8"))
    assert run(folder, "jobs", "run").code == 0
    (done,) = jobs(folder)
    assert (done["state"], done["attempts"], versions(folder)) == ("done", 2, ["v1.0.0"])
    assert json.loads((folder / "output_datasets/my_dataset/v1.0.0/manifest.json").read_text("utf-8")) == before
    assert run(folder, "export", "my_dataset").code == 0 and versions(folder) == ["v1.0.0", "v1.0.1"]
