"""Which call may go when: one after the other, retries in between, and none before its time."""

from __future__ import annotations

import pytest

from src.errors import RateLimitedError
from src.providers.clients.chat_client import ChatAnswer, RateLimits, Usage
from src.providers.clients.flow.call_journal import Call
from src.providers.clients.flow.call_queue import CallQueue
from src.providers.clients.flow.flow_records import FlowLimits
from tests.providers.clients.flow.support import question


def call(number: int) -> Call:
    return Call(number, f"k{number}", "create", question(number), worst_input=1_200)


def queue_of(count: int, limits: FlowLimits | None = None) -> CallQueue:
    queue = CallQueue(limits or FlowLimits(concurrency=2))
    for number in range(count):
        queue.add(call(number), first=False)
    return queue


def sent(queue: CallQueue, now: float, in_flight: int = 0) -> list[int]:
    tickets = []
    while queue.due(now, in_flight + len(tickets)):
        tickets.append(queue.take(now).ticket)
    return tickets


def test_no_more_than_the_concurrency_go_at_once() -> None:
    queue = queue_of(5)
    assert sent(queue, now=0.0) == [0, 1]
    assert sent(queue, now=0.0, in_flight=1) == [2]
    assert len(queue) == 2 and not queue.is_empty
    assert queue.wake is None  # only an answer changes anything


def test_a_retry_goes_when_its_time_has_come_and_before_the_others() -> None:
    queue = queue_of(2)
    queue.add_later(call(9), 5.0)
    queue.add_later(call(8), 4.0)
    assert queue.due(3.0, in_flight=2) is None and queue.wake == 4.0
    assert sent(queue, now=4.0) == [8, 0]
    assert sent(queue, now=5.0) == [9, 1]
    assert queue.is_empty


def test_a_429_with_a_long_wait_is_meant_for_everybody() -> None:
    queue = queue_of(3)
    queue.rate_limited(RateLimitedError("slow down", retry_after=6.0), now=10.0)
    assert queue.due(15.9, 0) is None and queue.wake == pytest.approx(16.0)
    assert sent(queue, now=16.0) == [0]  # and after the 429 one less at once


def test_a_429_with_a_short_wait_holds_up_its_own_call_only() -> None:
    queue = queue_of(3)
    queue.rate_limited(RateLimitedError("slow down", retry_after=2.0), now=10.0)
    assert sent(queue, now=10.0) == [0]


def test_the_wait_for_everybody_is_never_longer_than_the_user_allows() -> None:
    queue = queue_of(1, FlowLimits(max_wait=30.0))
    queue.rate_limited(RateLimitedError("tomorrow", retry_after=86_400.0), now=0.0)
    assert sent(queue, now=30.0) == [0]


def test_where_headers_tell_the_pace_a_429_cuts_no_concurrency_but_empties_the_bucket() -> None:
    queue = queue_of(20, FlowLimits(concurrency=8))
    assert len(sent(queue, now=0.0)) == 8
    answer = ChatAnswer("x", "stop", Usage(), "m", RateLimits(requests_limit=6_000, requests_remaining=5_000))
    queue.answered(call(0), answer, now=0.1)
    queue.rate_limited(RateLimitedError("slow down"), now=0.2)
    assert queue.due(0.2, 0) is None and queue.wake is not None
    assert len(sent(queue, now=1.2)) == 8


def test_the_pace_of_tokens_counts_the_prompt_and_the_room_for_the_answer() -> None:
    queue = queue_of(3, FlowLimits(concurrency=8, tokens_per_minute=3_500))  # 350 at once; a call is 300 and 50
    assert sent(queue, now=0.0) == [0]
    assert queue.wake == pytest.approx(6.0)
    assert sent(queue, now=6.1) == [1]


def test_at_a_host_without_headers_a_call_that_was_turned_away_keeps_its_place() -> None:
    queue = queue_of(20, FlowLimits(concurrency=8))
    for _ in range(5):
        queue.rate_limited(RateLimitedError("no", retry_after=1.0), now=10.0)
    assert len(sent(queue, now=10.5)) == 3 and queue.wake == pytest.approx(11.0)
    assert len(sent(queue, now=11.0)) == 6  # the cut to three quarters stays


def test_at_a_host_that_says_what_is_left_places_are_not_kept() -> None:
    queue = queue_of(20, FlowLimits(concurrency=8))
    limits = RateLimits(requests_limit=60_000, requests_remaining=1_000)
    asked = queue.take(9.0)
    queue.answered(asked, ChatAnswer("x", "stop", Usage(), "m", limits), now=9.5)
    for _ in range(5):
        queue.rate_limited(RateLimitedError("no", retry_after=1.0), now=10.0)
    assert len(sent(queue, now=10.5)) == 8
