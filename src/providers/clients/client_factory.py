"""Decide which LLM does the agents' work, and open a connection to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from src.config.environment import BASE_URL_NAMES, KEY_NAMES, Environment
from src.config.loader import shipped_yaml
from src.config.settings import SystemSettings
from src.errors import AuthenticationError, ModelUnavailableError
from src.providers.clients import CLIENTS
from src.providers.clients.chat_client import ChatClient
from src.providers.clients.local.local_client import LocalClient
from src.providers.clients.local.model_store import (
    DEFAULT_MODEL,
    LOCAL_MODELS,
    check_gguf,
    is_cached,
    local_model,
    model_path,
)
from src.providers.clients.wire.sdk_client import ClientOptions

AGENT_MODELS: Mapping[str, Mapping[str, Any]] = shipped_yaml(Path(__file__).parent / "models" / "agent_models.yaml")
# A model on two cores answers in half a minute at most times; two may wait for the same cores.
LEAST_LOCAL_TIMEOUT = 600.0


@dataclass(frozen=True, slots=True)
class AgentChoice:
    """The LLM for the agents' work. `note` tells the user why it was chosen; `host` is whom it is asked of."""

    provider: str
    model: str
    is_local: bool
    note: str
    host: str = ""


def choose_agent(system: SystemSettings, environment: Environment) -> AgentChoice:
    """The LLM that the settings name or, for `auto`, the first provider with a key, else the embedded model.

    Nothing is contacted or loaded. Raises AuthenticationError for a provider without key and
    ModelUnavailableError for a model that cannot be.
    """
    if system.agentic_llm == "auto":
        found = None if system.agentic_model in LOCAL_MODELS else environment.first_provider_with_key()
        return _choose_remote(found, system, environment) if found else _choose_local(system, "no API key is used")
    if system.agentic_llm == "local":
        return _choose_local(system, "chosen in the settings")
    return _choose_remote(system.agentic_llm, system, environment)


def open_client(choice: AgentChoice, system: SystemSettings, environment: Environment) -> ChatClient:
    """A client for the choice; nothing is sent yet. Raises ModelUnavailableError."""
    return _open_local(choice, system) if choice.is_local else _open_remote(choice, system, environment)


def _choose_local(system: SystemSettings, why: str) -> AgentChoice:
    if system.local_model_path:
        path = Path(system.local_model_path)
        return AgentChoice("local", path.stem, True, f"the model in {path} on this machine: {why}")
    model = local_model(system.agentic_model or DEFAULT_MODEL)
    return AgentChoice("local", model.name, True, f"{model.display_name} on this machine: {why}")


def _choose_remote(provider: str, system: SystemSettings, environment: Environment) -> AgentChoice:
    own_host = provider == "llama" and bool(_given_url(provider, system, environment))
    if provider not in environment.keys and not own_host:
        other = f" or {_where_url_is_set(provider)} for a server of your own" if provider == "llama" else ""
        raise AuthenticationError(
            f"No API key for {provider} was found.",
            hint=f"Put {KEY_NAMES[provider]}=...{other} into .env, or set system.agentic_llm to auto or local.",
        )
    if own_host and not system.agentic_model:
        raise ModelUnavailableError(
            f"{_where_url_is_set(provider)} is set, so the default model's name may not fit.",
            hint="Name one of that host's models in system.agentic_model (AGENT_MODEL in .env).",
        )
    url = _base_url(provider, system, environment)
    model = system.agentic_model or str(AGENT_MODELS[provider]["model"])
    key = f"{KEY_NAMES[provider]} is set" if provider in environment.keys else "without a key"
    host = urlsplit(url).hostname or ""
    return AgentChoice(provider, model, False, f"{model} at {host}: {key}", host)


def _base_url(provider: str, system: SystemSettings, environment: Environment) -> str:
    """The provider's address, or the user's. One without a path ("http://localhost:11434") gets the usual path."""
    given = _given_url(provider, system, environment)
    if not given:
        return str(AGENT_MODELS[provider]["base_url"])
    if not _is_web_address(given):
        raise ModelUnavailableError(
            f"{_where_url_is_set(provider)} is not a web address.", hint="It looks like http://localhost:11434/v1."
        )
    bare = not urlsplit(given).path.strip("/")
    return given.rstrip("/") + (str(AGENT_MODELS[provider].get("bare_path", "")) if bare else "")


def _given_url(provider: str, system: SystemSettings, environment: Environment) -> str:
    """The user's address: the environment wins over config.yaml, "" where neither has one."""
    configured = str(getattr(system.base_urls, provider))
    return environment.base_urls.get(provider) or configured.strip()


def _where_url_is_set(provider: str) -> str:
    return f"{BASE_URL_NAMES[provider]} (system.base_urls.{provider})"


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        return False


def _open_remote(choice: AgentChoice, system: SystemSettings, environment: Environment) -> ChatClient:
    known = AGENT_MODELS[choice.provider]
    # The default model's effort would not fit the user's own choice of model.
    effort = str(known.get("reasoning_effort", "")) if choice.model == known["model"] else ""
    key = environment.keys.get(choice.provider, "")
    url = _base_url(choice.provider, system, environment)
    make = CLIENTS[choice.provider]
    return make(choice.provider, choice.model, key, url, system.timeout, ClientOptions(reasoning_effort=effort))


def _open_local(choice: AgentChoice, system: SystemSettings) -> ChatClient:
    if system.local_model_path:
        path = check_gguf(Path(system.local_model_path))
    elif is_cached(choice.model):
        path = model_path(choice.model)
    else:
        size = local_model(choice.model).bytes / 1e9
        option = "" if choice.model == DEFAULT_MODEL else f" MODEL={choice.model}"
        raise ModelUnavailableError(
            f"The embedded model {choice.model} ({size:.1f} GB) is not on this machine yet.",
            hint=f"Run `make model{option}` once, or set an API key in .env.",
        )
    return LocalClient(path, choice.model, timeout=max(system.timeout, LEAST_LOCAL_TIMEOUT))
