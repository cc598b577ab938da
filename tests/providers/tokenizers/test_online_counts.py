"""Anthropic's own counts, by the real SDK against a loopback server, asked for once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from src.errors import AuthenticationError, MalformedAnswerError
from src.providers.clients.anthropic_client import AnthropicClient
from src.providers.formats.training_example import MediaPart, TextPart, Tool, ToolCall, TrainingExample, Turn
from src.providers.token_counter import counter_for
from src.records import Message
from tests.providers.tokenizers.count_endpoint import Endpoint, serve_counts

TALK = TrainingExample((Turn("system", "Be brief."), Turn("user", "Hi"), Turn("assistant", "Ho")))


@pytest.fixture
def endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    monkeypatch.setenv("FTDB_CACHE_DIR", str(tmp_path))
    with serve_counts() as served:
        yield served


@pytest.fixture
def client(endpoint: Endpoint) -> Iterator[AnthropicClient]:
    opened = AnthropicClient("anthropic", "claude-x", "sk-ant-canary-0001", endpoint.address)
    yield opened
    opened.close()


def test_an_example_is_counted_by_the_endpoint_and_asked_for_once(endpoint: Endpoint, client: AnthropicClient) -> None:
    counter = counter_for("anthropic", "claude-3-haiku", client.count_tokens)
    assert counter.count_training_examples([TALK, TALK]) == [41, 41]
    messages = (Message("system", "Be brief."), Message("user", "Hi"), Message("assistant", "Ho"))
    assert counter.count_messages(messages) == 41
    assert (counter.exactness, counter.exactness_of(TALK)) == ("exact", "exact")
    [(path, body)] = endpoint.asked
    assert path == "/v1/messages/count_tokens"
    assert (body["model"], body["system"]) == ("claude-x", "Be brief.")
    assert [message["role"] for message in body["messages"]] == ["user", "assistant"]


def test_a_later_run_remembers_even_after_a_torn_line(
    endpoint: Endpoint, client: AnthropicClient, tmp_path: Path
) -> None:
    counter_for("anthropic", "claude-3-haiku", client.count_tokens).count_training_examples([TALK])
    [kept] = (tmp_path / "counts").iterdir()
    with kept.open("a") as stream:
        stream.write("0123abc")
    later = counter_for("anthropic", "claude-3-haiku", client.count_tokens)
    assert later.count_training_examples([TALK]) == [41]
    assert len(endpoint.asked) == 1


def test_tools_calls_answers_and_pictures_are_sent_in_anthropics_shape(
    endpoint: Endpoint, client: AnthropicClient
) -> None:
    picture = MediaPart("data:image/png;base64,AAAA")
    turns = (
        Turn("user", (TextPart("What?"), picture, MediaPart("https://example.org/a.png"))),
        Turn("assistant", "Wait.", tool_calls=(ToolCall("t1", "find", '{"a": 1}'),)),
        Turn("tool", "Nothing.", name="find", tool_call_id="t1"),
        Turn("assistant", "No."),
    )
    counter = counter_for("anthropic", "claude-3-haiku", client.count_tokens)
    counter.count_training_examples([TrainingExample(turns, tools=(Tool("find", "Find it.", {"properties": {}}),))])
    [(_, body)] = endpoint.asked
    assert body["tools"] == [
        {"name": "find", "description": "Find it.", "input_schema": {"type": "object", "properties": {}}}
    ]
    asked, called, answered, _ = body["messages"]
    assert [block["type"] for block in asked["content"]] == ["text", "image", "image"]
    assert asked["content"][1]["source"] == {"type": "base64", "media_type": "image/png", "data": "AAAA"}
    assert called["content"][1] == {"type": "tool_use", "id": "t1", "name": "find", "input": {"a": 1}}
    assert answered == {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "Nothing."}],
    }


def test_single_texts_are_counted_here(endpoint: Endpoint, client: AnthropicClient) -> None:
    counter = counter_for("anthropic", "claude-3-haiku", client.count_tokens)
    assert counter.count_text("Hello world") == counter_for("anthropic", "claude-3-haiku").count_text("Hello world")
    assert endpoint.asked == []


def test_a_refusal_is_told_and_nothing_is_remembered(endpoint: Endpoint, client: AnthropicClient) -> None:
    endpoint.answer = (
        401,
        {"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}},
    )
    counter = counter_for("anthropic", "claude-3-haiku", client.count_tokens)
    with pytest.raises(AuthenticationError):
        counter.count_training_examples([TALK])
    endpoint.answer = (200, {"input_tokens": 12})
    assert counter.count_training_examples([TALK]) == [12]


def test_an_answer_without_a_count_is_told(endpoint: Endpoint, client: AnthropicClient) -> None:
    endpoint.answer = (200, {"hello": "world"})
    with pytest.raises(MalformedAnswerError, match="not a count of tokens"):
        client.count_tokens({"messages": [{"role": "user", "content": "Hi"}]})
