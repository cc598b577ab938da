"""Llama models live at hosts of many kinds: what they do differently from OpenAI."""

from __future__ import annotations

import json

import pytest

from src.errors import LLMError, ModelUnavailableError, OverloadedError, QuotaExhaustedError, RateLimitedError
from src.providers.clients import CLIENTS
from src.providers.clients.chat_client import ChatAnswer, ChatRequest
from src.records import Message
from tests.providers.clients.stub_llm import Reply, StubLLM

REQUEST = ChatRequest((Message("user", "Say hello to the whole team."),))


def ask(reply: Reply | str, key: str = "canary-0001") -> tuple[ChatAnswer, StubLLM]:
    with StubLLM([reply]) as stub:
        client = CLIENTS["llama"]("llama", "meta/llama-x", key, stub.url)
        try:
            return client.complete(REQUEST), stub
        finally:
            client.close()


def in_a_success(status: int, message: str) -> Reply:
    return Reply(body=json.dumps({"error": {"code": status, "message": message}}).encode())


def test_a_server_of_ones_own_needs_no_key() -> None:
    answer, stub = ask("hello", key="")
    assert answer.text == "hello" and stub.headers[0]["authorization"] == "Bearer none"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (in_a_success(429, "upstream is busy"), RateLimitedError),
        (in_a_success(402, "insufficient credits"), QuotaExhaustedError),
        (in_a_success(502, "provider returned error"), OverloadedError),
        (
            Reply(status=404, body=b'{"error": "model \\"llama9\\" not found, try pulling it first"}'),
            ModelUnavailableError,
        ),
        (Reply("half", finish_reason="error"), OverloadedError),
    ],
)
def test_gateways_and_servers_report_failures_in_their_own_ways(reply: Reply, kind: type[LLMError]) -> None:
    with pytest.raises(kind):
        ask(reply)


def test_an_answer_without_usage_or_model_is_an_answer() -> None:
    body = {"choices": [{"message": {"content": "hi"}, "finish_reason": "eos"}]}
    answer, _ = ask(Reply(body=json.dumps(body).encode()))
    assert (answer.text, answer.finish_reason, answer.model) == ("hi", "stop", "meta/llama-x")
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (None, None)
