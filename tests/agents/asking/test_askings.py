"""Many questions at once: each outcome under its number, and a reason where there is none."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from src.agents.asking.askings import CALL_FAILED, Askings, gather
from src.agents.asking.exchange import Asking, Rejection, ask
from src.errors import (
    AuthenticationError,
    BadRequestError,
    ContentRefusedError,
    ContextTooLongError,
    LLMError,
    MalformedAnswerError,
    OverloadedError,
)
from src.providers.clients.chat_client import ChatAnswer, ChatRequest
from src.providers.clients.flow.call_journal import call_key, call_text
from src.records import Message
from tests.agents.asking.support import asking, number_in, plain, request_for, shuffled
from tests.providers.clients.flow.support import Acting, dispatcher_for, eventually, records, say, within

Outcome = str | Rejection
SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


def questions(count: int) -> list[Asking[Outcome]]:
    return [asking(f"number {number}") for number in range(count)]


def raising(kind: type[LLMError], bad: int) -> Callable[[ChatRequest], ChatAnswer]:
    def act(request: ChatRequest) -> ChatAnswer:
        if number_in(request) == bad:
            raise kind("no.")
        return plain(request)

    return act


def json_asking(number: int) -> Asking[Outcome]:
    request = ChatRequest((Message("user", f"number {number}"),), SCHEMA, max_tokens=20)
    reply = yield from ask(request)
    return str(reply.values)


def test_outcomes_come_back_in_the_order_of_the_questions() -> None:
    dispatcher = dispatcher_for(shuffled(plain, 1), concurrency=16)
    assert gather(dispatcher, "s", questions(100)) == [f"text {number}" for number in range(100)]


def test_nothing_to_ask_is_answered_at_once() -> None:
    assert gather(dispatcher_for(Acting()), "s", []) == []


def test_a_question_that_needs_no_call_is_answered_too() -> None:
    def known() -> Asking[Outcome]:
        return "known"
        yield request_for("never")

    client = Acting(plain)
    askings = [known(), asking("number 1"), known()]
    assert gather(dispatcher_for(client), "s", askings) == ["known", "text 1", "known"]
    assert len(client.asked) == 1


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (ContentRefusedError, "model declined"),
        (ContextTooLongError, "passage too long for the model"),
        (OverloadedError, CALL_FAILED),
        (MalformedAnswerError, CALL_FAILED),  # of a call: a host that answers with no chat completion
    ],
)
def test_a_call_that_fails_is_a_rejection_with_its_reason_and_the_others_go_on(
    kind: type[LLMError], reason: str
) -> None:
    dispatcher = dispatcher_for(Acting(raising(kind, bad=2)), concurrency=4, max_retries=0)
    outcomes = gather(dispatcher, "s", questions(6))
    rejection = outcomes[2]
    assert isinstance(rejection, Rejection) and rejection.reason == reason
    assert isinstance(rejection.error, kind) == (reason == CALL_FAILED)
    assert [outcome for outcome in outcomes if outcome != rejection] == [f"text {n}" for n in (0, 1, 3, 4, 5)]


def test_a_malformed_answer_is_the_model_s_and_no_failed_call() -> None:
    (rejection,) = gather(dispatcher_for(Acting(lambda _: say("no JSON"))), "s", [json_asking(0)])
    assert rejection == Rejection("answer malformed twice")


@pytest.mark.parametrize("kind", [AuthenticationError, BadRequestError])
def test_what_makes_going_on_senseless_is_raised(kind: type[LLMError]) -> None:
    dispatcher = dispatcher_for(Acting(raising(kind, bad=2)), concurrency=1)
    with pytest.raises(kind):
        gather(dispatcher, "s", questions(6))


def test_what_a_stop_left_unanswered_is_none() -> None:
    client = Acting()

    def act(request: ChatRequest) -> ChatAnswer:
        if number_in(request) == 3:
            dispatcher.stop()
        return plain(request)

    client = Acting(act)
    dispatcher = dispatcher_for(client, concurrency=1)
    outcomes = within(20, lambda: gather(dispatcher, "s", questions(50)))
    assert len(outcomes) == 50
    done = len(client.asked)  # a call that was handed over already may have followed
    assert outcomes[:done] == [f"text {number}" for number in range(done)] and set(outcomes[done:]) == {None}
    assert 4 <= done <= 5


def test_before_the_first_question_a_stop_leaves_all_unanswered() -> None:
    dispatcher = dispatcher_for(Acting())
    dispatcher.stop()
    assert gather(dispatcher, "s", questions(3)) == [None, None, None]


def test_a_question_that_is_asked_again_goes_before_the_new_ones() -> None:
    go = threading.Event()

    def act(request: ChatRequest) -> ChatAnswer:
        again = "not accepted" in request.messages[-1].content
        if number_in(request) == 1:
            assert go.wait(20)
        return say("{}" if number_in(request) or again else "no JSON")

    client = Acting(act)
    dispatcher = dispatcher_for(client, concurrency=1)
    run: Askings[str] = Askings(dispatcher, "s")
    for number in range(9):
        run.start(number, json_asking(number))

    def is_queued_again() -> bool:
        return len(client.asked) == 2 and len(dispatcher._desk.queue) == 8

    def all_outcomes() -> list[int]:
        # Number 1 is held until the answer of 0 was looked at and its second question stands in the queue.
        threading.Timer(0.0, lambda: (eventually(is_queued_again), go.set())).start()
        return [number for number, _ in iter(run.next_outcome, None)]  # type: ignore[misc]

    assert sorted(within(20, all_outcomes)) == list(range(9))
    assert [number_in(request) for request in client.asked][:3] == [0, 1, 0]


def test_what_became_of_an_answer_is_written_beside_it(tmp_path: Path) -> None:
    request = ChatRequest((Message("user", "number 0"),), SCHEMA, max_tokens=20)
    with records(tmp_path) as journal:
        client = Acting(lambda asked: say("no JSON" if asked == request else "{}"))
        run: Askings[str] = Askings(dispatcher_for(client, journal), "s")
        run.start(0, json_asking(0))
        assert run.next_outcome() == (0, "{}")
        run.dispatcher.judged(0, "accepted")
        again = client.asked[1]
    with records(tmp_path) as journal:
        verdicts = []
        for asked in (request, again):
            call = journal.journal.find(call_key(call_text("openai", "stub-model", asked)))
            assert call is not None
            verdicts.append(call.verdict)
    assert verdicts == ["asked again", "accepted"]
