from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from src.config.environment import KEY_NAMES, Environment, read_environment
from src.config.settings import SystemSettings
from src.errors import AuthenticationError, LLMError, ModelUnavailableError
from src.providers.clients import CLIENTS
from src.providers.clients.chat_client import ChatRequest
from src.providers.clients.client_factory import AGENT_MODELS, AgentChoice, choose_agent, open_client
from src.providers.clients.local.model_store import DEFAULT_MODEL
from src.records import Message
from tests.providers.clients.stub_llm import StubLLM

KEY = "sk-canary-0123456789abcdefghij"
REQUEST = ChatRequest((Message("user", "hello"),), {"type": "object", "properties": {"word": {"type": "string"}}})


def environment(**variables: str) -> Environment:
    return read_environment(Path("no-such.env"), variables)


def choose(variables: dict[str, str] | None = None, **settings: Any) -> AgentChoice:
    return choose_agent(SystemSettings(**settings), environment(**(variables or {})))


def test_auto_takes_the_first_provider_with_a_key() -> None:
    choice = choose({"MISTRAL_API_KEY": KEY, "ANTHROPIC_API_KEY": KEY})
    assert (choice.provider, choice.is_local) == ("anthropic", False)
    assert choice.model == AGENT_MODELS["anthropic"]["model"]
    assert "ANTHROPIC_API_KEY" in choice.note and KEY not in repr(choice)


def test_auto_without_a_key_is_the_embedded_model() -> None:
    choice = choose({"OPENAI_API_KEY": "sk-your-api-key-here"})
    assert (choice.provider, choice.model, choice.is_local) == ("local", DEFAULT_MODEL, True)


def test_auto_with_an_embedded_models_name_is_that_model_whatever_keys_are_set() -> None:
    choice = choose({"OPENAI_API_KEY": KEY}, agentic_model="qwen2.5-coder-0.5b-instruct")
    assert (choice.provider, choice.model) == ("local", "qwen2.5-coder-0.5b-instruct")


def test_the_settings_name_the_model() -> None:
    assert choose({"GOOGLE_API_KEY": KEY}, agentic_llm="google", agentic_model="gemini-x").model == "gemini-x"


@pytest.mark.parametrize("provider", KEY_NAMES)
def test_a_named_provider_without_key_says_which_variable_to_set(provider: str) -> None:
    with pytest.raises(AuthenticationError, match=KEY_NAMES[provider]):
        choose({"GOOGLE_API_KEY": KEY} if provider != "google" else {}, agentic_llm=provider)


def test_llama_may_have_a_server_of_its_own_without_key() -> None:
    url = {"LLAMA_BASE_URL": "http://localhost:11434"}
    choice = choose(url, agentic_llm="llama", agentic_model="llama3.1")
    assert (choice.provider, choice.model) == ("llama", "llama3.1") and "localhost" in choice.note
    with pytest.raises(ModelUnavailableError, match="agentic_model"):
        choose(url, agentic_llm="llama")


def test_an_unknown_embedded_model_is_told() -> None:
    with pytest.raises(ModelUnavailableError, match=DEFAULT_MODEL):
        choose(agentic_llm="local", agentic_model="gpt-4o")


def test_a_base_url_that_is_none_is_told() -> None:
    with pytest.raises(ModelUnavailableError, match="OPENAI_BASE_URL"):
        choose({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "localhost:11434"})


@pytest.mark.parametrize("url", ["http://localhost:many/v1", "ftp://localhost", "http://", "http://[::1"])
def test_other_oddities_of_a_base_url_are_told(url: str) -> None:
    with pytest.raises(ModelUnavailableError, match="not a web address"):
        choose({"OPENAI_API_KEY": KEY}, base_urls={"openai": url})


@pytest.mark.parametrize("provider", CLIENTS)
@pytest.mark.parametrize("path", ["", "/v1"])
def test_every_provider_is_reached_at_its_base_url(provider: str, path: str) -> None:
    with StubLLM() as stub:
        given = environment(**{KEY_NAMES[provider]: KEY, f"{provider.upper()}_BASE_URL": stub.root + path})
        system = SystemSettings(agentic_llm=provider, agentic_model="some-model")  # type: ignore[arg-type]
        client = open_client(choose_agent(system, given), system, given)
        answer = client.complete(REQUEST)
        client.close()
    assert (client.provider, client.model) == (provider, "some-model")
    assert answer.finish_reason == "stop" and set(json.loads(answer.text)) == {"word"}
    assert KEY in str(stub.headers[0])


@pytest.mark.parametrize("provider", CLIENTS)
def test_a_base_url_in_the_settings_is_honoured_and_the_environments_wins(provider: str) -> None:
    with StubLLM() as first, StubLLM() as second:
        system = SystemSettings(
            agentic_llm=provider,  # type: ignore[arg-type]
            agentic_model="m",
            base_urls={provider: first.url},  # type: ignore[arg-type]
        )
        for variables in ({}, {f"{provider.upper()}_BASE_URL": second.url}):
            given = environment(**{KEY_NAMES[provider]: KEY}, **variables)
            client = open_client(choose_agent(system, given), system, given)
            client.complete(REQUEST)
            client.close()
    assert (len(first.requests), len(second.requests)) == (1, 1)


def test_a_llama_server_named_in_the_settings_needs_no_key() -> None:
    choice = choose(agentic_llm="llama", agentic_model="llama3.1", base_urls={"llama": "http://localhost:11434"})
    assert (choice.provider, choice.model) == ("llama", "llama3.1")


def test_the_default_models_effort_is_not_sent_to_other_models() -> None:
    with StubLLM() as stub:
        given = environment(OPENAI_API_KEY=KEY, OPENAI_BASE_URL=stub.url)
        for model in ("", "another-model"):
            system = SystemSettings(agentic_model=model)
            client = open_client(choose_agent(system, given), system, given)
            client.complete(REQUEST)
            client.close()
    assert [sent.get("reasoning_effort") for sent in stub.requests] == ["none", None]


def test_every_provider_with_a_key_has_a_client_and_a_default_model() -> None:
    assert set(CLIENTS) == set(AGENT_MODELS) == set(KEY_NAMES)
    for facts in AGENT_MODELS.values():
        assert facts["model"] and facts["base_url"].startswith("https://") and facts["source"].startswith("https://")


def test_a_missing_embedded_model_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTDB_CACHE_DIR", str(tmp_path))
    for name, command in ((DEFAULT_MODEL, "`make model`"), ("qwen2.5-coder-0.5b-instruct", "MODEL=qwen2.5-coder-0.5b")):
        system = SystemSettings(agentic_llm="local", agentic_model=name)
        with pytest.raises(LLMError, match=command):
            open_client(choose_agent(system, environment()), system, environment())


def test_a_model_file_of_ones_own_is_checked_when_opened(tmp_path: Path) -> None:
    (tmp_path / "mine.gguf").write_bytes(b"<html>")
    system = SystemSettings(agentic_llm="local", local_model_path=str(tmp_path / "mine.gguf"))
    choice = choose_agent(system, environment())
    assert (choice.model, choice.is_local) == ("mine", True)
    with pytest.raises(ModelUnavailableError, match="not a GGUF"):
        open_client(choice, system, environment())
