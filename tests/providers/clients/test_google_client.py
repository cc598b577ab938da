from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from src.errors import AuthenticationError, LLMError, MalformedAnswerError, QuotaExhaustedError, RateLimitedError
from src.providers.clients.chat_client import ChatRequest
from src.providers.clients.google_client import GoogleClient
from src.records import Message
from tests.providers.clients.stub_llm import Reply, StubLLM

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = {
    "type": "object",
    "properties": {
        "facts": {"type": "array", "items": {"type": "string", "minLength": 3}, "minItems": 2, "maxItems": 4},
        "kind": {"const": "list"},
        "note": {"type": ["string", "null"]},
    },
    "required": ["facts", "kind", "note"],
    "additionalProperties": False,
}
TURNS = (
    Message("user", "Hello there, all of you."),
    Message("assistant", "Yes?"),
    Message("user", "Once more, please."),
)
REQUEST = ChatRequest((Message("system", "Be brief."), *TURNS), SCHEMA)


@contextmanager
def talking_to(*answers: Reply | str) -> Iterator[tuple[GoogleClient, StubLLM]]:
    with StubLLM(answers) as stub:
        client = GoogleClient("google", "gemini-x", "AIza-canary-0001", stub.root)
        try:
            yield client, stub
        finally:
            client.close()


def failure(reply: Reply) -> LLMError:
    with talking_to(reply) as (client, _), pytest.raises(LLMError) as caught:
        client.complete(REQUEST)
    return caught.value


def response(usage: dict[str, int] | None = None, **candidate: Any) -> Reply:
    whole = {"content": {"parts": [{"text": "hi"}]}, "finishReason": "STOP"} | candidate
    return Reply(body=json.dumps({"candidates": [whole], "usageMetadata": usage}).encode())


def test_turns_and_system_message_are_put_where_gemini_wants_them() -> None:
    with talking_to() as (client, stub):
        client.complete(REQUEST)
    sent = stub.requests[0]
    assert [content["role"] for content in sent["contents"]] == ["user", "model", "user"]
    assert sent["systemInstruction"]["parts"] == [{"text": "Be brief."}]


def test_the_schema_is_written_as_gemini_knows_it() -> None:
    with talking_to() as (client, stub):
        body = client.body(REQUEST)
        client.complete(REQUEST)
    wanted = body["generationConfig"]["responseSchema"]
    assert wanted["type"] == "OBJECT" and "additionalProperties" not in wanted
    assert wanted["properties"] == {
        "facts": {
            "type": "ARRAY", "minItems": 2, "maxItems": 4,
            "items": {"type": "STRING", "description": "At least 3 characters"},
        },
        "kind": {"enum": ["list"], "type": "STRING"},
        "note": {"type": "STRING", "nullable": True},
    }  # fmt: skip
    sent = stub.requests[0]["generationConfig"]["responseSchema"]
    assert set(sent["properties"]) == set(wanted["properties"]) and sent["properties"]["note"]["nullable"] is True


def test_a_host_that_refuses_bounds_or_schemas_is_asked_for_less() -> None:
    refusals = [
        Reply(status=400, error={"message": "response_schema.properties[facts].min_items: not supported"}),
        Reply(status=400, error={"message": "Invalid response_schema"}),
    ]
    with talking_to(*refusals) as (client, stub):
        client.complete(REQUEST)
    full, plain, any_json = (sent["generationConfig"] for sent in stub.requests)
    assert "minItems" in json.dumps(full) and "minItems" not in json.dumps(plain)
    assert "responseSchema" not in any_json and any_json["responseMimeType"] == "application/json"
    assert '"minItems": 2' in stub.requests[2]["contents"][-1]["parts"][0]["text"]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("MAX_TOKENS", "length"), (2, "length"), (1, "stop"), ("SAFETY", "refused"), (3, "refused"),
        ("RECITATION", "refused"), ("BLOCKLIST", "refused"), ("PROHIBITED_CONTENT", "refused"), ("SPII", "refused"),
    ],
)  # fmt: skip
def test_every_finish_reason_has_its_meaning(reason: str | int, expected: str) -> None:
    with talking_to(response(finishReason=reason)) as (client, _):
        assert client.complete(REQUEST).finish_reason == expected


@pytest.mark.parametrize("reason", ["OTHER", 5, "MALFORMED_FUNCTION_CALL", "A_REASON_OF_TOMORROW", 99])
def test_an_answer_that_ended_for_another_reason_is_malformed(reason: str | int) -> None:
    assert isinstance(failure(response(finishReason=reason)), MalformedAnswerError)


def test_a_blocked_prompt_is_a_refusal() -> None:
    body = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {"promptTokenCount": 7}}
    with talking_to(Reply(body=json.dumps(body).encode())) as (client, _):
        answer = client.complete(REQUEST)
    assert (answer.text, answer.finish_reason, answer.usage.input_tokens) == ("", "refused", 7)


def test_thinking_is_billed_as_output_and_no_part_of_the_answer() -> None:
    usage = {"promptTokenCount": 10, "candidatesTokenCount": 5, "thoughtsTokenCount": 80, "totalTokenCount": 95}
    parts = [{"text": "hm", "thought": True}, {"text": "a"}, {"text": "b"}]
    with talking_to(response(usage, content={"parts": parts})) as (client, _):
        answer = client.complete(REQUEST)
    assert (answer.text, answer.usage.input_tokens, answer.usage.output_tokens) == ("ab", 10, 85)


def quota(name: str) -> Reply:
    message = "You exceeded your current quota, please check your plan and billing details."
    violation = {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": name}]}
    retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "36.5s"}
    return Reply(status=429, error={"message": message, "details": [violation, retry]})


def test_a_quota_per_minute_is_waited_for_and_one_per_day_is_not() -> None:
    busy = failure(quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier"))
    assert (type(busy), busy.retry_after) == (RateLimitedError, 36.5)
    spent = failure(quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier"))
    assert (type(spent), spent.retry_after) == (QuotaExhaustedError, None)


def test_a_wrong_key_is_told_though_its_status_is_400() -> None:
    error = {"message": "API key not valid. Please pass a valid API key.", "details": [{"reason": "API_KEY_INVALID"}]}
    caught = failure(Reply(status=400, error=error))
    assert isinstance(caught, AuthenticationError) and "GOOGLE_API_KEY" in caught.hint


def test_two_clients_keep_their_keys_apart() -> None:
    with StubLLM() as stub:
        clients = [GoogleClient("google", "m", key, stub.root) for key in ("first", "second")]
        for client in (*clients, *clients):
            client.complete(REQUEST)
        for client in clients:
            client.close()
    assert [sent["x-goog-api-key"] for sent in stub.headers] == ["first", "second", "first", "second"]


def test_the_packages_warnings_are_not_shown_and_no_filter_is_left_behind() -> None:
    code = """
import warnings
before = list(warnings.filters)
from src.providers.clients.google_client import GoogleClient
import sys
assert "google.generativeai" not in sys.modules
GoogleClient("google", "m", "key", "http://127.0.0.1:9").sdk()
assert "google.generativeai" in sys.modules
assert [f for f in warnings.filters if f[2] is FutureWarning] == [f for f in before if f[2] is FutureWarning]
"""
    command = [sys.executable, "-W", "error::FutureWarning", "-c", code]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
