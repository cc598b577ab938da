"""A run that was killed, failed or stopped goes on where it was, and pays only for what had no answer."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests.agents.support import answer_about_focus
from tests.providers.clients.stub_llm import Reply, StubLLM
from tests.workflows.llm_runs import (
    Request,
    as_json,
    copy_of,
    good,
    good_until,
    journal_is_sound,
    killed_after,
    llm_folder,
    needs_sigkill,
    openai_env,
    prose,
    run_json,
    sample_ids,
    started,
    wait_for,
)
from tests.workflows.support import in_order, menu, run

CONCURRENCY = 4


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return llm_folder(tmp_path / "here", concurrency=CONCURRENCY, dataset_size=40)


@needs_sigkill
def test_a_killed_run_resumes_to_the_dataset_of_an_uninterrupted_one_and_the_same_run_again_is_free(
    folder: Path,
) -> None:
    undisturbed = copy_of(folder, "undisturbed")
    with StubLLM(good(0.03)) as stub:
        env = openai_env(stub)
        run_json(undisturbed, env=env)
        whole = len(stub.requests)
        killed_after(folder, stub, 20, env=env)
        resumed = run_json(folder, "--resume", env=env)
        assert sample_ids(folder) == sample_ids(undisturbed)
        assert (resumed["samples"], resumed["counts"]["LLM calls answered from the journal"]) == (
            40,
            40 - resumed["counts"]["LLM calls"],
        )
        paid = len(stub.requests) - whole
        assert whole <= paid <= whole + CONCURRENCY
        again = run_json(folder, env=env)
        assert len(stub.requests) - whole == paid and again["samples"] == 40
        assert again["spending"] == [] and sample_ids(folder) == sample_ids(undisturbed)
        other = run_json(folder, "--seed", "7", "--size", "5", env=env)
        assert len(stub.requests) - whole == paid + other["counts"]["LLM calls"] == paid + 5
    assert journal_is_sound(folder)


@needs_sigkill
def test_the_menu_offers_a_killed_run_and_finishes_it(folder: Path) -> None:
    with StubLLM(good(0.03)) as stub:
        env = openai_env(stub)
        killed_after(folder, stub, 20, env=env)
        before = len(stub.requests)
        done = menu(folder, ["2", "1", "y", "n", "n", "2", "b", "6"], env)
    assert in_order(
        done.out,
        "Unfinished run found: my_dataset (r",
        "Wanted    40 samples, create mode",
        "answers are in the journal",
        "Ended     killed, or the machine went down",
        "1. Resume    - pays only for calls that had no answer",
        "This run",
        "calls or more, which cost nothing",
        "Start?",
        "Saved dataset my_dataset",
        "40 samples.",
        "answers came from the journal and cost nothing",
    )
    assert len(stub.requests) - before <= 40 - 20 + CONCURRENCY
    assert done.out.count("Unfinished run found") == 1


@pytest.mark.slow
@needs_sigkill
def test_a_run_that_is_not_wanted_is_kept_or_forgotten(folder: Path) -> None:
    with StubLLM(good(0.03)) as stub:
        env = openai_env(stub)
        killed_after(folder, stub, 8, env=env)
        done = menu(folder, ["2", "2", "b", "2", "3", "b", "2", "b", "6"], env)
    assert done.out.count("Unfinished run found") == 2
    assert done.out.count("Start? (y/n) [y]: b") == 3


def test_a_run_is_worked_on_by_one_process_at_a_time(folder: Path) -> None:
    gate = threading.Event()

    def wait_at_the_gate(request: Request) -> Reply:
        gate.wait(60)
        return Reply(answer_about_focus(request))

    with StubLLM(wait_at_the_gate) as stub:
        env = openai_env(stub)
        with started(folder, "run", "--yes", "--size", "6", env=env) as first:
            wait_for(lambda: len(stub.requests) >= CONCURRENCY, first)
            second = run(folder, "run", "--yes", "--resume", env=env)
            assert second.code == 2 and "is at work in another process" in second.err
            assert as_json(run(folder, "journal", "--json"))["unfinished"] == []
            forgotten = run(folder, "journal", "forget", "latest")
            assert forgotten.code == 2 and "is at work in another process" in forgotten.err
            gate.set()
            out, _ = first.communicate(timeout=60)
        assert first.returncode == 0, out
        assert len(stub.requests) == 6
    late = run(folder, "run", "--yes", "--resume")
    assert (late.code, late.err.strip()) == (2, "There is no unfinished run.")
    assert list((folder / "memory").glob("*.lock")) == []


@pytest.mark.slow
@needs_sigkill
def test_the_journal_is_shown_pruned_and_forgotten(folder: Path) -> None:
    nothing = run(folder, "journal")
    assert nothing.code == 0 and "There is no journal yet" in nothing.out
    with StubLLM(good(0.02)) as stub:
        env = openai_env(stub)
        run_json(folder, "--size", "5", "--name", "done", env=env)
        killed_after(folder, stub, 12, "--seed", "3", env=env)
        shown = as_json(run(folder, "journal", "--json"))
        (unfinished,) = shown["unfinished"]
        assert (shown["runs"], unfinished["name"], unfinished["wanted"]) == (2, "my_dataset", "40 samples, create mode")
        assert shown["answers"] == 5 + unfinished["answered"] and unfinished["why_stopped"].startswith("killed")
        assert shown["possibly_billed"] == unfinished["possibly_billed"] > 0
        assert in_order(run(folder, "journal").out, "Unfinished runs", "why it stopped", unfinished["id"], "killed")
        pruned = as_json(run(folder, "journal", "prune", "--older-than", "0", "--json"))
        assert pruned["calls"] == 5  # an unfinished run keeps its answers
        before = len(stub.requests)
        resumed = run_json(folder, "--resume", unfinished["id"][:5], env=env)
        assert resumed["samples"] == 40 and len(stub.requests) - before <= 40 - unfinished["answered"]
        run_json(folder, "--size", "5", "--name", "done", env=env)
        assert len(stub.requests) - before == 40 - unfinished["answered"] + 5  # what was pruned is paid again
        with closing(sqlite3.connect(folder / "memory" / "dataset_builder.journal.db")) as connection:
            connection.execute("UPDATE runs SET state = 'stopped' WHERE name = 'done'")
            connection.commit()
    assert as_json(run(folder, "journal", "forget", "latest", "--json"))["forgotten"]
    assert run(folder, "journal", "prune", "--older-than", "-1").code == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--resume",), "There is no unfinished run: "),
        (("--resume", "--size", "9", "--seed", "0", "--llm-stage"), "--size, --seed, --llm-stage cannot be changed"),
        (("--concurrency", "0"), "the command line has 1 problem(s):\n  - system.concurrency: 0 is not accepted"),
    ],
)
def test_what_a_resume_cannot_do_is_said(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    done = run(folder, "run", "--yes", *arguments)
    assert done.code == 2 and message in done.err


@pytest.mark.slow
@needs_sigkill
def test_a_run_is_found_by_its_id_and_its_documents_where_they_are_now(folder: Path) -> None:
    with StubLLM(good(0.02)) as stub:
        env = openai_env(stub)
        killed_after(folder, stub, 12, "--size", "16", env=env)
        (unfinished,) = as_json(run(folder, "journal", "--json"))["unfinished"]
        wrong = run(folder, "run", "--yes", "--resume", "rnone", env=env)
        assert wrong.code == 2 and f"{unfinished['id']} (my_dataset, running)" in wrong.err
        (folder / "input_files").rename(folder / "documents")
        gone = run(folder, "run", "--yes", "--resume", env=env)
        assert gone.code == 2 and "does not exist; create it or give --input" in gone.err
        before = len(stub.requests)
        resumed = run_json(folder, "--resume", unfinished["id"], "--input", "documents", env=env)
        assert resumed["samples"] == 16 and len(stub.requests) - before <= 16 - unfinished["answered"]
        finished = run(folder, "run", "--yes", "--resume", unfinished["id"], env=env)
        assert finished.code == 2 and f"Run {unfinished['id']} (my_dataset) is finished." in finished.err


@needs_sigkill
def test_free_mode_resumes_with_the_instructions_that_were_typed(folder: Path) -> None:
    def talk(request: Request) -> Reply:
        passage = request["messages"][-1]["content"].split("\n")[1]
        exchange = {"user": f"{passage[:60]}?", "assistant": passage[60:160]}
        return Reply(json.dumps({"system": "", "exchanges": [exchange]}), delay=0.05)

    for number in range(4, 12):
        (folder / "input_files" / f"notes{number}.txt").write_text(prose(number), encoding="utf-8")
    with StubLLM(talk) as stub:
        env = openai_env(stub)
        typed = ("--mode", "free", "--size", "12", "--instructions", "Talk like a pirate, please.")
        killed_after(folder, stub, 6, *typed, env=env)
        before = len(stub.requests)
        resumed = run_json(folder, "--resume", env=env)
    assert resumed["samples"] == 12 and len(stub.requests) - before <= 12 - 6 + CONCURRENCY
    assert all("Talk like a pirate, please." in request["messages"][0]["content"] for request in stub.requests)


def test_hybrid_with_a_host_that_fails_in_the_middle_keeps_both_kinds_and_resumes(folder: Path) -> None:
    faq = "\n\n".join(f"Q: What does {w} do?\nA: It moves {w} on." for w in prose(9, 4).split())
    (folder / "input_files" / "faq.txt").write_text(faq, encoding="utf-8")
    limits = ("--mode", "hybrid", "--size", "40")
    with StubLLM(good_until(10, lambda _: Reply(status=429, headers={"retry-after": "4000"}))) as stub:
        stopped = run_json(folder, *limits, env=openai_env(stub))
    assert (stopped["exit_code"], stopped["resumable"]) == (75, True)
    assert stopped["methods"]["identified"] == 20 and 0 < stopped["methods"]["created"] <= 10
    with StubLLM(good()) as stub:
        resumed = run_json(folder, "--resume", env=openai_env(stub))
        assert (resumed["exit_code"], resumed["methods"]) == (0, {"identified": 20, "created": 20, "free": 0})
        assert resumed["counts"]["LLM calls answered from the journal"] == 10
        assert len(stub.requests) == resumed["counts"]["LLM calls"] and resumed["dataset_id"] == stopped["dataset_id"]


@pytest.mark.slow
def test_the_llm_stage_of_identify_with_a_host_that_fails_in_the_middle_resumes(folder: Path) -> None:
    shutil.rmtree(folder / "input_files")
    (folder / "input_files").mkdir()
    for number in range(8):
        lines = prose(number, 12).split(". ")
        talk = "\n".join(f"{'Is it so that' if n % 2 == 0 else 'It seems'} {line}{'?' if n % 2 == 0 else '.'}"
                         for n, line in enumerate(lines))  # fmt: skip
        (folder / "input_files" / f"talk{number}.txt").write_text(talk, encoding="utf-8")

    def mark(_: Request) -> Reply:
        turns = [
            {"role": role, "first_line": line, "last_line": line, "label": ""}
            for line, role in enumerate(("user", "assistant"), 1)
        ]
        return Reply(json.dumps({"turns": turns}))

    count = iter(range(1000))
    arguments = ("--mode", "identify", "--llm-stage", "--concurrency", "1")
    tired = Reply(status=429, headers={"retry-after": "4000"})
    with StubLLM(lambda request: mark(request) if next(count) < 3 else tired) as stub:
        stopped = run_json(folder, *arguments, env=openai_env(stub))
    assert (stopped["exit_code"], stopped["resumable"]) == (75, True)
    with StubLLM(mark) as stub:
        resumed = run_json(folder, "--resume", env=openai_env(stub))
        assert (resumed["exit_code"], resumed["methods"]["identified"], len(stub.requests)) == (0, 8, 5)


@pytest.mark.slow
def test_a_host_that_goes_down_is_exit_code_1_and_the_run_resumes_when_it_is_back(folder: Path) -> None:
    with StubLLM(good_until(10, lambda _: Reply(status=500))) as stub:
        failed = run(folder, "run", "--yes", "--size", "20", env=openai_env(stub))
    assert failed.code == 1 and "Traceback" not in failed.out + failed.err
    assert in_order(failed.out, "error: LLM: openai (stub at 127.0.0.1): the host has trouble (500)", "of 20 samples.")
    assert in_order(failed.out, "Stopped early. See the error above.", "run --resume r")
    with StubLLM(good()) as stub:
        resumed = run_json(folder, "--resume", env=openai_env(stub))
        assert (resumed["exit_code"], resumed["samples"], len(stub.requests)) == (0, 20, 10)


def test_a_journal_that_is_damaged_stops_the_run_before_a_call_with_one_clear_message(folder: Path) -> None:
    (folder / "memory").mkdir()
    journal = folder / "memory" / "dataset_builder.journal.db"
    journal.write_bytes(b"this is no journal, and long enough to look like one" * 90)
    with StubLLM(good()) as stub:
        env = openai_env(stub)
        for verb in (("run", "--yes"), ("run", "--resume", "--yes"), ("journal",), ("journal", "prune")):
            done = run(folder, *verb, env=env)
            assert (done.code, len(stub.requests)) == (1, 0)
            assert f"{journal.name}: the database is damaged" in done.err and "start a new journal" in done.err
        assert menu(folder, ["2", "6"], env).out.count("is damaged") == 1
        journal.unlink()
        journal.mkdir()
        assert run(folder, "run", "--yes", "--size", "3", env=env).code == 1 and not stub.requests


@pytest.mark.skipif(sys.platform == "win32", reason="file modes are not for Windows")
def test_a_journal_that_cannot_be_written_stops_the_run_before_a_call(folder: Path) -> None:
    with StubLLM(good()) as stub:
        env = openai_env(stub)
        run_json(folder, "--size", "3", env=env)
        journal = folder / "memory" / "dataset_builder.journal.db"
        journal.chmod(0o444)
        (folder / "memory").chmod(0o555)
        try:
            journal.open("ab").close()
        except PermissionError:
            done = run(folder, "run", "--yes", "--size", "6", env=env)
            assert (done.code, len(stub.requests)) == (1, 3) and journal.name in done.err
        finally:
            (folder / "memory").chmod(0o755)
