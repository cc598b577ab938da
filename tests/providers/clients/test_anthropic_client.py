from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from src.errors import ContentRefusedError, ContextTooLongError, LLMError, MalformedAnswerError, QuotaExhaustedError
from src.providers.clients.anthropic_client import AnthropicClient
from src.providers.clients.chat_client import ChatRequest
from src.records import Message
from tests.providers.clients.stub_llm import Reply, StubLLM

SCHEMA = {
    "type": "object",
    "properties": {"facts": {"type": "array", "items": {"type": "string", "minLength": 3}, "minItems": 2}},
    "required": ["facts"],
}
MESSAGES = (Message("system", "Be brief."), Message("user", "Hello there, all of you."), Message("assistant", "Yes?"))
REQUEST = ChatRequest((*MESSAGES, Message("user", "Say it once more, please.")), SCHEMA, 1.4)


@contextmanager
def talking_to(*answers: Reply | str) -> Iterator[tuple[AnthropicClient, StubLLM]]:
    with StubLLM(answers) as stub:
        client = AnthropicClient("anthropic", "claude-x", "sk-ant-canary-0001", stub.root)
        try:
            yield client, stub
        finally:
            client.close()


def failure(reply: Reply) -> LLMError:
    with talking_to(reply) as (client, _), pytest.raises(LLMError) as caught:
        client.complete(REQUEST)
    return caught.value


def message(**changes: Any) -> Reply:
    whole = {"type": "message", "content": [{"type": "text", "text": "hi"}], "stop_reason": "end_turn", "model": "c"}
    return Reply(body=json.dumps(whole | changes).encode())


def test_the_system_message_stands_apart_and_the_temperature_is_at_most_one() -> None:
    with talking_to() as (client, stub):
        client.complete(REQUEST)
    sent = stub.requests[0]
    assert sent["system"] == "Be brief." and sent["temperature"] == 1.0
    assert [turn["role"] for turn in sent["messages"]] == ["user", "assistant", "user"]
    assert stub.headers[0]["anthropic-version"] and "seed" not in sent


def test_bounds_that_anthropic_refuses_become_words() -> None:
    with talking_to() as (client, stub):
        client.complete(REQUEST)
    facts = stub.requests[0]["output_config"]["format"]["schema"]["properties"]["facts"]
    assert facts == {
        "type": "array",
        "items": {"type": "string", "description": "At least 3 characters"},
        "description": "At least 2 items",
    }


def test_a_model_without_output_formats_is_made_to_call_a_tool() -> None:
    refusal = Reply(status=400, error={"message": "output_config.format: Extra inputs are not permitted"})
    with talking_to(refusal) as (client, stub):
        answer = client.complete(REQUEST)
        client.complete(REQUEST)
    assert ["output_config" in sent for sent in stub.requests] == [True, False, False]
    tool = stub.requests[1]["tools"][0]
    assert stub.requests[1]["tool_choice"] == {"type": "tool", "name": tool["name"]}
    assert tool["input_schema"]["properties"]["facts"]["minItems"] == 2
    assert answer.finish_reason == "stop" and len(json.loads(answer.text)["facts"]) == 2


def test_a_tool_call_that_was_cut_off_is_told() -> None:
    refusals = [Reply(status=400, error={"message": "output_config: not supported"}), Reply('{"facts": ["cut')]
    with talking_to(refusals[0], Reply("{}", finish_reason="length")) as (client, _):
        assert client.complete(REQUEST).finish_reason == "length"


def test_a_temperature_that_is_refused_is_left_out_from_then_on() -> None:
    refusal = Reply(status=400, error={"message": "`temperature` is deprecated for this model."})
    with talking_to(refusal) as (client, stub):
        client.complete(REQUEST)
        client.complete(REQUEST)
    assert ["temperature" in sent for sent in stub.requests] == [True, False, False]
    assert all("output_config" in sent for sent in stub.requests)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("pause_turn", "length"),
        ("refusal", "refused"),
    ],
)
def test_every_stop_reason_has_its_meaning(reason: str, expected: str) -> None:
    with talking_to(message(stop_reason=reason)) as (client, _):
        assert client.complete(REQUEST).finish_reason == expected


@pytest.mark.parametrize("changes", [{"stop_reason": "new_reason"}, {"stop_reason": None}, {"content": None}])
def test_what_is_not_understood_is_malformed(changes: dict[str, Any]) -> None:
    assert isinstance(failure(message(**changes)), MalformedAnswerError)


def test_thoughts_are_no_part_of_the_answer() -> None:
    blocks = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    with talking_to(message(content=blocks)) as (client, _):
        assert client.complete(REQUEST).text == "ab"


def test_cached_tokens_are_counted_as_input() -> None:
    usage = {"input_tokens": 5, "cache_creation_input_tokens": 70, "cache_read_input_tokens": 400, "output_tokens": 9}
    with talking_to(message(usage=usage), message(usage=None)) as (client, _):
        answer, without = client.complete(REQUEST), client.complete(REQUEST)
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (475, 9)
    assert (without.usage.input_tokens, without.usage.output_tokens) == (None, None)


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, {"message": "You have reached your specified API usage limits."}, QuotaExhaustedError),
        (429, {"details": {"error_code": "enforced_spend_limit"}}, QuotaExhaustedError),
        (400, {"message": "prompt is too long: 210000 tokens > 200000 maximum"}, ContextTooLongError),
        (400, {"message": "input length and `max_tokens` exceed context limit: 190000"}, ContextTooLongError),
        (400, {"message": "Output blocked by content filtering policy"}, ContentRefusedError),
    ],
)
def test_anthropics_own_words_are_understood(status: int, error: dict[str, Any], kind: type[LLMError]) -> None:
    assert type(failure(Reply(status=status, error=error))) is kind


def test_rate_limits_come_with_the_answer() -> None:
    with talking_to(Reply("hi", headers={"anthropic-ratelimit-requests-limit": "50"})) as (client, _):
        limits = client.complete(REQUEST).limits
    assert limits is not None and limits.requests_limit == 50
