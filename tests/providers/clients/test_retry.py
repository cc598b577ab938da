from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from src.errors import (
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    LLMError,
    OverloadedError,
    QuotaExhaustedError,
    RateLimitedError,
    TimedOutError,
)
from src.providers.clients.chat_client import ChatAnswer, ChatRequest, Usage
from src.providers.clients.openai_client import OpenAIClient
from src.providers.clients.retry import RetryingClient
from src.records import Message
from tests.providers.clients.stub_llm import Reply, StubLLM

REQUEST = ChatRequest((Message("user", "hello"),))
GOOD = ChatAnswer("hi", "stop", Usage(), "m")


class Scripted:
    """A ChatClient that raises or returns what it was given, in order."""

    provider, model = "openai", "m"

    def __init__(self, outcomes: Sequence[BaseException | ChatAnswer]) -> None:
        self.outcomes = list(outcomes)
        self.asked = 0
        self.closed = 0

    def complete(self, request: ChatRequest) -> ChatAnswer:
        self.asked += 1
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def close(self) -> None:
        self.closed += 1


def run(outcomes: Sequence[BaseException | ChatAnswer], max_retries: int = 3) -> tuple[object, list[float], int]:
    """What came of it, the waits, and how often was asked."""
    inner, waits = Scripted(outcomes), list[float]()
    client = RetryingClient(inner, max_retries, waits.append, random.Random(1))
    try:
        return client.complete(REQUEST), waits, inner.asked
    except LLMError as error:
        return error, waits, inner.asked


@pytest.mark.parametrize("kind", [RateLimitedError, OverloadedError, ConnectionFailedError, TimedOutError])
def test_what_may_succeed_is_asked_again(kind: type[LLMError]) -> None:
    result, waits, asked = run([kind("x"), kind("x"), GOOD])
    assert (result, len(waits), asked) == (GOOD, 2, 3)


@pytest.mark.parametrize("kind", [AuthenticationError, QuotaExhaustedError, BadRequestError])
def test_what_cannot_succeed_is_not_asked_again(kind: type[LLMError]) -> None:
    error = kind("x")
    assert run([error, GOOD]) == (error, [], 1)


def test_waits_grow_within_their_bounds() -> None:
    inner, waits = Scripted([OverloadedError("x")] * 12 + [GOOD]), list[float]()
    RetryingClient(inner, 12, waits.append, random.Random(3)).complete(REQUEST)
    bounds = [min(60.0, 0.5 * 2**n) for n in range(12)]
    assert all(0 <= wait <= bound for wait, bound in zip(waits, bounds, strict=True))
    assert max(waits) > 10 and len(set(waits)) == 12


def test_the_hosts_waiting_time_is_kept_exactly() -> None:
    _, waits, _ = run([RateLimitedError("x", retry_after=17.5), RateLimitedError("x", retry_after=0.0), GOOD])
    assert waits == [17.5, 0.0]


def test_a_waiting_time_beyond_patience_ends_at_once() -> None:
    error, waits, asked = run([RateLimitedError("Too many.", hint="Slow down.", retry_after=3600.0), GOOD])
    assert isinstance(error, RateLimitedError)
    assert (waits, asked, error.hint, error.retry_after) == ([], 1, "Slow down.", 3600.0)
    assert "3,600 s" in str(error)


def test_the_last_error_says_how_often_was_asked() -> None:
    error, waits, asked = run([OverloadedError(f"failure {n}.", hint="Wait.") for n in range(9)], max_retries=2)
    assert isinstance(error, OverloadedError)
    assert (len(waits), asked) == (2, 3)
    assert str(error) == "failure 2. Wait. Asked 3 time(s)."
    assert str(error.__cause__) == "failure 2. Wait."


def test_no_retries_means_one_call() -> None:
    error, waits, asked = run([OverloadedError("x"), GOOD], max_retries=0)
    assert isinstance(error, OverloadedError) and (waits, asked) == ([], 1)


def test_ctrl_c_passes_through() -> None:
    inner = Scripted([KeyboardInterrupt(), GOOD])
    with pytest.raises(KeyboardInterrupt):
        RetryingClient(inner, 3, lambda seconds: None).complete(REQUEST)
    assert inner.asked == 1


def test_closing_closes_the_client_within() -> None:
    inner = Scripted([])
    RetryingClient(inner, 3).close()
    assert inner.closed == 1


def test_a_busy_host_is_asked_again_for_real() -> None:
    replies = [Reply(status=429, headers={"Retry-After": "4"}), Reply(status=529), Reply(reset=True), "at last"]
    waits: list[float] = []
    with StubLLM(replies) as stub:
        client = RetryingClient(OpenAIClient("openai", "m", "k", stub.url), 3, waits.append)
        assert client.complete(REQUEST).text == "at last"
        client.close()
    assert waits[0] == 4.0 and len(waits) == 3 and len(stub.requests) == 4
