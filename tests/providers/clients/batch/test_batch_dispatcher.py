from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from src.agents.asking.askings import gather
from src.agents.asking.exchange import Reply, ask
from src.errors import BadRequestError, RunPausedError
from src.providers.clients.batch import BATCH_JOBS, batch_support
from src.providers.clients.batch.jobs import BatchLimits
from src.providers.clients.batch.openai_jobs import OpenAIJobs
from src.providers.clients.chat_client import ChatRequest
from src.providers.clients.flow.budget import Budget
from src.providers.clients.flow.call_journal import call_key, call_text
from tests.providers.clients.batch.batch_stub import Asked, BatchStub, Row
from tests.providers.clients.batch.sessions import PRICE, requests, session

PROVIDERS = sorted(BATCH_JOBS)
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


def key_of(request: ChatRequest, provider: str = "openai") -> str:
    return call_key(call_text(provider, "some-model", request))


def small(limit: int, size: int = 10**6) -> Any:
    jobs = OpenAIJobs()
    jobs.limits = BatchLimits(limit, size, "a while")
    return jobs


def first_time(end: Row) -> Callable[[Asked], Row]:
    """Every third row gets `end` the first time, all else an answer."""
    return lambda row: end if row.attempt == 0 and int(row.custom_id, 16) % 3 == 0 else Row(f"Yes: {row.custom_id}")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_all_rows_of_a_job_are_answered(provider: str, tmp_path: Path) -> None:
    asked = requests(20)
    looks: list[str] = []
    with (
        BatchStub(lambda row: Row(f"Yes: {row.custom_id}\u2028 done"), looks=2) as stub,
        session(tmp_path, stub.url, provider, on_result=lambda: looks.append(s.dispatcher.describe())) as s,
    ):
        for number, request in enumerate(asked):
            assert s.dispatcher.wants_more()
            s.dispatcher.submit(number, request)
        assert s.dispatcher.describe() == "batch: 20 collected"
        results = s.rest()
        stats, slept = s.dispatcher.stats, s.clock.slept
        totals, spent = s.journal.totals(), s.dispatcher.budget
    assert [results[n].answer.text for n in range(20)] == [f"Yes: {key_of(r, provider)}\u2028 done" for r in asked]
    assert len(stub.jobs) == 1
    assert stub.jobs[0].rows[0].request["messages"][0]["content"] == "Tell me about subject number 0."
    assert (stats.calls, stats.input_tokens, stats.output_tokens) == (20, 2000, 400)
    assert stats.usd == pytest.approx(20 * (100 * 1.0 + 20 * 10.0) / 1e6 / 2)  # half price
    assert (spent.spent_usd, spent.reserved_usd) == (pytest.approx(stats.usd), pytest.approx(0.0))
    assert spent.reserved_tokens == 0
    assert (totals.answers, totals.possibly_billed) == (20, 0)
    assert slept == [5.0, 7.5, 11.25]
    assert f"batch: 0 of 20 done at {provider}" in looks


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "end",
    [Row(status=500, message="our fault"), Row(status=429), Row(end="expired"), Row(end="missing"), Row("", "error")],
    ids=["failed", "limited", "expired", "missing", "malformed"],
)
def test_only_rows_without_an_answer_are_submitted_again(provider: str, end: Row, tmp_path: Path) -> None:
    asked = requests(30)
    with BatchStub(first_time(end)) as stub, session(tmp_path, stub.url, provider) as s:
        results = s.ask(asked)
        stats, totals = s.dispatcher.stats, s.journal.totals()
    again = [key_of(r, provider) for r in asked if int(key_of(r, provider), 16) % 3 == 0]
    assert again
    assert [job.ids for job in stub.jobs] == [[key_of(r, provider) for r in asked], again]
    assert [results[n].answer.text for n in range(30)] == [f"Yes: {key_of(r, provider)}" for r in asked]
    assert (stats.retries, totals.answers) == (len(again), 30)


def test_a_row_that_fails_every_time_is_given_up_with_its_error(tmp_path: Path) -> None:
    with BatchStub(lambda row: Row(status=503, message="busy")) as stub, session(tmp_path, stub.url) as s:
        results = s.ask(requests(1))
        open_calls = s.journal.totals().possibly_billed
    assert len(stub.jobs) == 3
    assert "busy" in str(results[0].error) and "Asked 3 times" in str(results[0].error)
    assert open_calls == 0


@pytest.mark.parametrize("provider", PROVIDERS)
def test_cut_off_and_refused_answers_go_to_the_agent(provider: str, tmp_path: Path) -> None:
    ends = ["length", "refused"]

    def answer(row: Asked) -> Row:
        number = int(row.request["messages"][0]["content"][-2])
        return Row("Half an", ends[number])

    with BatchStub(answer) as stub, session(tmp_path, stub.url, provider) as s:
        results = s.ask(requests(2))
    assert [results[n].answer.finish_reason for n in range(2)] == ends


def test_the_same_question_twice_is_one_row_and_a_known_one_none(tmp_path: Path) -> None:
    with BatchStub() as stub, session(tmp_path, stub.url) as s:
        one = requests(1)[0]
        assert set(s.ask([one, one])) == {0, 1}
        s.dispatcher.submit(7, one)
        again = s.rest()[7]
    assert [len(job.rows) for job in stub.jobs] == [1]
    assert again.replayed


def test_a_larger_set_is_divided_by_rows_and_by_bytes(tmp_path: Path) -> None:
    with BatchStub() as stub:
        with session(tmp_path / "rows", stub.url, jobs=small(8)) as s:
            assert len(s.ask(requests(20))) == 20
        with session(tmp_path / "bytes", stub.url, jobs=small(50, size=2000)) as s:
            assert len(s.ask(requests(12))) == 12
    assert [len(job.rows) for job in stub.jobs[:3]] == [8, 8, 4]
    assert len(stub.jobs[3:]) > 2


def test_wants_more_until_a_job_is_full(tmp_path: Path) -> None:
    with BatchStub() as stub, session(tmp_path, stub.url, jobs=small(3)) as s:
        for number, request in enumerate(requests(3)):
            assert s.dispatcher.wants_more()
            s.dispatcher.submit(number, request)
        assert not s.dispatcher.wants_more()
        assert len(s.rest()) == 3
        assert s.dispatcher.wants_more()
        s.dispatcher.stop()
        assert not s.dispatcher.wants_more()


@pytest.mark.parametrize("provider", ["openai", "mistral"])
def test_a_job_that_the_host_does_not_take_ends_with_a_clear_error(provider: str, tmp_path: Path) -> None:
    with BatchStub() as stub:
        stub.failures = [None, ("invalid_json_line", "The body of the row is not valid.")]
        with session(tmp_path, stub.url, provider) as s:
            assert len(s.ask(requests(3))) == 3
            result = s.ask(requests(5))[4]
            assert isinstance(result.error, BadRequestError)
            assert "The body of the row is not valid." in str(result.error)
            totals = s.journal.totals()
        assert (totals.answers, totals.possibly_billed) == (3, 0)
        with session(tmp_path, stub.url, provider) as s:  # nothing was lost, and what failed can be asked again
            assert len(s.ask(requests(5))) == 5
    assert [len(job.rows) for job in stub.jobs] == [3, 2, 2]


def test_a_full_queue_is_met_with_smaller_jobs_one_after_the_other(tmp_path: Path) -> None:
    full = ("token_limit_exceeded", "Enqueued token limit reached.")
    with BatchStub() as stub:
        stub.failures = [full, full]
        with session(tmp_path, stub.url) as s:
            assert len(s.ask(requests(8))) == 8
    assert [len(job.rows) for job in stub.jobs] == [8, 4, 2, 4, 2]


def test_a_queue_that_stays_full_pauses_the_run(tmp_path: Path) -> None:
    with BatchStub() as stub:
        stub.failures = [("token_limit_exceeded", "Enqueued token limit reached.")] * 9
        with session(tmp_path, stub.url) as s, pytest.raises(RunPausedError, match="Enqueued token limit"):
            s.ask(requests(4))


def test_a_host_that_knows_less_is_asked_in_another_way(tmp_path: Path) -> None:
    def answer(row: Asked) -> Row:
        if "response_format" in row.request:
            return Row(status=400, message="response_format is not supported", code="unsupported_parameter")
        return Row('{"a": "b"}')

    with BatchStub(answer) as stub, session(tmp_path, stub.url) as s:
        results = s.ask(requests(3, schema=SCHEMA))
        assert s.dispatcher.stats.retries == 0
    assert [result.answer.text for result in results.values()] == ['{"a": "b"}'] * 3
    assert all(len(job.rows) == 3 for job in stub.jobs)


def test_the_budget_is_never_overshot(tmp_path: Path) -> None:
    worst = PRICE.input_per_million * 1300 / 2e6 + PRICE.output_per_million * 1024 / 2e6
    budget = Budget(usd=5 * worst, price=PRICE, batch=True)
    with BatchStub() as stub, session(tmp_path, stub.url, budget=budget) as s:
        for number, request in enumerate(requests(400)):
            s.dispatcher.submit(number, request)
        done = 0
        with pytest.raises(RunPausedError, match="budget"):
            while s.dispatcher.next_result() is not None:
                done += 1
        assert budget.spent_usd <= 5 * worst
        assert budget.reserved_usd == pytest.approx(0.0, abs=1e-12)
    assert max(len(job.rows) for job in stub.jobs) <= 5
    assert done == sum(len(job.rows) for job in stub.jobs) > 5


def test_stop_ends_the_wait_at_once_and_leaves_the_job_to_the_provider(tmp_path: Path) -> None:
    with BatchStub(looks=10**6) as stub:
        # sleep=None: the dispatcher's own wait of an hour, which only stop() can cut short.
        with session(tmp_path, stub.url, sleep=None, poll_seconds=3600.0) as s:
            for number, request in enumerate(requests(4)):
                s.dispatcher.submit(number, request)
            threading.Timer(0.2, s.dispatcher.stop).start()
            assert s.dispatcher.next_result() is None
            assert (s.dispatcher.stopped, s.dispatcher.in_flight) == (True, 4)
            assert "1 batch job goes on at openai with 4 call(s)" in s.dispatcher.left_behind()
            assert "Resume" in s.dispatcher.left_behind() and "30 days" in s.dispatcher.left_behind()
            s.dispatcher.drain()
        stub.looks = 0
        with session(tmp_path, stub.url) as s:
            assert len(s.ask(requests(4))) == 4
            assert s.clock.slept == []  # it may be done already: no wait before the first look
            assert s.dispatcher.left_behind() == ""
    assert len(stub.jobs) == 1
    assert not any(path.endswith("cancel") for _, path in stub.calls)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_agents_do_not_know_the_difference(provider: str, tmp_path: Path) -> None:
    def answer(row: Asked) -> Row:
        asked_again = "was not accepted" in str(row.request)
        return Row('{"a": "b"}' if asked_again else "I'd rather talk.")

    with BatchStub(answer) as stub, session(tmp_path, stub.url, provider) as s:
        outcomes = gather(s.dispatcher, "a stage", [ask(request) for request in requests(5, schema=SCHEMA)])
    assert [outcome.values for outcome in outcomes if isinstance(outcome, Reply)] == [{"a": "b"}] * 5
    assert [len(job.rows) for job in stub.jobs] == [5, 5]


def test_answers_name_the_key_they_are_kept_under(tmp_path: Path) -> None:
    with BatchStub() as stub, session(tmp_path, stub.url) as s:
        first, again = s.ask(requests(3)), s.ask(requests(3))
        keys = [key_of(request) for request in requests(3)]
        assert s.dispatcher.stats.replayed == 3
    for results in (first, again):
        assert [result.answer.call for _, result in sorted(results.items()) if result.answer] == keys


def test_nothing_submitted_gives_no_result_and_contacts_nobody(tmp_path: Path) -> None:
    with BatchStub() as stub, session(tmp_path, stub.url) as s:
        assert s.dispatcher.next_result() is None
        assert s.dispatcher.describe() == ""
    assert stub.calls == []


def test_who_has_no_batch_api_is_told_why() -> None:
    assert [batch_support(provider) for provider in PROVIDERS] == ["", "", ""]
    assert "google-generativeai" in batch_support("google")
    assert batch_support("llama") and batch_support("local") and batch_support("who")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_cancelled_job_is_looked_at_again(provider: str, tmp_path: Path) -> None:
    jobs = BATCH_JOBS[provider]
    with BatchStub(looks=9) as stub, session(tmp_path, stub.url, provider, sleep=lambda _: s.dispatcher.stop()) as s:
        s.ask(requests(2))
        assert jobs.cancel(s.client, stub.jobs[0].id)
        assert jobs.poll(s.client, stub.jobs[0].id).name == "running"
    assert stub.calls[-2][0] == "GET"
