"""Every provider's client through its real SDK against the loopback server: the same behaviour for all."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
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
from src.providers.clients.wire.sdk_client import SdkClient
from src.records import Message
from tests.providers.clients.stub_llm import Reply, StubLLM

KEY = "sk-canary-0123456789abcdefghij"
SCHEMA = {
    "type": "object",
    "properties": {
        "quote": {"type": "string", "minLength": 3, "maxLength": 300},
        "topics": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 4},
        "role": {"type": "string", "enum": ["user", "assistant"]},
    },
    "required": ["quote", "topics", "role"],
    "additionalProperties": False,
}
MESSAGES = (Message("system", "Be brief."), Message("user", "Say hello to the whole team."))
REQUEST = ChatRequest(MESSAGES, temperature=0.5, max_tokens=99, seed=7)
PER_DAY = [
    {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "quotaValue": "250"}],
    },
    {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "36s"},
]
NO_CREDIT = {
    "openai": Reply(status=429, error={"code": "insufficient_quota"}),
    "anthropic": Reply(status=400, error={"message": "Your credit balance is too low to access the Anthropic API."}),
    "google": Reply(status=429, error={"details": PER_DAY}),
    "mistral": Reply(status=429, headers={"x-ratelimit-limit-req-minute": "0"}),
    "llama": Reply(status=402, error={"message": "Insufficient credits"}),
}
each_provider = pytest.mark.parametrize("provider", CLIENTS)


@contextmanager
def talking_to(provider: str, *answers: Reply | str, timeout: float = 10.0) -> Iterator[tuple[SdkClient, StubLLM]]:
    with StubLLM(answers) as stub:
        client = CLIENTS[provider](provider, "some-model", KEY, stub.url, timeout)
        try:
            yield client, stub
        finally:
            client.close()


def failure(provider: str, reply: Reply, timeout: float = 10.0) -> LLMError:
    """What a call that gets `reply` raises. It is on the wire once, and nothing that is printed holds the key."""
    with talking_to(provider, reply, timeout=timeout) as (client, stub), pytest.raises(LLMError) as caught:
        client.complete(REQUEST)
    assert len(stub.requests) == 1
    assert KEY not in printed(caught.value)
    return caught.value


def printed(error: BaseException) -> str:
    """Everything that a traceback, a log or a debugger might show of an exception."""
    texts, links = ["".join(traceback.format_exception(error))], [error]
    for link in links:
        texts += [str(link), repr(link), str(link.args)]
        links += [other for other in (link.__cause__, link.__context__) if other is not None and other not in links]
    return "".join(texts)


@each_provider
def test_an_answer_comes_back_with_its_usage_and_model(provider: str) -> None:
    with talking_to(provider, "Hello, 世界!\nSecond line.") as (client, _):
        answer = client.complete(REQUEST)
    assert (answer.text, answer.finish_reason, answer.model) == (
        "Hello, 世界!\nSecond line.",
        "stop",
        "some-model-stub",
    )
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (9, 5)


def what_was_asked(provider: str, sent: dict[str, Any]) -> dict[str, Any]:
    """The request's parts where each wire has them."""
    if provider == "google":
        config = sent["generationConfig"]
        system, user = sent["systemInstruction"]["parts"][0]["text"], sent["contents"][0]["parts"][0]["text"]
        return {"system": system, "user": user, "tokens": config["maxOutputTokens"], "heat": config["temperature"]}
    texts = {message["role"]: message["content"] for message in sent["messages"]}
    system = sent["system"] if provider == "anthropic" else texts["system"]
    return {"system": system, "user": texts["user"], "tokens": sent["max_tokens"], "heat": sent["temperature"]}


@each_provider
def test_the_request_arrives_in_the_providers_own_format(provider: str) -> None:
    with talking_to(provider) as (client, stub):
        client.complete(REQUEST)
    assert what_was_asked(provider, stub.requests[0]) == {
        "system": "Be brief.",
        "user": "Say hello to the whole team.",
        "tokens": 99,
        "heat": 0.5,
    }
    path = {"anthropic": "/v1/messages", "google": "/v1beta/models/some-model:generateContent"}
    assert stub.paths[0].split("?")[0] == path.get(provider, "/v1/chat/completions")
    seeds = {"openai": "seed", "llama": "seed", "mistral": "random_seed"}
    assert provider not in seeds or stub.requests[0][seeds[provider]] == 7


@each_provider
def test_a_schema_is_sent_by_the_providers_own_mechanism(provider: str) -> None:
    with talking_to(provider) as (client, stub):
        answer = client.complete(ChatRequest(MESSAGES, SCHEMA))
    sent = stub.requests[0]
    if provider == "google":
        assert sent["generationConfig"]["responseMimeType"] == "application/json"
        wanted = sent["generationConfig"]["responseSchema"]
    elif provider == "anthropic":
        assert sent["output_config"]["format"]["type"] == "json_schema"
        wanted = sent["output_config"]["format"]["schema"]
    else:
        assert sent["response_format"]["type"] == "json_schema" and sent["response_format"]["json_schema"]["strict"]
        wanted = sent["response_format"]["json_schema"]["schema"]
    assert set(wanted["properties"]) == set(wanted["required"]) == {"quote", "topics", "role"}
    assert ("additionalProperties" in wanted) is (provider != "google")
    assert ("minLength" in json.dumps(wanted)) is (provider not in ("google", "anthropic"))
    assert set(json.loads(answer.text)) == {"quote", "topics", "role"}


@each_provider
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequestError),
        (401, AuthenticationError),
        (402, QuotaExhaustedError),
        (403, PermissionDeniedError),
        (404, ModelUnavailableError),
        (408, TimedOutError),
        (413, ContextTooLongError),
        (429, RateLimitedError),
        (500, OverloadedError),
        (502, OverloadedError),
        (503, OverloadedError),
        (504, TimedOutError),
        (529, OverloadedError),
    ],
)
def test_every_status_has_its_error(provider: str, status: int, kind: type[LLMError]) -> None:
    caught = failure(provider, Reply(status=status))
    assert type(caught) is kind and caught.__cause__ is not None and caught.retry_after is None
    for part in (provider, "some-model", "127.0.0.1", f"stub says {status}"):
        assert part in str(caught)
    assert caught.hint or kind is BadRequestError


@each_provider
def test_the_hosts_waiting_time_is_read(provider: str) -> None:
    caught = failure(provider, Reply(status=429, headers={"Retry-After": "17"}))
    assert (type(caught), caught.retry_after) == (RateLimitedError, 17.0)


@each_provider
def test_no_credit_stops_the_run(provider: str) -> None:
    caught = failure(provider, NO_CREDIT[provider])
    assert isinstance(caught, QuotaExhaustedError) and caught.fatal and "credit" in caught.hint


@each_provider
def test_no_answer_in_time_is_a_timeout(provider: str) -> None:
    caught = failure(provider, Reply("late", delay=30), timeout=0.5)
    assert isinstance(caught, TimedOutError) and caught.__cause__ is not None
    assert "0.5 s" in str(caught) and "system.timeout" in caught.hint


@each_provider
def test_a_dropped_connection_is_told(provider: str) -> None:
    caught = failure(provider, Reply(reset=True))
    assert isinstance(caught, ConnectionFailedError) and caught.__cause__ is not None


@each_provider
@pytest.mark.parametrize("reason", ["length", "refused"])
def test_a_cut_or_refused_answer_is_told(provider: str, reason: str) -> None:
    with talking_to(provider, Reply('{"quote": "cut', finish_reason=reason), Reply(None, finish_reason=reason)) as (
        client,
        _,
    ):
        assert client.complete(REQUEST).finish_reason == reason
        empty = client.complete(REQUEST)
    assert (empty.text, empty.finish_reason) == ("", reason)


@each_provider
def test_a_request_that_is_declined_is_told(provider: str) -> None:
    assert isinstance(failure(provider, Reply(status=400, error={"message": "content_filter"})), ContentRefusedError)


@each_provider
@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"{not json"),
        Reply(body=b""),
        Reply(body=b"{}"),
        Reply(body=b"[]"),
        Reply(body=b"null"),
        Reply(body=b'{"choices": [], "candidates": [], "content": 1}'),
        Reply(body=b'{"choices": [7], "candidates": [7], "type": "message", "content": 7}'),
        Reply(body=b'{"text": "\xff\xfe"}'),
        Reply(body=b"<html>hello</html>", headers={"Content-Type": "text/html"}),
        Reply(body=f"<b>{KEY}</b>\xff".encode("latin-1"), headers={"Content-Type": "text/html"}),
    ],
)
def test_what_is_no_answer_is_malformed(provider: str, reply: Reply) -> None:
    assert isinstance(failure(provider, reply), MalformedAnswerError)


@each_provider
@pytest.mark.parametrize("body", [b"<html>bad gateway</html>", b"[]", b'"no"', b"", b'{"error": "no"}', b"[[1]]"])
def test_an_error_in_an_unknown_shape_is_still_that_error(provider: str, body: bytes) -> None:
    assert isinstance(failure(provider, Reply(status=503, body=body)), OverloadedError)


@each_provider
def test_redirects_are_not_followed(provider: str) -> None:
    with StubLLM() as elsewhere:
        caught = failure(provider, Reply(status=307, headers={"Location": f"{elsewhere.url}/chat/completions"}))
    assert elsewhere.requests == []
    assert isinstance(caught, ModelUnavailableError) and caught.fatal
    assert "redirects (307)" in str(caught) and "base URL" in caught.hint


@each_provider
def test_the_key_shows_up_nowhere(provider: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = {"message": f"Incorrect API key provided: {KEY}."}
    for status in (400, 401, 403, 404, 429, 500):
        assert "Incorrect API key provided: [key]" in str(failure(provider, Reply(status=status, error=echo)))
    with talking_to(provider) as (client, _):
        client.complete(REQUEST)
        assert KEY not in repr(client) + str(vars(client))
    assert KEY not in caplog.text


@each_provider
def test_the_key_is_cut_from_a_redirects_address(provider: str) -> None:
    caught = failure(provider, Reply(status=302, headers={"Location": f"http://127.0.0.1:9/?key={KEY}"}))
    assert "?key=[key]" in str(caught)


@each_provider
def test_a_key_that_cannot_be_sent_is_told_without_showing_it(provider: str) -> None:
    with StubLLM() as stub:
        client = CLIENTS[provider](provider, "m", f"{KEY}…", stub.url)
        with pytest.raises(AuthenticationError) as caught:
            client.complete(REQUEST)
        client.close()
    assert stub.requests == [] and KEY not in printed(caught.value)


@each_provider
def test_no_server_at_all_is_told(provider: str) -> None:
    with StubLLM() as stub:
        url = stub.url
    client = CLIENTS[provider](provider, "m", KEY, url, 2.0)
    with pytest.raises(ConnectionFailedError, match=rf"{provider} \(m at 127\.0\.0\.1\)"):
        client.complete(REQUEST)
    client.close()


@pytest.mark.parametrize("provider", ["anthropic", "google", "mistral"])
@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/"])
def test_the_base_url_may_end_as_users_write_it(provider: str, ending: str) -> None:
    with StubLLM(["fine"]) as stub:
        client = CLIENTS[provider](provider, "m", KEY, stub.root + ending)
        assert client.complete(REQUEST).text == "fine"
        client.close()


@each_provider
def test_the_given_key_and_address_win_over_the_environment(
    provider: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("intruder", encoding="utf-8")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login intruder password intruder", encoding="utf-8")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "GOOGLE_BASE_URL", "MISTRAL_BASE_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "ANTHROPIC_API_KEY",
                 "ANTHROPIC_AUTH_TOKEN", "MISTRAL_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY",
                 "GOOGLE_CLOUD_QUOTA_PROJECT"):  # fmt: skip
        monkeypatch.setenv(name, "intruder")
    for name in ("OPENAI_CUSTOM_HEADERS", "ANTHROPIC_CUSTOM_HEADERS"):
        monkeypatch.setenv(name, "authorization: Bearer intruder\nx-api-key: intruder\nOpenAI-Organization: intruder")
    monkeypatch.setenv("MISTRAL_SA_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with talking_to(provider, "fine") as (client, stub):
        assert client.complete(REQUEST).text == "fine"
    headers = stub.headers[0]
    assert "intruder" not in str(headers)
    assert (headers["x-goog-api-key"] if provider == "google" else headers["authorization"]).endswith(KEY)


@each_provider
def test_threads_share_one_client_and_get_their_own_answers(provider: str) -> None:
    def echo(request: dict[str, Any]) -> str:
        return str(request["messages"][-1]["content"])

    with StubLLM(echo) as stub:
        client = CLIENTS[provider](provider, "m", KEY, stub.url)
        ask: Callable[[int], str] = lambda n: client.complete(ChatRequest((Message("user", f"number {n}"),))).text  # noqa: E731
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(ask, range(20)))
        client.close()
    assert answers == [f"number {n}" for n in range(20)]


@each_provider
def test_a_closed_client_may_be_closed_again_and_used_again(provider: str) -> None:
    with talking_to(provider, "one", "two") as (client, _):
        client.close()
        assert client.complete(REQUEST).text == "one"
        client.close()
        client.close()
        assert client.complete(REQUEST).text == "two"


@each_provider
def test_a_host_that_refuses_the_schema_is_asked_in_words_in_the_end(provider: str) -> None:
    def refuse(request: dict[str, Any]) -> Reply | str:
        wire = json.dumps(stub.requests[-1])
        if any(word in wire for word in ("response_format", "responseSchema", "responseMimeType", "output_config")):
            return Reply(status=400, error={"message": "response_format, response_schema, mime_type: not supported"})
        if "tool_choice" in wire:
            return Reply(status=400, error={"message": "tools are not supported"})
        return "{}"

    with StubLLM(refuse) as stub:
        client = CLIENTS[provider](provider, "m", KEY, stub.url)
        assert client.complete(ChatRequest(MESSAGES, SCHEMA)).text == "{}"
        many = len(stub.requests)
        client.complete(ChatRequest(MESSAGES, SCHEMA))
        client.close()
    assert many <= 4 and len(stub.requests) == many + 1
    assert "JSON Schema" in what_was_said(stub.requests[-1])


def what_was_said(sent: dict[str, Any]) -> str:
    return str(sent["contents"] if "contents" in sent else sent["messages"][-1]["content"])
