"""Exactly as many samples as wanted, the same ones whatever the order of the answers."""

from __future__ import annotations

import json
import threading
from contextlib import closing
from pathlib import Path

import pytest

from src.agents.asking.candidates import MOST_FAILURES_IN_A_ROW
from src.agents.create_agent import CreateAgent
from src.errors import AuthenticationError, OverloadedError, PersistenceError, RunPausedError
from src.pipeline.llm.call_records import CallRecords
from src.providers.clients.chat_client import ChatAnswer, ChatRequest
from src.providers.clients.flow.budget import Budget
from src.providers.clients.flow.dispatcher import Dispatcher
from src.providers.clients.flow.flow_records import FlowLimits
from src.providers.clients.openai_client import OpenAIClient
from src.records import Document
from tests.agents.asking.support import Contest, number_in, plain, shuffled
from tests.agents.support import PROSE, answer_about_focus, bench, document, focus_of
from tests.providers.clients.flow.support import Acting, dispatcher_for, records, say, within
from tests.providers.clients.stub_llm import Reply, StubLLM

WANTED, CAUSES = 25, {"model declined", "question asked before"}
GOOD_FOR_NOTHING = {3, 4, 11, 12, 13, 14, 30}


def picky(number: int, text: str) -> str | None:
    return "good for nothing" if number in GOOD_FOR_NOTHING else None


def with_repeats(request: ChatRequest) -> ChatAnswer:
    """Every fifth answer repeats an earlier one."""
    number = number_in(request)
    return say(f"text {number - 5 if number % 5 == 0 and number >= 5 else number}")


@pytest.mark.parametrize(("wanted", "most"), [(1, 1), (7, 7), (50, 150), (300, 300)])
def test_exactly_the_wanted_number_with_a_call_each_when_all_are_good(wanted: int, most: int) -> None:
    client = Acting(plain)
    contest = Contest(dispatcher_for(client, concurrency=8))
    assert contest.run(wanted, most) == [f"text {number}" for number in range(wanted)]
    assert len(client.asked) == wanted and contest.rejected == []


def test_what_is_rejected_is_replaced_and_the_stand_in_knows_its_cause() -> None:
    client = Acting(plain)
    contest = Contest(dispatcher_for(client, concurrency=4), picky)
    texts = contest.run(20, 60)
    assert len(texts) == 20 and len(client.asked) == 26
    assert contest.rejected == ["good for nothing"] * 6
    stand_ins = {number: cause for number, _, cause in contest.started if cause is not None}
    assert stand_ins == {20: 3, 21: 4, 22: 11, 23: 12, 24: 13, 25: 14}
    assert all(as_of >= cause + 1 for _, as_of, cause in contest.started if cause is not None)


def test_no_more_candidates_than_allowed_are_asked_for() -> None:
    client = Acting(lambda _: say("always the same"))
    contest = Contest(dispatcher_for(client, concurrency=4))
    assert contest.run(10, 25) == ["always the same"]
    assert len(client.asked) == 25 and contest.rejected == ["a repeat"] * 24


@pytest.mark.parametrize("concurrency", [1, 4, 32])
def test_the_order_of_the_answers_changes_nothing(concurrency: int) -> None:
    outcomes = []
    for seed in range(5):
        client = shuffled(with_repeats, seed)
        contest = Contest(dispatcher_for(client, concurrency=concurrency), picky)
        texts = within(30, lambda c=contest: c.run(60, 200))  # type: ignore[misc]
        prompts = sorted(request.messages[0].content for request in client.asked)
        outcomes.append((texts, prompts, contest.rejected, contest.judged, sorted(contest.started)))
        assert contest.judged == sorted(contest.judged)
    client = Acting(with_repeats)
    contest = Contest(dispatcher_for(client, concurrency=1), picky)
    texts = contest.run(60, 200)
    prompts = sorted(request.messages[0].content for request in client.asked)
    one_by_one = (texts, prompts, contest.rejected, contest.judged, sorted(contest.started))
    assert outcomes == [one_by_one] * 5
    assert len(texts) == 60


def test_a_candidate_waits_for_those_whose_fate_its_prompt_tells() -> None:
    look_back = Dispatcher.look_back
    seen: list[int] = []
    others_done = threading.Event()

    def act(request: ChatRequest) -> ChatAnswer:
        number = number_in(request)
        if number == 0:
            assert others_done.wait(20)
            asked_meanwhile.extend(client.asked)
        else:
            seen.append(number)
            if len(seen) == look_back:
                others_done.set()
        return plain(request)

    client, asked_meanwhile = Acting(act), list[ChatRequest]()
    contest = Contest(dispatcher_for(client, concurrency=4))
    assert len(within(30, lambda: contest.run(look_back + 50, look_back + 50))) == look_back + 50
    assert max(map(number_in, asked_meanwhile)) == look_back  # which may know of 0 to 0: nothing
    assert all(as_of == max(0, number - look_back) for number, as_of, _ in contest.started)


# When it ends early


def failing_from(first: int, good: frozenset[int] = frozenset()) -> Acting:
    def act(request: ChatRequest) -> ChatAnswer:
        if number_in(request) >= first and number_in(request) not in good:
            raise OverloadedError("down")
        return plain(request)

    return Acting(act)


def delivered(contest: Contest, wanted: int, most: int, kind: type[Exception]) -> list[str]:
    texts: list[str] = []

    def deliver() -> None:
        for sample in contest.candidates.deliver(wanted, most):
            texts.append(sample.messages[0].content)

    with pytest.raises(kind):
        within(30, deliver)
    return texts


def test_a_host_that_is_down_ends_it_and_what_was_made_is_kept() -> None:
    contest = Contest(dispatcher_for(failing_from(10), concurrency=1, max_retries=0))
    assert delivered(contest, 50, 150, OverloadedError) == [f"text {number}" for number in range(10)]
    assert len(contest.rejected) >= MOST_FAILURES_IN_A_ROW


def test_failures_with_an_answer_in_between_do_not_end_it() -> None:
    good = frozenset(range(4, 500, MOST_FAILURES_IN_A_ROW))
    contest = Contest(dispatcher_for(failing_from(0, good), concurrency=4, max_retries=0))
    assert len(contest.run(10, 100)) == 10
    assert contest.rejected.count("call failed") >= 40


def test_answers_that_came_behind_the_last_failure_are_judged_before_it_ends() -> None:
    """Numbers 0 to 6 fail, but only after 7 to 9 were answered."""
    late = threading.Event()
    answered: list[int] = []

    def act(request: ChatRequest) -> ChatAnswer:
        number = number_in(request)
        if number < 7:
            assert late.wait(20)
            raise OverloadedError("down")
        answered.append(number)
        if len(answered) == 3:
            late.set()
        return plain(request)

    contest = Contest(dispatcher_for(Acting(act), concurrency=10, max_retries=0))
    texts = delivered(contest, 10, 10, OverloadedError)
    assert set(texts) <= {"text 7", "text 8", "text 9"} and len(texts) == len(contest.judged)
    assert sorted(contest.judged) == sorted(set(contest.judged))


def test_a_fatal_error_ends_it_after_what_is_there_was_judged() -> None:
    together = threading.Barrier(4)

    def act(request: ChatRequest) -> ChatAnswer:
        together.wait(20)
        if number_in(request) == 0:
            raise AuthenticationError("wrong key")
        return plain(request)

    contest = Contest(dispatcher_for(Acting(act), concurrency=4))
    texts = delivered(contest, 4, 4, AuthenticationError)
    assert texts == [f"text {number}" for number in contest.judged]


def test_a_budget_that_is_reached_keeps_what_was_made() -> None:
    client = Acting(plain)
    dispatcher = Dispatcher(client, FlowLimits(concurrency=4), None, Budget(tokens=8_000))
    texts = delivered(Contest(dispatcher), 5_000, 5_000, RunPausedError)
    assert len(texts) == len(client.asked) > 100


def test_a_journal_that_fails_keeps_what_was_made(tmp_path: Path) -> None:
    """Number 0 has no answer yet, so those behind it are not judged yet."""
    go = threading.Event()

    def act(request: ChatRequest) -> ChatAnswer:
        if number_in(request) == 9:
            journal.journal.close()
            go.set()
        assert number_in(request) or go.wait(20)
        return plain(request)

    with records(tmp_path) as journal:
        contest = Contest(dispatcher_for(Acting(act), journal, concurrency=2))
        assert delivered(contest, 20, 60, PersistenceError) == [f"text {number}" for number in range(1, 9)]


def test_after_a_stop_what_was_answered_is_judged_although_an_earlier_answer_never_came() -> None:
    seven, go = threading.Event(), threading.Event()

    def act(request: ChatRequest) -> ChatAnswer:
        number = number_in(request)
        if number == 2:
            assert go.wait(20)
            raise OverloadedError("no answer")
        if number == 7:
            seven.set()
        assert number < 7 or go.wait(20)
        return plain(request)

    client = Acting(act)
    dispatcher = dispatcher_for(client, concurrency=2)
    contest = Contest(dispatcher)
    texts: list[str] = []
    worker = threading.Thread(target=lambda: texts.extend(contest.run(50, 150)), daemon=True)
    worker.start()
    assert seven.wait(20)
    dispatcher.stop()
    go.set()
    worker.join(20)
    assert not worker.is_alive()
    assert texts == [f"text {number}" for number in (0, 1, 3, 4, 5, 6, 7)]
    assert sorted(map(number_in, client.asked)) == list(range(8))


# The whole of it, over the wire and with a journal


def grumpy(request: dict[str, object]) -> Reply | str:
    """Good answers, but half of the questions are refused, malformed at first or the same as another."""
    focus = focus_of(request)
    kind = sum(focus.encode()) % 6
    if kind == 0:
        return Reply("", finish_reason="refused")
    if kind == 1 and "not accepted" not in str(request["messages"]):
        return "this is no JSON"
    if kind == 2:
        return json.dumps({"quote": focus, "question": "What is known of all of it and more?", "answer": focus})
    return answer_about_focus(request)


def long_document() -> Document:
    facts = [f"Valve {n} of the pump closes within {n + 2} seconds of the alarm signal. " for n in range(60)]
    return document(PROSE + "\n\n" + "".join(facts))


def client_of(stub: StubLLM) -> OpenAIClient:
    return OpenAIClient("openai", "stub-model", "sk-canary-key-0004", stub.url)


def created(
    client: OpenAIClient, journal: CallRecords, concurrency: int, stop_after: int | None = None
) -> tuple[list[str], Dispatcher, dict[str, int]]:
    """The samples' ids, who made the calls, and what was left out; stopped after so many samples."""
    workbench = bench(client)
    workbench.passage_tokens = 60
    dispatcher = Dispatcher(client, FlowLimits(concurrency=concurrency), journal)
    workbench.dispatcher = dispatcher
    ids = []
    for sample in CreateAgent(workbench).run([long_document()], WANTED):
        ids.append(sample.id)
        if len(ids) == stop_after:
            dispatcher.stop()
    dispatcher.drain()
    dispatcher.close()
    return ids, dispatcher, workbench.report.dropped


def test_the_same_run_again_costs_nothing_and_gives_the_same_dataset(tmp_path: Path) -> None:
    with StubLLM(grumpy) as stub, closing(client_of(stub)) as client:
        with records(tmp_path) as journal:
            first, dispatcher, dropped = created(client, journal, concurrency=4)
        calls = len(stub.requests)
        assert calls == dispatcher.stats.calls > len(first) == WANTED and set(dropped) == CAUSES
        with records(tmp_path, "run-2") as journal:
            again, dispatcher, dropped_again = created(client, journal, concurrency=32)
        assert (again, dropped_again) == (first, dropped)
        assert len(stub.requests) == calls and dispatcher.stats.calls == 0


def test_a_run_that_was_stopped_and_resumed_makes_the_dataset_it_would_have_made(tmp_path: Path) -> None:
    with StubLLM(grumpy) as stub, closing(client_of(stub)) as client:
        (tmp_path / "whole").mkdir()
        with records(tmp_path / "whole") as journal:
            whole, _, _ = created(client, journal, concurrency=8)
        calls = len(stub.requests)
        for session in range(4):
            with records(tmp_path) as journal:
                resumed, _, _ = created(client, journal, concurrency=4 + session, stop_after=8 if session < 3 else None)
    assert resumed == whole
    assert len(stub.requests) == 2 * calls
