from __future__ import annotations

import email.utils
import json
import logging
import socket
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from src.errors import (
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    ContentRefusedError,
    ContextTooLongError,
    LLMError,
    MalformedAnswerError,
    ModelUnavailableError,
    OverloadedError,
    PermissionDeniedError,
    QuotaExhaustedError,
    RateLimitedError,
    TimedOutError,
)
from src.providers.clients import CLIENTS
from src.providers.clients.chat_client import ChatRequest
from src.providers.clients.openai_client import OpenAIClient
from src.providers.clients.wire.sdk_client import ClientOptions
from src.records import Message
from tests.providers.clients.stub_llm import Reply, StubLLM

KEY = "sk-canary-0123456789abcdefghij"
SCHEMA = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "minLength": 5, "maxLength": 200},
        "answers": {"type": "array", "items": {"type": "string", "minLength": 3}, "minItems": 1},
    },
    "required": ["question", "answers"],
    "additionalProperties": False,
}
REQUEST = ChatRequest((Message("system", "Be brief."), Message("user", "Say hello to the whole team.")), seed=7)
JSON_REQUEST = ChatRequest(REQUEST.messages, SCHEMA, 0.3, 64, 7)


@contextmanager
def talking_to(*answers: Reply | str, timeout: float = 10.0, **options: Any) -> Iterator[tuple[OpenAIClient, StubLLM]]:
    with StubLLM(answers) as stub:
        client = OpenAIClient("openai", "some-model", KEY, stub.url, timeout, **options)
        try:
            yield client, stub
        finally:
            client.close()


def failure(*answers: Reply | str, timeout: float = 10.0) -> LLMError:
    with talking_to(*answers, timeout=timeout) as (client, _), pytest.raises(LLMError) as caught:
        client.complete(REQUEST)
    return caught.value


def test_an_answer_comes_back_with_its_usage_and_model() -> None:
    with talking_to("Hello, 世界!\nSecond line.") as (client, stub):
        answer = client.complete(REQUEST)
    assert (answer.text, answer.finish_reason, answer.model) == (
        "Hello, 世界!\nSecond line.",
        "stop",
        "some-model-stub",
    )
    assert answer.usage.input_tokens and answer.usage.output_tokens
    sent = stub.requests[0]
    assert sent["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Say hello to the whole team."},
    ]
    assert (sent["model"], sent["temperature"], sent["max_tokens"], sent["seed"]) == ("some-model", 0.7, 1024, 7)
    assert "response_format" not in sent
    assert stub.headers[0]["authorization"] == f"Bearer {KEY}"


def test_a_schema_is_sent_as_a_strict_json_schema() -> None:
    with talking_to() as (client, stub):
        answer = client.complete(JSON_REQUEST)
    wanted = stub.requests[0]["response_format"]
    assert wanted == {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA}}
    assert set(json.loads(answer.text)) == {"question", "answers"}


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply('{"question": "cut', finish_reason="length"), "length"),
        (Reply(None, finish_reason="length"), "length"),
        (Reply(None, finish_reason="content_filter"), "refused"),
        (Reply(None, refusal="I cannot help with that."), "refused"),
        (Reply("fine", finish_reason="eos"), "stop"),
    ],
)
def test_the_finish_reason_is_told(reply: Reply, reason: str) -> None:
    with talking_to(reply) as (client, _):
        answer = client.complete(REQUEST)
    assert (answer.finish_reason, answer.text) == (reason, reply.text or "")


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (401, {"code": "invalid_api_key"}, AuthenticationError),
        (400, {"message": "API key not valid. Please pass a valid API key."}, AuthenticationError),
        (403, {}, PermissionDeniedError),
        (404, {"code": "model_not_found"}, ModelUnavailableError),
        (402, {"message": "Insufficient credits"}, QuotaExhaustedError),
        (429, {"code": "insufficient_quota"}, QuotaExhaustedError),
        (429, {"code": "billing_hard_limit_reached"}, QuotaExhaustedError),
        (400, {"message": "Your credit balance is too low to access the API."}, QuotaExhaustedError),
        (429, {}, RateLimitedError),
        (400, {"code": "context_length_exceeded"}, ContextTooLongError),
        (400, {"type": "exceed_context_size_error"}, ContextTooLongError),
        (413, {}, ContextTooLongError),
        (400, {"code": "content_filter"}, ContentRefusedError),
        (400, {"message": "messages: wrong"}, BadRequestError),
        (422, {"message": "messages: wrong"}, BadRequestError),
        (408, {}, TimedOutError),
        (409, {}, OverloadedError),
        (500, {}, OverloadedError),
        (503, {}, OverloadedError),
        (504, {}, TimedOutError),
        (529, {"type": "overloaded_error"}, OverloadedError),
    ],
)
def test_every_status_has_its_error(status: int, error: dict[str, str], kind: type[LLMError]) -> None:
    caught = failure(Reply(status=status, error=error))
    assert type(caught) is kind
    assert caught.__cause__ is not None
    for part in ("openai", "some-model", "127.0.0.1", error.get("message", "")):
        assert part in str(caught)


def test_the_hint_names_the_variable_of_the_key() -> None:
    assert "OPENAI_API_KEY" in failure(Reply(status=401)).hint


def test_a_page_instead_of_json_is_shown_shortened() -> None:
    caught = failure(Reply(status=502, body=b"<html>" + b"bad gateway " * 200, headers={"Content-Type": "text/html"}))
    assert isinstance(caught, OverloadedError)
    assert "bad gateway" in str(caught) and len(str(caught)) < 600


@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        ({"Retry-After": "17"}, "", 17.0),
        ({"Retry-After": "2.5"}, "", 2.5),
        ({"retry-after-ms": "1500", "Retry-After": "2"}, "", 1.5),
        ({}, "Please retry in 36.5s.", 36.5),
        ({"Retry-After": "soon"}, "", None),
        ({"Retry-After": "-3"}, "", None),
        ({"Retry-After": "nan"}, "", None),
        ({}, "", None),
    ],
)
def test_the_hosts_waiting_time_is_read(headers: dict[str, str], message: str, seconds: float | None) -> None:
    assert failure(Reply(status=429, headers=headers, error={"message": message})).retry_after == seconds
    assert failure(Reply(status=529, headers=headers, error={"message": message})).retry_after == seconds


def test_a_waiting_time_may_be_a_date() -> None:
    date = email.utils.formatdate(time.time() + 90, usegmt=True)
    waited = failure(Reply(status=429, headers={"Retry-After": date})).retry_after
    assert waited is not None and 80 < waited <= 90
    past = email.utils.formatdate(time.time() - 90, usegmt=True)
    assert failure(Reply(status=429, headers={"Retry-After": past})).retry_after == 0


def test_no_answer_in_time_is_a_timeout() -> None:
    caught = failure(Reply("late", delay=30), timeout=0.3)
    assert isinstance(caught, TimedOutError)
    assert "0.3 s" in str(caught) and "system.timeout" in caught.hint


def test_a_dropped_connection_is_told() -> None:
    assert isinstance(failure(Reply(reset=True)), ConnectionFailedError)


def test_no_server_at_all_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = OpenAIClient("llama", "m", "", f"http://127.0.0.1:{taken.getsockname()[1]}/v1", 2.0)
        with pytest.raises(ConnectionFailedError, match=r"llama \(m at 127\.0\.0\.1\)"):
            client.complete(REQUEST)
        client.close()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"{not json"),
        Reply(body=b"<html>hello</html>", headers={"Content-Type": "text/html"}),
        Reply(body=b"{}"),
        Reply(body=b"[]"),
        Reply(body=b"null"),
        Reply(body=b'{"choices": []}'),
        Reply(body=b'{"choices": [{"finish_reason": "stop", "message": null}]}'),
    ],
)
def test_what_is_not_a_completion_is_malformed(reply: Reply) -> None:
    assert isinstance(failure(reply), MalformedAnswerError)


def test_an_error_inside_a_success_is_an_error() -> None:
    body = json.dumps({"error": {"code": 429, "message": "upstream is busy"}}).encode()
    assert isinstance(failure(Reply(body=body)), RateLimitedError)
    assert isinstance(failure(Reply("half", finish_reason="error")), OverloadedError)


def test_nothing_is_retried_here() -> None:
    with talking_to(Reply(status=503), "never") as (client, stub), pytest.raises(OverloadedError):
        client.complete(REQUEST)
    assert len(stub.requests) == 1


def test_the_key_shows_up_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = {"message": f"Incorrect API key provided: {KEY}."}
    replies = [Reply(status=s, error=echo) for s in (400, 401, 403, 404, 429, 500)]
    replies += [Reply(body=f"<b>{KEY}</b>".encode(), headers={"Content-Type": "text/html"}), Reply(reset=True)]
    replies += [Reply(status=502, body=f"<b>{KEY}</b>".encode(), headers={"Content-Type": "text/html"})]
    seen = []
    with talking_to(*replies) as (client, _):
        for _ in replies:
            try:
                client.complete(REQUEST)
            except LLMError as error:
                seen.append("".join(traceback.format_exception(error)) + repr(error) + str(vars(error)))
        seen.append(repr(client) + str(vars(client)))
    assert len(seen) == len(replies) + 1
    assert "Incorrect API key provided: [key]" in seen[1]
    assert KEY not in "".join(seen) + caplog.text


def test_a_host_that_wants_max_completion_tokens_gets_them_from_then_on() -> None:
    told = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    with talking_to(Reply(status=400, error={"message": told, "param": "max_tokens"})) as (client, stub):
        client.complete(REQUEST)
        client.complete(REQUEST)
    assert ["max_completion_tokens" in sent for sent in stub.requests] == [False, True, True]
    assert "max_tokens" not in stub.requests[-1]


@pytest.mark.parametrize("name", ["temperature", "seed"])
def test_a_parameter_that_a_host_refuses_is_left_out_from_then_on(name: str) -> None:
    refusal = Reply(status=400, error={"message": f"Unsupported value: '{name}' does not support that.", "param": name})
    with talking_to(refusal) as (client, stub):
        client.complete(REQUEST)
        client.complete(REQUEST)
    assert [name in sent for sent in stub.requests] == [True, False, False]


def test_a_host_that_knows_less_of_schemas_is_asked_for_less() -> None:
    refusals = [
        Reply(status=400, error={"message": "Invalid schema for response_format: 'minLength' is not permitted."}),
        Reply(status=400, error={"message": "response_format.type json_schema is not supported"}),
        Reply(status=422, error={"message": "response_format is unknown"}),
    ]
    with talking_to(*refusals) as (client, stub):
        client.complete(JSON_REQUEST)
        client.complete(REQUEST)
    full, plain, any_object, words, free = stub.requests
    assert "minLength" in json.dumps(full)
    schema = plain["response_format"]["json_schema"]["schema"]
    assert "minLength" not in json.dumps(schema) and "minItems" not in json.dumps(schema)
    assert schema["required"] == ["question", "answers"] and schema["additionalProperties"] is False
    assert any_object["response_format"] == {"type": "json_object"}
    assert "response_format" not in words
    assert '"minLength": 5' in words["messages"][-1]["content"]
    assert free["messages"][-1]["content"] == "Say hello to the whole team."


def test_openai_itself_is_not_sent_lengths_of_strings() -> None:
    client = OpenAIClient("openai", "m", KEY, "https://api.openai.com/v1")
    sent = client.body(JSON_REQUEST)["response_format"]["json_schema"]["schema"]
    assert sent["properties"]["question"] == {
        "type": "string",
        "description": "At least 5 characters, at most 200 characters",
    }
    assert sent["properties"]["answers"]["minItems"] == 1


def test_the_effort_of_thinking_is_sent_until_it_is_refused() -> None:
    refusal = Reply(status=400, error={"message": "Unknown parameter: 'reasoning_effort'."})
    with talking_to(refusal, options=ClientOptions(reasoning_effort="none")) as (client, stub):
        client.complete(REQUEST)
    assert [sent.get("reasoning_effort") for sent in stub.requests] == ["none", None]


def test_several_hosts_error_shapes_are_read() -> None:
    shapes = [
        b'{"error": "no such model"}',
        b'{"detail": "no such model"}',
        b'[{"error": {"message": "no such model"}}]',
    ]
    for body in shapes:
        assert "no such model" in str(failure(Reply(status=404, body=body)))


def test_rate_limits_come_with_the_answer() -> None:
    headers = {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "59"}
    with talking_to(Reply("hello", headers=headers), "hello") as (client, _):
        limits = client.complete(REQUEST).limits
        assert limits is not None and (limits.requests_limit, limits.requests_remaining) == (60, 59)
        assert client.complete(REQUEST).limits is None


def test_the_body_and_the_answer_can_be_had_apart() -> None:
    with talking_to("hello") as (client, stub):
        body = client.body(REQUEST)
        answer = client.complete(REQUEST)
    assert stub.requests == [body]
    read = client.answer_from({"choices": [{"finish_reason": "stop", "message": {"content": "hello"}}], "model": "x"})
    assert (read.text, read.model, answer.text) == ("hello", "x", "hello")


def test_other_uses_of_the_sdk_fail_with_our_errors() -> None:
    with talking_to() as (client, _), pytest.raises(ModelUnavailableError):
        client.run(lambda: client.sdk().post("/no/such/path", cast_to=object, body={}))


def test_a_host_that_refuses_everything_is_not_asked_for_ever() -> None:
    said = {"message": "temperature seed max_tokens max_completion_tokens reasoning_effort schema: all wrong"}
    with StubLLM(lambda request: Reply(status=400, error=said)) as stub:
        client = OpenAIClient("openai", "m", KEY, stub.url)
        with pytest.raises(BadRequestError):
            client.complete(JSON_REQUEST)
        client.close()
    assert len(stub.requests) < 10


def test_a_proxy_does_not_stand_between_us_and_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with talking_to("direct") as (client, _):
        assert client.complete(REQUEST).text == "direct"


@pytest.mark.parametrize("provider", ["openai", "anthropic", "mistral"])
def test_a_proxy_that_makes_no_sense_is_told(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "nonsense://127.0.0.1:9")
    client = CLIENTS[provider](provider, "m", KEY, "https://llm.invalid/v1")
    with pytest.raises(ModelUnavailableError, match="ALL_PROXY"):
        client.complete(REQUEST)
    client.close()


def test_close_may_be_called_twice_and_before_any_call() -> None:
    with talking_to("one", "two") as (client, _):
        client.close()
        assert client.complete(REQUEST).text == "one"
        client.close()
        client.close()
