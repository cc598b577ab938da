"""With a journal nothing is paid for twice, nothing is handed out before it is written, and nothing hangs."""

from __future__ import annotations

import resource
import signal
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from src.errors import (
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    ContentRefusedError,
    ContextTooLongError,
    LLMError,
    OverloadedError,
    PersistenceError,
    RateLimitedError,
    RunPausedError,
    TimedOutError,
)
from src.pipeline.llm.call_records import CallRecords
from src.providers.clients.chat_client import ChatAnswer, ChatRequest
from src.providers.clients.flow.call_journal import Call, call_key, call_text
from src.providers.clients.flow.dispatcher import Dispatcher
from src.providers.clients.flow.flow_records import FlowLimits, Result
from src.providers.clients.flow.watch import PATIENCE_IN_TIMEOUTS, STALL_MARGIN
from src.providers.clients.models.prices import worst_case_input_tokens
from src.providers.clients.openai_client import OpenAIClient
from src.records import Message
from tests.providers.clients.flow.support import (
    Acting,
    Clock,
    Impatient,
    answers_of,
    ask,
    dispatcher_for,
    echo,
    eventually,
    number_of,
    question,
    records,
    say,
    within,
)
from tests.providers.clients.stub_llm import Reply, StubLLM


def key_of(request: ChatRequest) -> str:
    return call_key(call_text(Acting.provider, Acting.model, request))


def possibly_billed(journal: CallRecords) -> int:
    return journal.journal.totals().possibly_billed


# Replay


def test_the_same_questions_again_make_no_call_whatever_the_concurrency_and_timeout(tmp_path: Path) -> None:
    with records(tmp_path) as journal:
        first = answers_of(ask(dispatcher_for(Acting(), journal, concurrency=4), range(60)))
    again = Acting()
    with records(tmp_path, "run-2") as journal:
        dispatcher = dispatcher_for(again, journal, concurrency=32, timeout=7.0, max_retries=0)
        results = ask(dispatcher, range(60))
    assert answers_of(results) == first and again.asked == []
    assert all(result.replayed for result in results)
    assert (dispatcher.stats.replayed, dispatcher.stats.calls) == (60, 0)
    assert dispatcher.budget.spent_tokens == 0


def test_an_answer_names_the_key_it_is_kept_under_new_or_replayed(tmp_path: Path) -> None:
    for run in ("run-1", "run-2"):
        with records(tmp_path, run) as journal:
            results = ask(dispatcher_for(Acting(), journal), range(5))
            calls = {result.ticket: result.answer.call for result in results if result.answer}
            assert calls == {number: key_of(question(number)) for number in range(5)}
            assert all(journal.journal.find(call) for call in calls.values())


@pytest.mark.parametrize("kind", [ContentRefusedError, ContextTooLongError])
def test_a_definite_refusal_is_not_asked_for_again(tmp_path: Path, kind: type[LLMError]) -> None:
    def refuse(request: ChatRequest) -> ChatAnswer:
        raise kind("no.", hint="Leave it.")

    for client, calls in [(Acting(refuse), 1), (Acting(refuse), 0)]:
        with records(tmp_path) as journal:
            dispatcher = dispatcher_for(client, journal)
            (result,) = ask(dispatcher, range(1))
            assert possibly_billed(journal) == 0
        assert type(result.error) is kind and "no. Leave it." in str(result.error)
        assert len(client.asked) == calls and dispatcher.stats.retries == 0


def test_what_may_be_otherwise_next_time_is_asked_again_by_the_next_run(tmp_path: Path) -> None:
    def turn_away(request: ChatRequest) -> ChatAnswer:
        raise OverloadedError("busy")

    with records(tmp_path) as journal:
        (result,) = ask(dispatcher_for(Acting(turn_away), journal, max_retries=1), range(1))
        assert result.error is not None
    with records(tmp_path) as journal:
        assert answers_of(ask(dispatcher_for(Acting(), journal), range(1))) == {0: "answer 0"}


def test_the_key_tells_apart_what_is_asked_and_nothing_else() -> None:
    request = ChatRequest((Message("user", "x"),), {"type": "object"}, 0.5, 100, seed=1)
    text = call_text("openai", "m", request)
    others = [
        call_text("mistral", "m", request),
        call_text("openai", "m2", request),
        *(
            call_text("openai", "m", changed)
            for changed in (
                replace(request, messages=(Message("system", "x"),)),
                replace(request, messages=(Message("user", "y"),)),
                replace(request, messages=(Message("user", "x"), Message("assistant", ""))),
                replace(request, schema=None),
                replace(request, schema={"type": "array"}),
                replace(request, temperature=0.6),
                replace(request, max_tokens=101),
                replace(request, seed=None),
                replace(request, repetition=1),
            )
        ),
    ]
    keys = {call_key(other) for other in (text, *others)}
    assert len(keys) == 1 + len(others)
    assert call_text("openai", "m", replace(request)) == text
    assert len(call_key(call_text("openai", "m", replace(request, messages=(Message("user", "\ud800"),))))) == 64


def test_an_answer_is_in_the_journal_before_it_is_handed_out(tmp_path: Path) -> None:
    with records(tmp_path) as journal:
        dispatcher = dispatcher_for(Acting(), journal, concurrency=8)
        for number in range(100):
            dispatcher.submit(number, question(number), "create")
        for _ in range(100):
            result = dispatcher.next_result()
            assert result is not None and result.answer is not None
            found = journal.find(key_of(question(result.ticket)))
            assert isinstance(found, ChatAnswer) and found.text == result.answer.text


def test_a_worker_waits_for_its_answer_s_commit_before_its_next_call(tmp_path: Path) -> None:
    """So a kill re-pays at most the calls in flight."""

    def act(request: ChatRequest) -> ChatAnswer:
        asked = len(client.asked)
        with closing(sqlite3.connect(tmp_path / "x.journal.db")) as reader:
            (answered,) = reader.execute("SELECT count(*) FROM calls WHERE state = 'answered'").fetchone()
        behind.append(asked - answered)
        return echo(request)

    behind: list[int] = []
    with records(tmp_path) as journal:
        client = Acting(act)
        ask(dispatcher_for(client, journal, concurrency=3), range(60))
    assert max(behind) <= 3


def test_requests_that_are_alike_are_paid_once_however_close_they_come(tmp_path: Path) -> None:
    client = Acting()
    with records(tmp_path) as journal:
        dispatcher = dispatcher_for(client, journal, concurrency=4)
        for ticket in range(400):
            dispatcher.submit(ticket, question(ticket // 8), "create")
        results = [within(20, dispatcher.next_result) for _ in range(401)]
    assert results[400] is None
    assert answers_of([r for r in results if r]) == {ticket: f"answer {ticket // 8}" for ticket in range(400)}
    assert sorted(client.numbers) == list(range(50))


class LateFinder(CallRecords):
    """A journal that is still looking when the call it looks for is answered."""

    looked_up = 0

    def find(self, key: str) -> ChatAnswer | LLMError | None:
        found = super().find(key)
        self.looked_up += 1
        if self.looked_up > 1:
            self.meanwhile()
        return found

    def meanwhile(self) -> None:
        """Set by the test."""


def test_a_question_that_is_answered_while_it_is_asked_again_is_paid_once(tmp_path: Path) -> None:
    go = threading.Event()
    client = Acting(lambda request: (go.wait(20), echo(request))[1])
    with records(tmp_path) as plain:
        journal = LateFinder(plain.journal, plain.run_id, plain.provider, plain.model, None)
        dispatcher = dispatcher_for(client, journal)

        def answer() -> None:
            go.set()
            eventually(lambda: plain.find(key_of(question(0))) is not None)
            assert within(20, dispatcher.next_result) is not None

        journal.meanwhile = answer  # type: ignore[method-assign]
        dispatcher.submit(0, question(0), "create")
        dispatcher.submit(1, question(0), "create")
        go.set()
        while within(20, dispatcher.next_result):
            pass
    assert len(client.asked) == 1


def test_verdicts_stand_beside_the_answers(tmp_path: Path) -> None:
    with records(tmp_path) as journal:
        dispatcher = dispatcher_for(Acting(), journal)
        ask(dispatcher, range(2))
        dispatcher.judged(0, "accepted")
        dispatcher.judged(1, "question asked before")
        dispatcher.judged(7, "was never asked")
    with records(tmp_path) as journal:
        calls = [journal.journal.find(key_of(question(number))) for number in range(2)]
    assert [call.verdict for call in calls if call] == ["accepted", "question asked before"]


# What may have been billed


LOST: list[type[LLMError]] = [TimedOutError, ConnectionFailedError]
TURNED_AWAY: list[type[LLMError]] = [OverloadedError, RateLimitedError, BadRequestError, AuthenticationError]


@pytest.mark.parametrize("kind", [*LOST, *TURNED_AWAY])
def test_only_calls_without_a_reply_count_as_possibly_billed(tmp_path: Path, kind: type[LLMError]) -> None:
    def fail(request: ChatRequest) -> ChatAnswer:
        raise kind("failed")

    with records(tmp_path) as journal:
        dispatcher = dispatcher_for(Acting(fail), journal, max_retries=2)
        ask(dispatcher, range(1))
        lost = 3 if kind in LOST else 0
        assert possibly_billed(journal) == dispatcher.stats.possibly_billed == lost
        worst = worst_case_input_tokens(question(0).messages, None) + question(0).max_tokens
        assert dispatcher.budget.spent_tokens == lost * worst


@pytest.mark.parametrize("lost", [Reply(reset=True), Reply("late", delay=30)], ids=["reset", "timeout"])
def test_attempts_that_were_lost_before_the_answer_came_stay_counted(tmp_path: Path, lost: Reply) -> None:
    with StubLLM([lost, lost, Reply(status=429), "text"]) as stub, records(tmp_path) as journal:
        client = OpenAIClient("openai", "stub-model", "sk-canary-key-0003", stub.url, timeout=0.3)
        dispatcher = Dispatcher(client, FlowLimits(), journal, rng=Impatient())
        assert answers_of(ask(dispatcher, range(1))) == {0: "text"}
        (stage,) = journal.journal.spending("run-1")
        client.close()
    assert len(stub.requests) == 4
    assert (stage.stage, stage.calls, stage.possibly_billed) == ("create", 1, 2)


# The end of a run


def test_what_was_in_flight_at_a_fatal_error_is_in_the_journal(tmp_path: Path) -> None:
    together = threading.Barrier(4)

    def act(request: ChatRequest) -> ChatAnswer:
        together.wait(20)
        if number_of(request) == 0:
            raise AuthenticationError("wrong key")
        return echo(request)

    with records(tmp_path) as journal:
        dispatcher = dispatcher_for(Acting(act), journal, concurrency=4)
        for number in range(4):
            dispatcher.submit(number, question(number), "create")
        while not dispatcher.stopped:
            assert within(20, dispatcher.next_result) is not None
        within(20, dispatcher.drain)
        assert [journal.find(key_of(question(n))) is not None for n in range(4)] == [False, True, True, True]
        assert possibly_billed(journal) == 0


def test_what_was_in_flight_at_a_pause_is_in_the_journal(tmp_path: Path) -> None:
    together = threading.Barrier(3)

    def act(request: ChatRequest) -> ChatAnswer:
        together.wait(20)
        if number_of(request) == 0:
            raise RateLimitedError("tomorrow.", retry_after=86_400)
        return echo(request)

    with records(tmp_path) as journal:
        dispatcher = dispatcher_for(Acting(act), journal, concurrency=3)
        for number in range(3):
            dispatcher.submit(number, question(number), "create")
        with pytest.raises(RunPausedError):
            while within(20, dispatcher.next_result):
                pass
        assert [journal.find(key_of(question(n))) is not None for n in range(3)] == [False, True, True]


def test_an_answer_that_comes_after_the_grace_is_still_written(tmp_path: Path) -> None:
    go = threading.Event()
    client = Acting(lambda request: (go.wait(20), echo(request))[1])
    with records(tmp_path) as journal:
        dispatcher = dispatcher_for(client, journal, grace=0.0)
        dispatcher.submit(0, question(0), "create")
        eventually(lambda: bool(client.asked))
        dispatcher.stop()
        assert within(20, dispatcher.next_result) is None
        go.set()
        eventually(lambda: journal.find(key_of(question(0))) is not None)


# When the journal fails


def test_a_journal_that_is_closed_under_the_run_ends_it(tmp_path: Path) -> None:
    go = threading.Event()

    def act(request: ChatRequest) -> ChatAnswer:
        assert number_of(request) < 20 or go.wait(20)
        return echo(request)

    with records(tmp_path) as journal:
        dispatcher = dispatcher_for(Acting(act), journal, concurrency=4)
        for number in range(100):
            dispatcher.submit(number, question(number), "create")
        results = [within(20, dispatcher.next_result) for _ in range(20)]
        journal.journal.close()
        go.set()
        with pytest.raises(PersistenceError, match="resume"):
            within(20, dispatcher.next_result)
        assert dispatcher.in_flight == 0
        within(20, dispatcher.drain)
    with records(tmp_path) as journal:
        assert all(journal.find(key_of(question(result.ticket))) for result in results if result)


def test_a_full_disk_ends_the_run_and_keeps_what_was_handed_out(tmp_path: Path) -> None:
    results: list[Result] = []
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with records(tmp_path) as journal:
            client = Acting(lambda request: say("x" * 20_000))
            dispatcher = dispatcher_for(client, journal, concurrency=4)
            for number in range(200):
                dispatcher.submit(number, question(number), "create")
            resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, before[1]))
            with pytest.raises(PersistenceError):
                while result := within(20, dispatcher.next_result):
                    results.append(result)
            assert dispatcher.in_flight == 0
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert 0 < len(answers_of(results)) <= len(client.asked) < 200
    with records(tmp_path) as journal:
        assert all(journal.find(key_of(question(result.ticket))) for result in results)


@dataclass(frozen=True)
class Note:
    """A receipt that is good, or not, once all have come so far."""

    gate: threading.Barrier | None = None
    error: BaseException | None = None

    def wait(self) -> None:
        if self.gate is not None:
            self.gate.wait(20)
        if self.error is not None:
            raise self.error


class Forgetful:
    """A journal in memory that cannot write down the answers to some questions."""

    def __init__(self, broken: Sequence[int], error: BaseException, gate: threading.Barrier | None) -> None:
        self._broken, self._error, self._gate = broken, error, gate

    def find(self, key: str) -> None:
        return None

    def sent(self, call: Call) -> Note:
        return Note()

    def answered(self, call: Call, answer: ChatAnswer, seconds: float) -> Note:
        return Note(self._gate, self._error if number_of(call.request) in self._broken else None)

    def failed(self, call: Call, error: LLMError) -> Note:
        return Note()

    def not_billed(self, call: Call) -> Note:
        return Note(None, self._error if number_of(call.request) in self._broken else None)

    def judged(self, key: str, verdict: str) -> None:
        """Is forgotten."""


@pytest.mark.parametrize("error", [PersistenceError("disk full"), MemoryError("no room")], ids=["full", "memory"])
@pytest.mark.parametrize("broken", [[0], [2], [0, 1, 2, 3]], ids=str)
def test_a_row_that_cannot_be_written_ends_the_run_and_the_others_are_handed_out(
    error: BaseException, broken: list[int]
) -> None:
    together = threading.Barrier(4)
    client = Acting(lambda request: (together.wait(20), echo(request))[1])
    dispatcher = Dispatcher(client, FlowLimits(concurrency=4), Forgetful(broken, error, threading.Barrier(4)))
    for number in range(4):
        dispatcher.submit(number, question(number))
    results: list[Result] = []
    with pytest.raises(PersistenceError):
        while result := within(20, dispatcher.next_result):
            results.append(result)
    assert {result.ticket for result in results} == {0, 1, 2, 3} - set(broken)
    assert dispatcher.in_flight == 0
    within(20, dispatcher.drain)


def test_a_journal_that_cannot_note_a_rejection_ends_the_run() -> None:
    def turn_away(request: ChatRequest) -> ChatAnswer:
        raise OverloadedError("busy")

    journal = Forgetful([0], PersistenceError("disk full"), None)
    dispatcher = Dispatcher(Acting(turn_away), FlowLimits(concurrency=1), journal)
    dispatcher.submit(0, question(0))
    with pytest.raises(PersistenceError, match="disk full"):
        within(20, dispatcher.next_result)
    assert dispatcher.in_flight == 0


# Workers that die or hang


def test_a_worker_s_death_leaves_its_call_possibly_billed(tmp_path: Path) -> None:
    def act(request: ChatRequest) -> ChatAnswer:
        if len(client.asked) == 1:
            raise SystemExit
        return echo(request)

    client = Acting(act)
    with records(tmp_path) as journal:
        assert answers_of(within(20, lambda: ask(dispatcher_for(client, journal), range(1)))) == {0: "answer 0"}
        assert possibly_billed(journal) == 1


def test_a_worker_that_hangs_is_replaced_and_its_late_answer_is_written_once(tmp_path: Path) -> None:
    first, go, back = threading.Event(), threading.Event(), threading.Event()

    def act(request: ChatRequest) -> ChatAnswer:
        if not first.is_set():
            first.set()
            assert go.wait(20)
            back.set()
            return say("the late answer")
        return echo(request)

    clock, client = Clock(), Acting(act)
    with records(tmp_path) as journal:
        dispatcher = Dispatcher(client, FlowLimits(timeout=60), journal, clock=clock, rng=Impatient())
        dispatcher.submit(0, question(0), "create")
        assert first.wait(20)
        clock.now = PATIENCE_IN_TIMEOUTS * 60 + STALL_MARGIN + 1
        assert answers_of([within(20, dispatcher.next_result)]) == {0: "answer 0"}  # type: ignore[list-item]
        assert (dispatcher.stats.replaced_workers, dispatcher.in_flight, len(client.asked)) == (1, 0, 2)
        assert possibly_billed(journal) == 1
        go.set()
        eventually(lambda: back.is_set() and possibly_billed(journal) == 0)
        assert within(20, dispatcher.next_result) is None  # it is not handed out a second time
        found = journal.journal.find(key_of(question(0)))
    assert found is not None and (found.text, found.times_sent) == ("answer 0", 2)


def test_a_late_failure_of_a_worker_that_was_given_up_changes_nothing(tmp_path: Path) -> None:
    go, back = threading.Event(), threading.Event()

    def act(request: ChatRequest) -> ChatAnswer:
        if len(client.asked) == 1:
            assert go.wait(20)
            back.set()
            raise AuthenticationError("wrong key")
        return echo(request)

    clock, client = Clock(), Acting(act)
    with records(tmp_path) as journal:
        dispatcher = Dispatcher(client, FlowLimits(), journal, clock=clock, rng=Impatient())
        dispatcher.submit(0, question(0), "create")
        eventually(lambda: bool(client.asked))
        clock.now = 200.0
        assert within(20, dispatcher.next_result) is not None
        spent = dispatcher.budget.spent_tokens
        go.set()
        eventually(lambda: back.is_set() and possibly_billed(journal) == 0)
        assert answers_of(within(20, lambda: ask(dispatcher, range(1, 9)))).keys() == set(range(1, 9))
        assert (dispatcher.in_flight, dispatcher.stopped) == (0, False)
        assert dispatcher.budget.spent_tokens == spent + 8 * 15


def test_the_late_answer_counts_where_no_other_came(tmp_path: Path) -> None:
    go = threading.Event()

    def act(request: ChatRequest) -> ChatAnswer:
        if len(client.asked) == 1:
            assert go.wait(20)
            return say("the late answer")
        raise OverloadedError("busy")

    clock, client = Clock(), Acting(act)
    with records(tmp_path) as journal:
        dispatcher = Dispatcher(client, FlowLimits(max_retries=1), journal, clock=clock, rng=Impatient())
        dispatcher.submit(0, question(0), "create")
        eventually(lambda: bool(client.asked))
        clock.now = 200.0
        result = within(20, dispatcher.next_result)
        assert result is not None and isinstance(result.error, OverloadedError)
        go.set()
        eventually(lambda: journal.find(key_of(question(0))) is not None)
    again = Acting()
    with records(tmp_path) as journal:
        assert answers_of(ask(dispatcher_for(again, journal), range(1))) == {0: "the late answer"}
    assert again.asked == []


def test_a_run_in_which_nothing_ends_any_more_ends_resumable_and_its_late_answers_are_written(tmp_path: Path) -> None:
    go, clock = threading.Event(), Clock()
    client = Acting(lambda request: (go.wait(20), echo(request))[1])
    with records(tmp_path) as journal:
        dispatcher = Dispatcher(client, FlowLimits(concurrency=3, timeout=60, max_wait=300), journal, clock=clock)
        for number in range(9):
            dispatcher.submit(number, question(number), "create")
        eventually(lambda: len(client.asked) == 3)
        clock.now = 60 + 300 + STALL_MARGIN + 1
        with pytest.raises(RunPausedError, match=r"No call ended for 391 s\..*resume"):
            within(20, dispatcher.next_result)
        assert dispatcher.in_flight == 0
        within(20, dispatcher.drain)
        dispatcher.close()
        go.set()
        eventually(lambda: all(journal.find(key_of(question(n))) for n in range(3)))
    assert len(client.asked) == 3
