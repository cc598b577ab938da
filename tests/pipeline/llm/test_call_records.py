"""The calls of a run in the journal: found again as they were, by this run and by any other."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from src.errors import BadRequestError, ContentRefusedError, ContextTooLongError, LLMError
from src.persistence.journal.journal_records import JournaledCall
from src.persistence.journal.run_journal import RunJournal
from src.pipeline.llm.call_records import CallRecords
from src.providers.clients.chat_client import ChatAnswer, ChatRequest, RateLimits, Usage
from src.providers.clients.flow.call_journal import BatchJournal, Call, call_key, call_text
from src.records import Message


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[RunJournal]:
    with RunJournal(tmp_path / "x.journal.db") as opened:
        opened.begin_run("run-1", "name", {})
        opened.begin_run("run-2", "name", {})
        yield opened


def records(journal: RunJournal, run_id: str = "run-1", *, priced: bool = True) -> CallRecords:
    return CallRecords(journal, run_id, "openai", "gpt-test", (lambda i, o: i / 1e3 + o / 1e2) if priced else None)


def call(text: str = "Who?") -> Call:
    request = ChatRequest((Message("user", text),))
    asked = call_text("openai", "gpt-test", request)
    return Call(0, call_key(asked), "create", request, asked)


def answer(text: str = "Me.", usage: Usage | None = None) -> ChatAnswer:
    limits = RateLimits(requests_limit=60, requests_remaining=59)
    return ChatAnswer(text, "stop", usage or Usage(10, 5), "gpt-test-2026", limits)


def written(journal: RunJournal, one: Call) -> JournaledCall:
    found = journal.find(one.key)
    assert found is not None
    return found


def answered(to: CallRecords, one: Call, what: ChatAnswer) -> None:
    to.sent(one)
    to.answered(one, what, 1.25).wait()


def test_what_was_never_asked_is_not_found(journal: RunJournal) -> None:
    assert records(journal).find(call().key) is None


def test_what_was_sent_and_not_answered_is_not_found_and_possibly_billed(journal: RunJournal) -> None:
    one = call()
    records(journal).sent(one).wait()
    assert records(journal).find(one.key) is None
    assert journal.totals().possibly_billed == 1


@pytest.mark.parametrize("text", ["Me.", "", "Ünïcödé 漢字 🙂", '{"cut": "of', "half \ud800 a character", "a\x00b"])
def test_an_answer_is_found_as_it_came_but_for_the_limits_of_that_moment(journal: RunJournal, text: str) -> None:
    one = call()
    answered(records(journal), one, answer(text))
    assert records(journal, "run-2").find(one.key) == ChatAnswer(text, "stop", Usage(10, 5), "gpt-test-2026")


def test_how_an_answer_ended_is_kept(journal: RunJournal) -> None:
    for reason in ("length", "refused"):
        one = call(reason)
        answered(records(journal), one, ChatAnswer("x", reason, Usage(1, 1), "m"))  # type: ignore[arg-type]
        found = records(journal).find(one.key)
        assert isinstance(found, ChatAnswer) and found.finish_reason == reason


def test_an_answer_has_its_price_its_time_and_the_request_beside_it(journal: RunJournal) -> None:
    one = call()
    answered(records(journal), one, answer())
    row = written(journal, one)
    assert (row.run_id, row.stage, row.provider, row.model) == ("run-1", "create", "openai", "gpt-test")
    assert (row.seconds, row.usd, row.unanswered) == (1.25, pytest.approx(0.06), 0)


@pytest.mark.parametrize("usage", [Usage(None, 5), Usage(10, None), Usage()])
def test_where_the_host_did_not_count_the_price_is_unknown_and_never_zero(journal: RunJournal, usage: Usage) -> None:
    one = call()
    answered(records(journal), one, answer(usage=usage))
    assert written(journal, one).usd is None
    found = records(journal).find(one.key)
    assert isinstance(found, ChatAnswer) and found.usage == usage


def test_an_unknown_price_is_unknown(journal: RunJournal) -> None:
    one = call()
    answered(records(journal, priced=False), one, answer())
    assert written(journal, one).usd is None


@pytest.mark.parametrize("kind", [ContentRefusedError, ContextTooLongError])
def test_a_refusal_is_found_as_the_error_it_was(journal: RunJournal, kind: type[LLMError]) -> None:
    one = call()
    records(journal).sent(one)
    records(journal).failed(one, kind("The host says no.", hint="Leave it.")).wait()
    found = records(journal, "run-2").find(one.key)
    assert type(found) is kind and str(found) == "The host says no. Leave it."
    assert not found.fatal and not found.retryable


def test_a_refusal_of_a_kind_this_version_does_not_know_is_still_a_refusal(journal: RunJournal) -> None:
    one = call()
    records(journal).sent(one)
    records(journal).failed(one, BadRequestError("what is this?")).wait()
    assert isinstance(records(journal).find(one.key), ContentRefusedError)


def test_what_was_turned_away_is_asked_again_and_was_not_billed(journal: RunJournal) -> None:
    one = call()
    records(journal).sent(one)
    records(journal).not_billed(one).wait()
    assert records(journal).find(one.key) is None
    assert journal.totals().possibly_billed == 0


def test_a_verdict_stands_beside_the_answer(journal: RunJournal) -> None:
    one = call()
    answered(records(journal), one, answer())
    records(journal).judged(one.key, "question asked before")
    journal.end_run("run-1", "finished")  # verdicts are written along with the next change
    assert written(journal, one).verdict == "question asked before"


def test_what_a_call_costs_counts_for_the_run_that_sent_it(journal: RunJournal) -> None:
    answered(records(journal), call("a"), answer())
    answered(records(journal, "run-2"), call("b"), answer())
    (stage,) = journal.spending("run-1")
    assert (stage.stage, stage.calls, stage.input_tokens, stage.output_tokens) == ("create", 1, 10, 5)
    assert stage.usd == pytest.approx(0.06)


def test_batches_of_this_model_are_found_until_they_are_closed_and_know_whose_they_are(journal: RunJournal) -> None:
    mine: BatchJournal = records(journal)
    theirs = records(journal, "run-2")
    elsewhere = CallRecords(journal, "run-1", "mistral", "gpt-test", None)
    before = time.time()
    mine.save_batch("job-1", ["k1", "k2"])
    theirs.save_batch("job-2", ["k3"])
    elsewhere.save_batch("job-3", ["k4"])
    found = mine.open_batches()
    assert [(b.job_id, b.keys, b.own) for b in found] == [("job-1", ("k1", "k2"), True), ("job-2", ("k3",), False)]
    assert all(abs(batch.submitted_at - before) < 60 for batch in found)  # UTC, whatever the machine's zone is
    mine.close_batch("job-1", "completed")
    assert [batch.job_id for batch in mine.open_batches()] == ["job-2"]
