from __future__ import annotations

import errno
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from src.config.environment import Secret
from src.errors import PersistenceError, UsageError
from src.persistence.journal.journal_records import JournaledBatch, JournaledCall, StageSpending
from src.persistence.journal.run_journal import RunJournal
from tests.persistence.journal.journal_in_a_loop import THREADS, answer, send, text_of

ROOT = Path(__file__).resolve().parents[3]
KILLS = 40


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "memory" / "builder.journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[RunJournal]:
    with RunJournal(path) as opened:
        yield opened


def found(journal: RunJournal, key: str) -> JournaledCall:
    call = journal.find(key)
    assert call is not None
    return call


def child(way: str, path: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.persistence.journal.journal_in_a_loop", way, str(path), *more]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def kill_when_ready(process: subprocess.Popen[str], after: float = 0.0) -> None:
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(after)
        process.kill()


@contextmanager
def locked_by_another(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def assert_is_whole(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


# Calls


def test_an_answer_is_found_as_it_came(journal: RunJournal) -> None:
    send(journal, "k", "run-1")
    answer(journal, "k", "The text.").wait()
    call = found(journal, "k")
    assert (call.key, call.run_id, call.stage, call.provider, call.model) == ("k", "run-1", "create", "p", "m")
    assert (call.state, call.text, call.finish_reason, call.answer_model) == ("answered", "The text.", "stop", "m-2")
    assert (call.input_tokens, call.output_tokens, call.seconds, call.usd) == (5, 7, 1.5, 0.5)
    assert (call.error_kind, call.error_message, call.verdict) == ("", "", "")
    assert (call.times_sent, call.unanswered) == (1, 0)
    assert len(call.sent_at) == len(call.answered_at) == len("2026-11-21 10:00:00.000")


@pytest.mark.parametrize("text", ["\ud83d half \udc00", "nul \0 in it", "😀 𝔘 é\r\n\u2028\ufeff", " ", "x" * 300_000])
def test_any_text_comes_back_unchanged(journal: RunJournal, text: str) -> None:
    key = f"key {text[:20]}"
    journal.sent(text, key, stage=text, provider=text, model=text, request=text)
    answer(journal, key, text).wait()
    journal.judged(key, text)
    send(journal, "the next note takes it along").wait()
    call = found(journal, key)
    assert {call.text, call.run_id, call.stage, call.provider, call.model, call.verdict} == {text}
    assert call.key == key
    assert journal.output_lengths(text, text, text) == [7]


def test_an_answer_of_no_text_and_unknown_figures_is_an_answer(journal: RunJournal) -> None:
    send(journal, "k")
    unknown = {"input_tokens": None, "output_tokens": None, "seconds": None, "usd": None}
    journal.answered("k", text="", finish_reason="refused", answer_model="", **unknown).wait()
    call = found(journal, "k")
    assert (call.text, call.finish_reason) == ("", "refused")
    assert (call.input_tokens, call.output_tokens, call.seconds, call.usd) == (None, None, None, None)


def test_a_call_without_an_answer_is_not_found(journal: RunJournal) -> None:
    send(journal, "sent").wait()
    assert journal.find("sent") is None
    assert journal.find("never seen") is None


def test_a_definite_failure_is_found_until_an_answer_comes(journal: RunJournal) -> None:
    send(journal, "k")
    journal.failed("k", "ContentRefusedError", "The provider declined.").wait()
    call = found(journal, "k")
    assert (call.state, call.error_kind, call.error_message) == (
        "failed",
        "ContentRefusedError",
        "The provider declined.",
    )
    assert (call.text, call.unanswered) == ("", 0)
    send(journal, "k")
    answer(journal, "k").wait()
    call = found(journal, "k")
    assert (call.state, call.error_kind, call.error_message, call.times_sent) == ("answered", "", "", 2)


def test_the_first_answer_stays(journal: RunJournal) -> None:
    for _ in range(2):
        send(journal, "k")
    answer(journal, "k", "first")
    answer(journal, "k", "second", output_tokens=99)
    journal.failed("k", "BadRequestError", "late").wait()
    call = found(journal, "k")
    assert (call.state, call.text, call.output_tokens) == ("answered", "first", 7)
    assert (call.times_sent, call.unanswered) == (2, 0)


def test_a_call_turned_down_is_neither_billed_nor_found(journal: RunJournal) -> None:
    journal.begin_run("r", "name", {})
    send(journal, "k", "r")
    journal.not_billed("k").wait()
    assert journal.find("k") is None
    assert journal.find_run("r").possibly_billed == 0


def test_each_sending_without_a_reply_counts_as_possibly_billed(journal: RunJournal) -> None:
    journal.begin_run("r", "name", {})
    for _ in range(3):
        send(journal, "k", "r")
    answer(journal, "k").wait()
    assert found(journal, "k").unanswered == 2
    assert journal.find_run("r").possibly_billed == 2


def test_a_verdict_is_kept(journal: RunJournal) -> None:
    send(journal, "k")
    answer(journal, "k").wait()
    journal.judged("k", "the quote does not stand in the passage")
    send(journal, "the next note takes it along").wait()
    assert found(journal, "k").verdict == "the quote does not stand in the passage"


def test_a_verdict_without_a_next_note_is_written_at_the_end(journal: RunJournal, path: Path) -> None:
    send(journal, "k")
    answer(journal, "k").wait()
    journal.judged("k", "accepted")
    journal.close()
    with RunJournal(path) as again:
        assert found(again, "k").verdict == "accepted"


def test_what_was_waited_for_can_be_read_by_every_thread_and_process(journal: RunJournal, path: Path) -> None:
    def work(worker: int) -> None:
        for number in range(20):
            key = f"{worker}-{number}"
            send(journal, key)
            answer(journal, key).wait()
            if found(journal, key).text != text_of(key):
                wrong.append(key)

    wrong: list[str] = []
    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    with RunJournal(path) as other:
        assert other.totals().answers == 320


def test_closing_writes_what_is_queued(path: Path) -> None:
    with RunJournal(path) as journal:
        for number in range(500):
            send(journal, f"{number}")
            answer(journal, f"{number}")
    journal.close()
    with RunJournal(path) as again:
        assert again.totals().answers == 500


def test_all_threads_may_wait_for_one_commit(journal: RunJournal) -> None:
    commit = send(journal, "k")
    threads = [threading.Thread(target=commit.wait) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert not any(thread.is_alive() for thread in threads)
    commit.wait()
    assert journal.totals().calls == 1


def test_what_comes_while_a_slow_disk_works_is_in_the_file_already(
    journal: RunJournal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("a", "b"):
        send(journal, key).wait()
    works, goes_on, fsync = threading.Event(), threading.Event(), os.fsync

    def slow_fsync(handle: int) -> None:
        works.set()
        assert goes_on.wait(20)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", slow_fsync)
    first = answer(journal, "a")
    assert works.wait(20)
    second, after = answer(journal, "b"), send(journal, "c")
    after.wait()  # written behind the answer, and nobody's power cut matters to it
    with RunJournal(path) as other:
        assert other.find("a") is not None and other.find("b") is not None
    waiting = [threading.Thread(target=commit.wait) for commit in (first, second)]
    for thread in waiting:
        thread.start()
    time.sleep(0.1)
    assert all(thread.is_alive() for thread in waiting)
    goes_on.set()
    for thread in waiting:
        thread.join(20)
    assert not any(thread.is_alive() for thread in waiting)


# Trouble


def test_a_disk_that_fails_is_told_to_who_waits(journal: RunJournal, monkeypatch: pytest.MonkeyPatch) -> None:
    send(journal, "a").wait()

    def failing_fsync(handle: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", failing_fsync)
        with pytest.raises(PersistenceError, match=r"the disk did not take what was written .Input/output error"):
            answer(journal, "a").wait()
    send(journal, "b").wait()
    answer(journal, "b").wait()
    assert found(journal, "b").text


def test_a_bad_row_fails_alone(journal: RunJournal, path: Path) -> None:
    with locked_by_another(path):  # so that all of them wait for the same transaction
        for key in ("a", "b", "c"):
            send(journal, key)
        good, bad, last = answer(journal, "a"), answer(journal, "b", input_tokens=2**70), answer(journal, "c")
        unknown = answer(journal, "never sent")
    good.wait()
    last.wait()
    with pytest.raises(PersistenceError, match=r"refused a row.*too large"):
        bad.wait()
    with pytest.raises(PersistenceError, match="does not know 'never sent'"):
        unknown.wait()
    assert [journal.find(key) is not None for key in ("a", "b", "c")] == [True, False, True]


def test_a_lock_that_stays_is_reported_and_the_journal_goes_on(path: Path) -> None:
    with RunJournal(path, timeout=0.2) as journal:
        with locked_by_another(path):
            late = [send(journal, "a"), send(journal, "b")]
            for commit in late:
                with pytest.raises(PersistenceError, match="another process is using the database"):
                    commit.wait()
        send(journal, "a").wait()


def test_a_closed_journal_says_so(path: Path) -> None:
    with RunJournal(path) as journal:
        pass
    with pytest.raises(PersistenceError, match="was closed before this was written"):
        send(journal, "k").wait()


def test_a_full_disk_is_reported_and_loses_no_answer(path: Path) -> None:
    pytest.importorskip("resource")
    with child("answer_until_full", path, "r", "1000000") as process:
        assert process.stdout is not None
        number, _, message = process.stdout.read().partition(" ")
        assert process.wait() == 0
    assert "nothing was changed" in message
    assert int(number) > 10
    assert_is_whole(path)
    with RunJournal(path) as journal:
        # The call that could not be written was written once there was room again.
        assert all(found(journal, f"r-{n}").text == text_of(f"r-{n}") for n in range(int(number) + 1))


def test_two_processes_lose_nothing(path: Path) -> None:
    for process in [child("answer_a_while", path, run_id, "500") for run_id in ("one", "two")]:
        with process:
            assert process.wait() == 0
    assert_is_whole(path)
    with RunJournal(path) as journal:
        assert all(found(journal, f"{run}-{n}").text for run in ("one", "two") for n in range(500))
        assert journal.totals().calls == 1000


def test_a_newer_journal_is_refused(path: Path) -> None:
    RunJournal(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(PersistenceError, match=r"version 99.*Use the newer program"):
        RunJournal(path)


def test_a_file_that_is_no_journal_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database at all, " * 500)
    with pytest.raises(PersistenceError, match=r"damaged.*start a new journal"):
        RunJournal(path)


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PersistenceError, match="file"):
        RunJournal(tmp_path / "file" / "journal.db")


# Killed processes


def test_a_killed_run_is_unfinished_and_its_open_calls_possibly_billed(path: Path) -> None:
    kill_when_ready(child("send_until_killed", path, "r1"))
    with RunJournal(path) as journal:
        (run,) = journal.unfinished_runs()
        assert (run.id, run.name, run.state, run.plan) == ("r1", "killed", "running", {"samples": 6})
        assert (run.answered, run.possibly_billed) == (1, 3)
        assert [journal.find(f"r1-{n}") is not None for n in range(6)] == [False, False, False, True, True, False]
        assert journal.totals().possibly_billed == 3


@pytest.mark.slow
def test_a_kill_at_any_time_loses_no_answer_that_was_reported_as_written(path: Path, tmp_path: Path) -> None:
    chance = random.Random(11)
    log = tmp_path / "acknowledged"
    seen = 0
    for number in range(KILLS):
        kill_when_ready(child("answer_until_killed", path, f"r{number}", str(log)), after=chance.uniform(0, 0.08))
        assert_is_whole(path)
        acknowledged = log.read_text().split() if log.exists() else []
        with RunJournal(path) as journal:
            assert all(found(journal, key).text == text_of(key) for key in acknowledged[seen:])
            assert journal.find_run(f"r{number}").possibly_billed <= THREADS
        seen = len(acknowledged)
    assert seen > KILLS


# Runs


def test_unfinished_runs_come_last_active_first(journal: RunJournal) -> None:
    for run_id in ("a", "b", "c", "d"):
        journal.begin_run(run_id, f"name {run_id}", {})
    journal.end_run("a", "stopped", "budget reached")
    journal.end_run("b", "finished", dataset_id="d1")
    journal.end_run("c", "abandoned")
    assert {run.id: (run.state, run.note) for run in journal.unfinished_runs()} == {
        "a": ("stopped", "budget reached"),
        "d": ("running", ""),
    }
    time.sleep(0.002)  # the times are kept in milliseconds
    send(journal, "k", "a")
    answer(journal, "k").wait()
    assert [run.id for run in journal.unfinished_runs()] == ["a", "d"]
    assert journal.find_run("b").dataset_id == "d1"


def test_a_run_goes_on_under_its_id(journal: RunJournal) -> None:
    journal.begin_run("r", "name", {"samples": 5, "nested": {"é": [1, None]}})
    first = journal.find_run("r")
    journal.end_run("r", "stopped", "Ctrl-C")
    journal.begin_run("r", "name", {"samples": 8})
    again = journal.find_run("r")
    assert first.plan == {"samples": 5, "nested": {"é": [1, None]}}
    assert (again.state, again.note, again.plan) == ("running", "", {"samples": 8})
    assert again.started_at == first.started_at


def test_secrets_in_a_plan_are_not_stored(journal: RunJournal, path: Path) -> None:
    journal.begin_run("r", "name", {"api_key": Secret("sk-canary-1234")})
    assert journal.find_run("r").plan == {"api_key": "***"}
    journal.close()
    assert all(b"sk-canary" not in file.read_bytes() for file in path.parent.iterdir())


def test_a_run_is_found_by_id_start_and_latest(journal: RunJournal) -> None:
    for run_id in ("abc", "abcd", "xyz"):
        journal.begin_run(run_id, "name", {})
    journal.end_run("abc", "finished")
    journal.end_run("xyz", "finished")
    assert journal.find_run("abc").id == "abc"
    assert journal.find_run("x").id == "xyz"
    assert journal.find_run("latest").id == "abcd"


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("ab", r"several runs have an id that starts with 'ab'. Runs in the journal: ab\d \(n, finished\), ab\d"),
        ("zz", r"there is no run 'zz'. Runs in the journal: .*ab1 \(n, finished\)"),
        ("", "there is no run ''"),
        ("latest", "there is no unfinished run"),
    ],
)
def test_a_run_that_is_not_there_is_a_usage_error(journal: RunJournal, ref: str, message: str) -> None:
    for run_id in ("ab1", "ab2"):
        journal.begin_run(run_id, "n", {})
        journal.end_run(run_id, "finished")
    with pytest.raises(UsageError, match=message):
        journal.find_run(ref)


def test_an_unknown_run_cannot_end(journal: RunJournal) -> None:
    with pytest.raises(PersistenceError, match="does not know 'nobody'"):
        journal.end_run("nobody", "finished")


def test_spending_is_told_by_stage_and_an_unknown_price_is_not_zero(journal: RunJournal) -> None:
    for number in range(3):
        send(journal, f"c{number}", "r", "create")
        answer(journal, f"c{number}", input_tokens=10, output_tokens=20, usd=0.25)
    send(journal, "open", "r", "create")
    for key, usd in (("f1", 0.5), ("f2", None)):
        send(journal, key, "r", "free")
        answer(journal, key, usd=usd)
    send(journal, "other", "r2", "free")
    send(journal, "unpaid", "r", "identify").wait()
    assert journal.spending("r") == [
        StageSpending("create", 3, 30, 60, 0.75, 1),
        StageSpending("free", 2, 10, 14, None, 0),
        StageSpending("identify", 0, 0, 0, 0.0, 1),
    ]


def test_output_lengths_come_newest_first(journal: RunJournal) -> None:
    for number in range(5):
        send(journal, f"{number}")
        answer(journal, f"{number}", output_tokens=number)
    send(journal, "else", stage="free")
    answer(journal, "else")
    send(journal, "not answered").wait()
    assert journal.output_lengths("p", "m", "create", most=3) == [4, 3, 2]
    assert journal.output_lengths("p", "another", "create") == []


def test_batches_are_open_until_closed(journal: RunJournal) -> None:
    for job_id in ("job-1", "job-2"):
        journal.save_batch("r", "p", "m", job_id, ["k1", "k\ud83d"])
    journal.save_batch("r", "p", "another", "job-3", [])
    first, second = journal.open_batches("p", "m")
    assert first == JournaledBatch("job-1", "r", ("k1", "k\ud83d"), first.submitted_at)
    assert second.job_id == "job-2"
    journal.close_batch("job-1", "finished")
    assert [batch.job_id for batch in journal.open_batches("p", "m")] == ["job-2"]


# Pruning


def fill(journal: RunJournal, run_id: str, state: str, calls: int = 50) -> None:
    journal.begin_run(run_id, "name", {})
    for number in range(calls):
        send(journal, f"{run_id}-{number}", run_id)
        answer(journal, f"{run_id}-{number}", "x" * 5000)
    journal.end_run(run_id, state)


def test_pruning_forgets_answers_but_those_of_unfinished_runs_and_shrinks_the_file(journal: RunJournal) -> None:
    fill(journal, "done", "finished")
    fill(journal, "stopped", "stopped")
    before = journal.totals()
    pruned = journal.prune(older_than_days=None)
    after = journal.totals()
    assert pruned.calls == 50
    assert pruned.bytes_freed == before.bytes - after.bytes > 50 * 5000
    assert journal.find("done-0") is None
    assert found(journal, "stopped-0").text == "x" * 5000
    assert (after.runs, after.unfinished_runs, after.calls, after.answers) == (2, 1, 100, 50)


def test_pruned_calls_still_count_and_can_be_asked_again(journal: RunJournal) -> None:
    fill(journal, "done", "finished", calls=3)
    spent = journal.spending("done")
    journal.prune(older_than_days=None)
    assert journal.spending("done") == spent
    assert journal.output_lengths("p", "m", "create") == [7, 7, 7]
    send(journal, "done-1", "again").wait()
    assert journal.find("done-1") is None
    answer(journal, "done-1", "new").wait()
    assert found(journal, "done-1").text == "new"


def test_pruning_can_include_unfinished_runs(journal: RunJournal) -> None:
    fill(journal, "stopped", "stopped", calls=2)
    assert journal.prune(older_than_days=None, keep_unfinished=False).calls == 2
    assert journal.find("stopped-0") is None


def test_pruning_by_age_keeps_what_is_younger(journal: RunJournal, path: Path) -> None:
    fill(journal, "done", "finished", calls=4)
    with closing(sqlite3.connect(path)) as connection, connection:
        long_ago = "strftime('%Y-%m-%d %H:%M:%f', 'now', '-40 days')"
        connection.execute(f"UPDATE calls SET sent_at = {long_ago}, answered_at = {long_ago} WHERE key = 'done-2'")
    assert journal.prune(older_than_days=1e12).calls == 0
    assert journal.prune(older_than_days=float("nan")).calls == 0
    assert journal.prune(older_than_days=30).calls == 1
    assert [journal.find(f"done-{n}") is not None for n in range(4)] == [True, True, False, True]


def test_pruning_keeps_failures_known_without_their_request(journal: RunJournal, path: Path) -> None:
    send(journal, "k")
    journal.failed("k", "ContextTooLongError", "too long").wait()
    assert journal.prune(older_than_days=None).calls == 1
    assert found(journal, "k").error_kind == "ContextTooLongError"
    journal.close()
    assert b"request of k" not in path.read_bytes()


def test_requests_without_a_reply_can_be_read_to_count_them_at_their_worst(journal: RunJournal) -> None:
    journal.begin_run("run", "x", {})
    for key in ("lost", "lost twice", "lost twice", "answered"):
        send(journal, key).wait()
    answer(journal, "answered").wait()
    assert sorted(journal.unanswered("run")) == [("request of lost", 1), ("request of lost twice", 2)]
    assert journal.unanswered("another run") == []


def test_the_acceptance_rate_counts_what_was_judged(journal: RunJournal) -> None:
    for key, verdict in {"a": "accepted", "b": "accepted", "c": "question asked before", "d": ""}.items():
        send(journal, key)
        answer(journal, key).wait()
        if verdict:
            journal.judged(key, verdict)
    send(journal, "the next note takes them along").wait()
    assert journal.acceptance("p", "m", "create") == (3, 2)
    assert journal.acceptance("p", "another", "create") == (0, 0)
