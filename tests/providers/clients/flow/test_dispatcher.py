"""Calls are asked again, paced, stopped and ended as they should be, and each is handed out exactly once."""

from __future__ import annotations

import random
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from src.errors import (
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    LLMError,
    MalformedAnswerError,
    OverloadedError,
    PermissionDeniedError,
    QuotaExhaustedError,
    RateLimitedError,
    RunPausedError,
    TimedOutError,
)
from src.providers.clients.chat_client import ChatAnswer, ChatRequest
from src.providers.clients.flow.backoff import FIRST_WAIT, LONGEST_WAIT, wait_before_retry
from src.providers.clients.flow.dispatcher import Dispatcher
from src.providers.clients.flow.flow_records import FlowLimits, Result
from src.providers.clients.openai_client import OpenAIClient
from tests.providers.clients.flow.support import (
    Acting,
    Impatient,
    answers_of,
    ask,
    dispatcher_for,
    echo,
    number_of,
    question,
    say,
    within,
)
from tests.providers.clients.stub_llm import Reply, Script, StubLLM

AT_ONCE = {"Retry-After": "0"}
QUOTA = {"code": "insufficient_quota", "message": "You exceeded your current quota"}


@contextmanager
def wire(script: Script | list[Reply | str], timeout: float = 5.0) -> Iterator[tuple[OpenAIClient, StubLLM]]:
    with StubLLM(script) as stub:
        client = OpenAIClient("openai", "stub-model", "sk-canary-key-0002", stub.url, timeout=timeout)
        yield client, stub
        client.close()


def over_the_wire(client: OpenAIClient, **limits: float) -> Dispatcher:
    return Dispatcher(client, FlowLimits(**limits), rng=Impatient())  # type: ignore[arg-type]


def text_of(request: dict[str, object]) -> str:
    return str(request["messages"][-1]["content"])  # type: ignore[index]


# Asking again


FAILURES = {
    "429": Reply(status=429),
    "429 with Retry-After": Reply(status=429, headers=AT_ONCE),
    "500": Reply(status=500),
    "529": Reply(status=529),
    "reset": Reply(reset=True),
    "no JSON": Reply(body=b"<html>"),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_what_may_pass_is_asked_again_with_one_request_an_attempt(failure: Reply) -> None:
    with wire([failure, failure, "fine"]) as (client, stub):
        dispatcher = over_the_wire(client, max_retries=2)
        assert answers_of(ask(dispatcher, range(1))) == {0: "fine"}
        assert len(stub.requests) == 3
        assert stub.requests[0] == stub.requests[2]
        assert (dispatcher.stats.retries, dispatcher.stats.calls) == (2, 1)


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_what_does_not_pass_is_given_up_after_the_retries(failure: Reply) -> None:
    with wire(lambda _: failure) as (client, stub):
        (result,) = ask(over_the_wire(client, max_retries=2), range(1))
        assert len(stub.requests) == 3
    assert result.error is not None and "Asked 3 times." in str(result.error)
    assert result.answer is None and "canary" not in str(result.error)


def test_a_timeout_is_asked_again() -> None:
    with wire([Reply("late", delay=30), "in time"], timeout=0.2) as (client, stub):
        dispatcher = over_the_wire(client)
        assert answers_of(ask(dispatcher, range(1))) == {0: "in time"}
        assert len(stub.requests) == 2 and dispatcher.stats.possibly_billed == 1


def test_without_retries_one_attempt_is_made_and_not_counted_aloud() -> None:
    with wire(lambda _: Reply(status=503)) as (client, stub):
        (result,) = ask(over_the_wire(client, max_retries=0), range(1))
        assert len(stub.requests) == 1
    assert isinstance(result.error, OverloadedError) and "Asked" not in str(result.error)


@pytest.mark.parametrize("status", [400, 422])
def test_what_the_host_rejects_is_not_asked_again(status: int) -> None:
    with wire(lambda _: Reply(status=status)) as (client, stub):
        (result,) = ask(over_the_wire(client), range(1))
        assert len(stub.requests) == 1
    assert isinstance(result.error, BadRequestError)


def test_other_calls_go_on_while_one_waits_for_its_retry() -> None:
    order: list[int] = []

    def act(request: ChatRequest) -> ChatAnswer:
        number = number_of(request)
        order.append(number)
        if order.count(0) == 1 and number == 0:
            raise RateLimitedError("slow down", retry_after=0.3)
        return echo(request)

    results = ask(dispatcher_for(Acting(act), concurrency=1), range(20))
    assert len(answers_of(results)) == 20
    assert order[0] == 0 and order.index(1) == 1  # it did not hold up the next
    assert Counter(order)[0] == 2


def test_a_retry_goes_before_what_was_queued_after_it() -> None:
    def act(request: ChatRequest) -> ChatAnswer:
        if client.numbers == [0]:
            raise OverloadedError("busy")
        return echo(request)

    client = Acting(act)
    ask(dispatcher_for(client, concurrency=1), range(5))
    assert client.numbers.index(0, 1) <= 2


def test_the_backoff_is_drawn_below_a_bound_that_doubles_and_a_named_wait_is_kept() -> None:
    rng = random.Random(5)
    for attempt in range(21):
        bound = min(LONGEST_WAIT, FIRST_WAIT * 2**attempt)
        waits = [wait_before_retry(attempt, None, rng) for _ in range(200)]
        assert 0 <= min(waits) < bound / 4 and 0.75 * bound < max(waits) <= bound
        assert wait_before_retry(attempt, 7.5, rng) == 7.5


# Errors that end a run


FATAL: dict[type[LLMError], Reply] = {
    AuthenticationError: Reply(status=401),
    PermissionDeniedError: Reply(status=403),
    QuotaExhaustedError: Reply(status=429, error=QUOTA, headers={"Retry-After": "9999"}),
}


@pytest.mark.parametrize(("kind", "reply"), FATAL.items(), ids=[kind.__name__ for kind in FATAL])
def test_a_fatal_error_stops_the_run_at_once(kind: type[LLMError], reply: Reply) -> None:
    with wire(lambda _: reply) as (client, stub):
        dispatcher = over_the_wire(client, concurrency=1)
        for number in range(10):
            dispatcher.submit(number, question(number))
        result = dispatcher.next_result()
        assert result is not None and isinstance(result.error, kind)
        assert "Asked" not in str(result.error)
        assert dispatcher.stopped and not dispatcher.wants_more()
        dispatcher.drain()
        assert len(stub.requests) == 1


def test_a_fatal_error_is_no_pause_whatever_wait_it_names() -> None:
    def act(request: ChatRequest) -> ChatAnswer:
        raise QuotaExhaustedError("no credit left.", retry_after=86_400)

    (result,) = ask(dispatcher_for(Acting(act), max_wait=300), range(1))
    assert isinstance(result.error, QuotaExhaustedError)


def test_after_a_fatal_error_the_calls_in_flight_are_waited_for_and_no_new_one_is_made() -> None:
    others = threading.Barrier(4)

    def act(request: ChatRequest) -> ChatAnswer:
        others.wait(20)
        if number_of(request) == 2:
            raise AuthenticationError("wrong key")
        return echo(request)

    client = Acting(act)
    dispatcher = dispatcher_for(client, concurrency=4)
    for number in range(4):
        dispatcher.submit(number, question(number))
    results = [within(20, dispatcher.next_result) for _ in range(4)]
    assert {r.ticket for r in results if r and r.answer} == {0, 1, 3}
    dispatcher.submit(9, question(9))
    assert within(20, dispatcher.next_result) is None
    assert sorted(client.numbers) == [0, 1, 2, 3]


def test_a_wait_longer_than_the_user_allows_pauses_the_run_after_the_calls_in_flight() -> None:
    released = threading.Event()

    def act(request: ChatRequest) -> ChatAnswer:
        if number_of(request) == 0:
            released.set()
            raise RateLimitedError("come back tomorrow.", retry_after=3_600)
        assert released.wait(20)
        return echo(request)

    client = Acting(act)
    dispatcher = dispatcher_for(client, concurrency=3, max_wait=300)
    for number in range(20):
        dispatcher.submit(number, question(number))
    results: list[Result] = []

    def work() -> None:
        while (result := dispatcher.next_result()) is not None:
            results.append(result)

    with pytest.raises(RunPausedError, match=r"3,600 s, longer than system\.max_wait \(300 s\).*resume") as caught:
        within(20, work)
    assert isinstance(caught.value.__cause__, RateLimitedError)
    assert len(answers_of(results)) == len(client.asked) - 1 and dispatcher.in_flight == 0
    with pytest.raises(RunPausedError):  # and it stays so
        dispatcher.next_result()
    dispatcher.drain()
    assert not dispatcher.stats.calls - len(results)


def test_a_wait_of_the_wire_longer_than_allowed_pauses_too() -> None:
    late = Reply(status=503, headers={"Retry-After": "7200"})
    with wire([late]) as (client, _), pytest.raises(RunPausedError, match="7,200 s"):
        ask(over_the_wire(client), range(1))


# Stopping


def test_after_stop_nothing_new_is_sent_and_what_is_in_flight_is_kept() -> None:
    both, go = threading.Barrier(3), threading.Event()

    def act(request: ChatRequest) -> ChatAnswer:
        both.wait(20)
        assert go.wait(20)
        return echo(request)

    client = Acting(act)
    dispatcher = dispatcher_for(client, concurrency=2)
    for number in range(10):
        dispatcher.submit(number, question(number))
    both.wait(20)
    assert dispatcher.in_flight == 2
    dispatcher.stop()
    dispatcher.stop()
    go.set()
    results = [within(20, dispatcher.next_result) for _ in range(3)]
    assert sorted(r.ticket for r in results if r) == sorted(client.numbers) == [0, 1]
    assert results[2] is None


def test_after_the_grace_a_stopped_run_ends_although_a_call_is_in_flight() -> None:
    go = threading.Event()
    client = Acting(lambda request: (go.wait(20), echo(request))[1])
    dispatcher = dispatcher_for(client, grace=0.0)
    dispatcher.submit(0, question(0))
    dispatcher.stop()
    assert within(20, dispatcher.next_result) is None
    assert dispatcher.in_flight == 1
    go.set()


def test_drain_returns_when_the_calls_in_flight_have_ended() -> None:
    started, go = threading.Semaphore(0), threading.Event()

    def act(request: ChatRequest) -> ChatAnswer:
        started.release()
        assert go.wait(20)
        return echo(request)

    dispatcher = dispatcher_for(Acting(act), concurrency=3)
    for number in range(9):
        dispatcher.submit(number, question(number))
    for _ in range(3):
        assert started.acquire(timeout=20)
    dispatcher.stop()
    go.set()
    within(20, dispatcher.drain)
    assert dispatcher.in_flight == 0 and dispatcher.stats.calls == 3


def test_close_ends_the_workers_and_may_be_called_twice() -> None:
    before = set(threading.enumerate())
    dispatcher = dispatcher_for(Acting(), concurrency=5)
    ask(dispatcher, range(30))
    workers = [t for t in set(threading.enumerate()) - before if t.name == "llm-worker"]
    assert 1 <= len(workers) <= 5
    dispatcher.close()
    dispatcher.close()
    for thread in workers:
        thread.join(20)
        assert not thread.is_alive()


# Exactly once, whatever the timing


@pytest.mark.parametrize("concurrency", [1, 4, 50])
def test_two_thousand_instant_calls_are_each_handed_out_exactly_once(concurrency: int) -> None:
    client = Acting()
    dispatcher = dispatcher_for(client, concurrency=concurrency)
    results = within(60, lambda: ask(dispatcher, range(2_000)))
    assert answers_of(results) == {number: f"answer {number}" for number in range(2_000)}
    assert len(client.asked) == 2_000 and client.most_at_once <= concurrency
    assert (dispatcher.in_flight, dispatcher.stats.calls) == (0, 2_000)
    dispatcher.close()


def test_none_means_that_nothing_is_under_way_however_the_threads_are_switched() -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        dispatcher = dispatcher_for(Acting(), concurrency=4)
        for number in range(0, 1_500, 3):
            for ticket in (number, number + 1, number + 2):
                dispatcher.submit(ticket, question(ticket))
            found = sorted(r.ticket for r in iter(lambda: within(20, dispatcher.next_result), None) if r)
            assert found == [number, number + 1, number + 2]
        dispatcher.close()
    finally:
        sys.setswitchinterval(before)


def test_requests_that_are_alike_share_one_call() -> None:
    go = threading.Event()
    client = Acting(lambda request: (go.wait(20), echo(request))[1])
    dispatcher = dispatcher_for(client, concurrency=4)
    for ticket in range(6):
        dispatcher.submit(ticket, question(7))
    go.set()
    results = [within(20, dispatcher.next_result) for _ in range(7)]
    assert results[6] is None
    assert answers_of([r for r in results if r]) == dict.fromkeys(range(6), "answer 7")
    assert len(client.asked) == 1


def test_first_goes_before_the_rest() -> None:
    go = threading.Event()
    client = Acting(lambda request: (go.wait(20), echo(request))[1])
    dispatcher = dispatcher_for(client, concurrency=1)
    for number in range(4):
        dispatcher.submit(number, question(number))
    dispatcher.submit(9, question(9), first=True)
    go.set()
    for _ in range(5):
        within(20, dispatcher.next_result)
    assert client.numbers == [0, 9, 1, 2, 3]


def test_after_429s_without_headers_fewer_calls_are_made_at_once() -> None:
    seen: list[int] = []

    def act(request: ChatRequest) -> ChatAnswer:
        seen.append(dispatcher.in_flight)
        if len(seen) <= 8:
            raise RateLimitedError("slow down")
        return echo(request)

    dispatcher = dispatcher_for(Acting(act), concurrency=8, max_retries=9)
    assert len(answers_of(within(30, lambda: ask(dispatcher, range(40))))) == 40
    assert max(seen[16:]) <= 7 and dispatcher.stats.rate_limited == 8


def test_headers_of_the_wire_set_the_pace() -> None:
    headers = {"x-ratelimit-limit-requests": "600", "x-ratelimit-remaining-requests": "2"}
    with wire(lambda _: Reply("ok", headers=headers)) as (client, stub):
        dispatcher = over_the_wire(client, concurrency=8)
        dispatcher.submit(0, question(0))
        assert dispatcher.next_result() is not None
        for number in range(1, 9):
            dispatcher.submit(number, question(number))
        assert dispatcher.in_flight < 8  # two are left at the host
        dispatcher.drain()
        assert len(stub.requests) < 9


# Workers


DEADLY = [MemoryError("no room"), KeyError("k"), SystemExit(3), RecursionError(), KeyboardInterrupt()]


@pytest.mark.parametrize("death", DEADLY, ids=lambda death: type(death).__name__)
def test_a_worker_that_dies_is_replaced_and_its_call_made_again(death: BaseException) -> None:
    def act(request: ChatRequest) -> ChatAnswer:
        if client.numbers.count(3) == 1 and number_of(request) == 3:
            raise death
        return echo(request)

    client = Acting(act)
    dispatcher = dispatcher_for(client, concurrency=2)
    assert len(answers_of(within(20, lambda: ask(dispatcher, range(8))))) == 8
    assert Counter(client.numbers)[3] == 2
    assert (dispatcher.stats.replaced_workers, dispatcher.stats.possibly_billed, dispatcher.in_flight) == (1, 1, 0)


def test_a_call_that_kills_every_worker_is_given_up_and_says_why() -> None:
    def act(request: ChatRequest) -> ChatAnswer:
        if number_of(request) == 3:
            raise KeyError("stub")
        return echo(request)

    dispatcher = dispatcher_for(Acting(act), concurrency=2, max_retries=3)
    results = within(20, lambda: ask(dispatcher, range(8)))
    (error,) = [result.error for result in results if result.error]
    assert isinstance(error, TimedOutError) and "KeyError: 'stub'" in str(error) and "Asked 4 times." in str(error)
    assert len(results) == 8 and dispatcher.stats.replaced_workers == 4


def test_the_last_worker_s_death_leaves_nothing_behind() -> None:
    deaths = 0

    def act(request: ChatRequest) -> ChatAnswer:
        nonlocal deaths
        if deaths < 10:
            deaths += 1
            raise SystemExit
        return echo(request)

    dispatcher = dispatcher_for(Acting(act), concurrency=1, max_retries=10)
    assert len(answers_of(within(20, lambda: ask(dispatcher, range(3))))) == 3


def test_fewer_threads_than_wanted_do_the_work() -> None:
    held, go = threading.Event(), threading.Event()

    def act(request: ChatRequest) -> ChatAnswer:
        held.set()
        assert go.wait(20)
        return echo(request)

    client = Acting(act)
    dispatcher = dispatcher_for(client, concurrency=4)
    dispatcher.submit(0, question(0))
    assert held.wait(20)
    before = threading.stack_size(1 << 45)  # more than any machine has: no thread can be started
    try:
        for number in range(1, 9):
            dispatcher.submit(number, question(number))
    finally:
        threading.stack_size(before)
    go.set()
    results = [within(20, dispatcher.next_result) for _ in range(9)]
    assert sorted(r.ticket for r in results if r) == list(range(9))


INJECTED: list[type[BaseException]] = [
    KeyError, MemoryError, SystemExit, ValueError,
    TimedOutError, OverloadedError, RateLimitedError, ConnectionFailedError, MalformedAnswerError,
]  # fmt: skip


@pytest.mark.parametrize("seed", range(50))
def test_whatever_goes_wrong_at_random_every_call_is_answered(seed: int) -> None:
    rng, lock = random.Random(seed), threading.Lock()

    def act(request: ChatRequest) -> ChatAnswer:
        with lock:
            bad = rng.random() < 0.3
            kind = rng.choice(INJECTED)
        if bad:
            raise kind("injected")
        return echo(request)

    limits = FlowLimits(concurrency=rng.choice([1, 2, 5, 16]), max_retries=200)
    dispatcher = Dispatcher(Acting(act), limits, rng=Impatient())
    assert len(answers_of(within(30, lambda: ask(dispatcher, range(40))))) == 40
    assert dispatcher.in_flight == 0 and dispatcher.budget.reserved_tokens == 0
    dispatcher.close()


def test_figures_are_counted() -> None:
    answers = iter([say("a", 10, 5), say("b", 20, None), say("c", None, 7)])
    dispatcher = dispatcher_for(Acting(lambda _: next(answers)), concurrency=1)
    ask(dispatcher, range(3))
    stats = dispatcher.stats
    assert (stats.calls, stats.input_tokens, stats.output_tokens, stats.without_figures) == (3, 30, 12, 1)
