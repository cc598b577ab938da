from __future__ import annotations

import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest

from src.errors import AuthenticationError, ModelUnavailableError, PersistenceError, RunPausedError
from src.providers.clients.batch import BATCH_JOBS
from src.providers.clients.batch.job_desk import SECONDS_TO_APPEAR
from tests.providers.clients.batch.batch_stub import RESET, Asked, BatchStub, Job, Row
from tests.providers.clients.batch.sessions import KEY, Session, requests, session

PROVIDERS = sorted(BATCH_JOBS)


class Killed(BaseException):
    """The process ends here."""


class KilledAtSubmit:
    """A provider's jobs whose submit() does not come back: from before or after the job was made."""

    def __init__(self, provider: str, after: bool) -> None:
        self._jobs = BATCH_JOBS[provider]
        self.limits = self._jobs.limits
        self._after = after

    def submit(self, *what: Any) -> str:
        if self._after:
            self._jobs.submit(*what)
        raise Killed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._jobs, name)


def leave(folder: Path, url: str, provider: str, count: int, **options: Any) -> None:
    """A session that submits, and is left while its job runs."""
    with session(folder, url, provider, **options, sleep=lambda _: s.dispatcher.stop()) as s:
        assert s.ask(requests(count)) == {}


def texts(s: Session, count: int) -> list[str | None]:
    results = s.ask(requests(count))
    return [results[n].answer.text if results[n].answer else None for n in range(count)]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_restart_fetches_what_was_submitted(provider: str, tmp_path: Path) -> None:
    with BatchStub(lambda row: Row(row.custom_id), looks=3) as stub:
        leave(tmp_path, stub.url, provider, 10)
        with session(tmp_path, stub.url, provider) as s:
            assert s.dispatcher.in_flight == 10
            found = texts(s, 12)  # two more than before
            stats, totals = s.dispatcher.stats, s.journal.totals()
            assert s.journal.open_batches(provider, "some-model") == []
    assert [len(job.rows) for job in stub.jobs] == [10, 2]
    assert found == stub.jobs[0].ids + stub.jobs[1].ids
    assert (stats.calls, stats.possibly_billed, totals.answers, totals.possibly_billed) == (12, 0, 12, 0)


@pytest.mark.slow
def test_a_killed_process_loses_nothing_and_pays_nothing_twice(tmp_path: Path) -> None:
    with BatchStub(lambda row: Row(row.custom_id)) as stub:
        command = [sys.executable, "-m", "tests.providers.clients.batch.batch_in_a_process"]
        child = subprocess.Popen([*command, str(tmp_path), stub.url, "15"], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None and child.stdout.readline() == "waiting\n"
        child.kill()
        child.communicate()
        with session(tmp_path, stub.url) as s:
            assert texts(s, 15) == stub.jobs[0].ids
            assert s.journal.totals().possibly_billed == 0
    assert len(stub.jobs) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_job_made_right_before_a_crash_is_found_again(provider: str, tmp_path: Path) -> None:
    with BatchStub(lambda row: Row(row.custom_id), looks=2) as stub:
        jobs = KilledAtSubmit(provider, after=True)
        with pytest.raises(Killed), session(tmp_path, stub.url, provider, jobs=jobs) as s:
            s.ask(requests(6))
        with session(tmp_path, stub.url, provider) as s:
            assert texts(s, 6) == stub.jobs[0].ids
            assert s.journal.totals().possibly_billed == 0
            assert s.journal.open_batches(provider, "some-model") == []
    assert len(stub.jobs) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_job_that_a_crash_prevented_is_made_once_it_is_sure_not_to_exist(provider: str, tmp_path: Path) -> None:
    with BatchStub(lambda row: Row(row.custom_id)) as stub:
        with (
            pytest.raises(Killed),
            session(tmp_path, stub.url, provider, jobs=KilledAtSubmit(provider, after=False)) as s,
        ):
            s.ask(requests(6))
        assert stub.jobs == []
        with session(tmp_path, stub.url, provider) as s:
            assert len(texts(s, 6)) == 6
            assert sum(s.clock.slept) >= SECONDS_TO_APPEAR
            assert s.journal.totals().possibly_billed == 0
    assert len(stub.jobs) == 1


def test_somebody_elses_job_of_the_same_size_is_not_taken_for_ours(tmp_path: Path) -> None:
    with BatchStub(lambda row: Row(row.custom_id), looks=1) as stub:
        with (
            pytest.raises(Killed),
            session(tmp_path, stub.url, "anthropic", jobs=KilledAtSubmit("anthropic", after=False)) as s,
        ):
            s.ask(requests(3))
        hello = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "Hello"}]}
        stub.jobs.append(Job("strange", "/v1/messages/batches", [Asked(f"x{n}", hello, 0) for n in range(3)]))
        with session(tmp_path, stub.url, "anthropic") as s:
            found = texts(s, 3)
            assert s.journal.open_batches("anthropic", "some-model") == []
    assert len(stub.jobs) == 2
    assert found == stub.jobs[1].ids


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_connection_that_breaks_after_the_job_was_made_makes_no_second_one(provider: str, tmp_path: Path) -> None:
    with BatchStub(looks=1) as stub:
        stub.cut_after_create = 1
        with session(tmp_path, stub.url, provider) as s:
            assert len(texts(s, 5)) == 5
            assert (s.dispatcher.stats.calls, s.dispatcher.stats.possibly_billed) == (5, 0)
    assert len(stub.jobs) == 1


def test_where_the_host_does_not_let_us_look_the_calls_count_as_possibly_billed(tmp_path: Path) -> None:
    with BatchStub() as stub:
        stub.cut_after_create = 1
        stub.before = lambda method, path: (403, "no listing") if "limit=100" in path else None
        with session(tmp_path, stub.url) as s:
            assert len(texts(s, 5)) == 5
            assert s.dispatcher.stats.possibly_billed == 5
            assert s.journal.totals().possibly_billed == 5
            assert s.dispatcher.budget.spent_usd > s.dispatcher.stats.usd
    assert len(stub.jobs) == 2


def test_a_lost_job_is_not_mistaken_for_the_one_before_it(tmp_path: Path) -> None:
    with BatchStub(lambda row: Row(row.custom_id), looks=4) as stub:
        leave(tmp_path, stub.url, "anthropic", 3)
        jobs = KilledAtSubmit("anthropic", after=True)
        with pytest.raises(Killed), session(tmp_path, stub.url, "anthropic", jobs=jobs) as s:
            s.ask(requests(6))  # three are in the first job; the second one has the same size
        with session(tmp_path, stub.url, "anthropic") as s:
            assert texts(s, 6) == stub.jobs[0].ids + stub.jobs[1].ids
            assert (s.dispatcher.stats.retries, s.journal.totals().possibly_billed) == (0, 0)
            assert s.journal.open_batches("anthropic", "some-model") == []
    assert len(stub.jobs) == 2


def test_a_session_that_asks_nothing_new_fetches_what_is_done(tmp_path: Path) -> None:
    with BatchStub() as stub:
        leave(tmp_path, stub.url, "openai", 4)
        with session(tmp_path, stub.url) as s:
            assert s.dispatcher.next_result() is None
            assert s.journal.totals().answers == 4


def test_answers_nobody_asks_for_are_written_down_all_the_same(tmp_path: Path) -> None:
    with BatchStub(lambda row: Row(row.custom_id)) as stub:
        leave(tmp_path, stub.url, "openai", 8)
        with session(tmp_path, stub.url) as s:
            assert len(s.ask(requests(2))) == 2
            assert s.journal.totals().answers == 8
            assert s.dispatcher.stats.calls == 8  # this run submitted and pays them
            assert len(s.ask(requests(8))) == 8
            assert s.dispatcher.stats.replayed == 8
    assert len(stub.jobs) == 1


def test_another_runs_job_serves_this_one_and_is_paid_by_the_other(tmp_path: Path) -> None:
    with BatchStub(lambda row: Row(row.custom_id)) as stub:
        leave(tmp_path, stub.url, "openai", 4, run_id="first")
        with session(tmp_path, stub.url, run_id="second") as s:
            results = s.ask(requests(6))
            assert [results[n].replayed for n in range(6)] == [True] * 4 + [False] * 2
            assert (s.dispatcher.stats.calls, s.dispatcher.stats.replayed) == (2, 4)
            assert s.dispatcher.budget.spent_usd == pytest.approx(s.dispatcher.stats.usd)
            assert [(spent.calls, spent.possibly_billed) for spent in s.journal.spending("first")] == [(4, 0)]
    assert [len(job.rows) for job in stub.jobs] == [4, 2]


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_job_the_host_forgot_is_asked_for_again_and_stays_in_the_journal(status: int, tmp_path: Path) -> None:
    with BatchStub() as stub:
        leave(tmp_path, stub.url, "openai", 3)
        stub.before = lambda method, path: (status, "no such batch") if path.startswith("/v1/batches/job-0") else None
        with session(tmp_path, stub.url) as s:
            assert len(texts(s, 3)) == 3
            assert s.dispatcher.stats.possibly_billed == 3
            assert [batch.job_id for batch in s.journal.open_batches("openai", "some-model")] == ["job-0"]
        with session(tmp_path, stub.url) as s:  # all its calls have answers by now
            assert s.dispatcher.in_flight == 0
            assert s.journal.open_batches("openai", "some-model") == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_host_in_trouble_for_a_while_does_not_end_the_run(provider: str, tmp_path: Path) -> None:
    troubles: list[Any] = [(503, "busy"), RESET, None, (429, "slow down"), RESET, (500, "oops"), None, (503, "busy")]
    with BatchStub(looks=2) as stub:
        stub.before = lambda method, path: troubles.pop(0) if troubles else None
        with session(tmp_path, stub.url, provider) as s:
            assert len(texts(s, 4)) == 4
            assert s.dispatcher.stats.calls == 4
    assert len(stub.jobs) == 1


def test_a_host_in_trouble_for_long_pauses_the_run_which_can_be_resumed(tmp_path: Path) -> None:
    with BatchStub() as stub:
        stub.before = lambda method, path: (503, "busy") if path.startswith("/v1/batches/") else None
        with session(tmp_path, stub.url) as s:
            with pytest.raises(RunPausedError, match="1 batch job goes on at openai") as caught:
                s.ask(requests(3))
            assert "busy" in str(caught.value)
            assert not s.dispatcher.wants_more()
        stub.before = lambda method, path: None
        with session(tmp_path, stub.url) as s:
            assert len(texts(s, 3)) == 3
    assert len(stub.jobs) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_results_that_do_not_come_whole_are_fetched_again(provider: str, tmp_path: Path) -> None:
    with BatchStub(lambda row: Row(row.custom_id)) as stub:
        stub.cut_results = 2
        with session(tmp_path, stub.url, provider) as s:
            assert texts(s, 4) == stub.jobs[0].ids
    assert len(stub.jobs) == 1


def test_a_host_without_batches_says_what_to_set(tmp_path: Path) -> None:
    with BatchStub() as stub:
        stub.before = lambda method, path: (404, "no such path")
        with session(tmp_path, stub.url) as s, pytest.raises(ModelUnavailableError, match=r"system\.batch"):
            s.ask(requests(2))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_wrong_key_ends_the_run_and_shows_up_nowhere(provider: str, tmp_path: Path) -> None:
    with BatchStub() as stub:
        stub.before = lambda method, path: (401, f"Incorrect API key provided: {KEY}")
        with session(tmp_path, stub.url, provider) as s, pytest.raises(AuthenticationError) as caught:
            s.ask(requests(2))
        assert s.dispatcher.stopped
    shown = "".join(traceback.format_exception(caught.value))
    assert "API key was not accepted" in shown
    assert KEY not in shown
    assert not any(KEY.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert all(f"Bearer {KEY}" in headers for headers in stub.headers)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_key_quoted_in_a_row_is_cut_out_and_paid_answers_come_first(provider: str, tmp_path: Path) -> None:
    def answer(row: Asked) -> Row:
        bad = "number 1." in str(row.request)
        return Row(status=401, message=f"key {KEY} was revoked", code="authentication_error") if bad else Row("Fine")

    with BatchStub(answer) as stub, session(tmp_path, stub.url, provider) as s:
        results = s.ask(requests(3))
        assert list(results) == [0, 2, 1]
        assert isinstance(results[1].error, AuthenticationError)
        assert KEY not in str(results[1].error)
        assert s.dispatcher.stopped
    assert not any(KEY.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_without_the_journal_nothing_is_handed_on(tmp_path: Path) -> None:
    with (
        BatchStub() as stub,
        session(tmp_path, stub.url, sleep=lambda _: s.journal.close()) as s,
        pytest.raises(PersistenceError),
    ):
        s.ask(requests(2))
    with BatchStub() as stub, session(tmp_path, stub.url) as s:
        assert s.dispatcher.in_flight == 2
