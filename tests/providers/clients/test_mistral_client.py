from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from src.errors import ContextTooLongError, LLMError, QuotaExhaustedError, RateLimitedError
from src.providers.clients.chat_client import ChatRequest
from src.providers.clients.mistral_client import MistralClient
from src.records import Message
from tests.providers.clients.stub_llm import Reply, StubLLM

REQUEST = ChatRequest((Message("user", "Say hello to the whole team."),), {"type": "object", "properties": {}}, seed=3)


@contextmanager
def talking_to(*answers: Reply | str) -> Iterator[tuple[MistralClient, StubLLM]]:
    with StubLLM(answers) as stub:
        client = MistralClient("mistral", "mistral-x", "canary-0001", stub.root)
        try:
            yield client, stub
        finally:
            client.close()


def failure(status: int, message: str, **headers: str) -> LLMError:
    """What Mistral's own shape of an error becomes."""
    body = {"object": "error", "message": message, "type": "rate_limited", "param": None, "code": "1300"}
    reply = Reply(status=status, body=json.dumps(body).encode(), headers=headers)
    with talking_to(reply) as (client, _), pytest.raises(LLMError) as caught:
        client.complete(REQUEST)
    assert message in str(caught.value)
    return caught.value


def test_errors_have_mistrals_shape() -> None:
    assert type(failure(429, "Rate limit exceeded")) is RateLimitedError
    assert type(failure(429, "Rate limit exceeded", **{"x-ratelimit-limit-req-minute": "60"})) is RateLimitedError
    told = "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length"
    assert type(failure(400, told)) is ContextTooLongError


def test_a_model_outside_ones_plan_stops_the_run() -> None:
    caught = failure(429, "Rate limit exceeded", **{"x-ratelimit-limit-req-minute": "0"})
    assert isinstance(caught, QuotaExhaustedError) and caught.fatal and "zero" in str(caught)


def test_a_validation_error_is_told() -> None:
    body = json.dumps({"detail": [{"loc": ["body", "messages"], "msg": "Field required", "type": "missing"}]})
    with talking_to(Reply(status=422, body=body.encode())) as (client, _), pytest.raises(LLMError, match="Field req"):
        client.complete(REQUEST)


def test_a_seed_that_is_refused_is_left_out_from_then_on() -> None:
    refusal = Reply(status=422, error={"message": "random_seed: Extra inputs are not permitted"})
    with talking_to(refusal) as (client, stub):
        client.complete(REQUEST)
    assert [sent.get("random_seed") for sent in stub.requests] == [3, None]


def test_the_context_being_full_is_a_cut() -> None:
    with talking_to(Reply("cut", finish_reason="model_length")) as (client, _):
        assert client.complete(REQUEST).finish_reason == "length"


def test_what_a_model_thinks_is_no_part_of_the_answer() -> None:
    chunks = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "hi"}]
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": chunks}}
    body = {"id": "1", "object": "chat.completion", "model": "m", "created": 1, "choices": [choice]}
    with talking_to(Reply(body=json.dumps(body).encode())) as (client, _):
        answer = client.complete(REQUEST)
    assert (answer.text, answer.usage.output_tokens) == ("hi", None)


def test_an_answer_that_the_sdk_does_not_like_is_read_all_the_same() -> None:
    body = {"choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}]}
    with talking_to(Reply(body=json.dumps(body).encode())) as (client, _):
        answer = client.complete(REQUEST)
    assert (answer.text, answer.model) == ("hi", "mistral-x")


def test_rate_limits_come_with_the_answer() -> None:
    headers = {"x-ratelimit-limit-req-minute": "60", "x-ratelimit-remaining-req-minute": "59"}
    with talking_to(Reply("hi", headers=headers)) as (client, _):
        limits = client.complete(REQUEST).limits
    assert limits is not None and (limits.requests_limit, limits.requests_remaining) == (60, 59)
