"""What the clients of all SDKs share: sending a request, learning the host's dialect, errors of our own."""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol, TypeVar

from src.config.environment import Secret
from src.errors import AuthenticationError, LLMError, MalformedAnswerError
from src.providers.clients.chat_client import ChatAnswer, ChatRequest
from src.providers.clients.wire.http_errors import Host, read_error, status_error
from src.providers.clients.wire.rate_headers import rate_limits

T = TypeVar("T")
NOT_AN_ANSWER = "the answer is not a chat completion; check the base URL"


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """What goes with a model beyond the request. `reasoning_effort` is sent to hosts that know it, "" is not sent."""

    reasoning_effort: str = ""


class Dialect(Protocol):
    """How one host wants to be spoken to; immutable."""

    def body(self, model: str, request: ChatRequest) -> dict[str, Any]:
        """The request as JSON."""
        ...

    def after_refusal(self, said: str) -> Dialect | None:
        """The dialect to try after a 400 or 422 that says `said`; None when it teaches nothing new."""
        ...


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful HTTP answer, unread."""

    content: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong: our error, the SDK's exception (None where it shows the key), and what the host said."""

    error: LLMError
    cause: BaseException | None = None
    status: int = 0
    said: str = ""


class SdkClient(ABC):
    """One model at one host, through the provider's SDK. Safe to use from several threads.

    `timeout` is in seconds, for one call. Nothing is retried here. What the host refuses is remembered.
    """

    dialect: Dialect

    def __init__(
        self,
        provider: str,
        model: str,
        api_key: str,
        base_url: str,
        timeout: float = 60.0,
        options: ClientOptions | None = None,
    ) -> None:
        self.provider = provider
        self.model = model
        self.base_url = base_url.rstrip("/")
        self.timeout = timeout
        self.options = options or ClientOptions()
        self.host = Host(provider, model, self.base_url, Secret(api_key))
        self._sdk: Any = None
        self._lock = threading.Lock()

    def complete(self, request: ChatRequest) -> ChatAnswer:
        """The host's answer, unchanged. Raises the LLMError that fits."""
        while True:
            dialect = self.dialect
            body = dialect.body(self.model, request)
            outcome = self.attempt(partial(self._send, body))
            if isinstance(outcome, Reply):
                answer = self.answer_from(self._parsed(outcome.content))
                limits = rate_limits(outcome.headers)
                return replace(answer, limits=limits) if limits else answer
            self.dialect = _learned(dialect, outcome)

    def body(self, request: ChatRequest) -> dict[str, Any]:
        """The request as it is sent now."""
        return self.dialect.body(self.model, request)

    def run(self, action: Callable[[], T]) -> T:
        """What `action`, a use of `sdk()`, returns. Raises the LLMError that fits instead of the SDK's errors."""
        outcome = self.attempt(action)
        if isinstance(outcome, Failure):
            raise outcome.error from outcome.cause
        return outcome

    def sdk(self) -> Any:
        """The one SDK object, made on first use: importing an SDK takes up to a second."""
        with self._lock:
            if self._sdk is None:
                _check_key(self.host)
                self._sdk = self._open()
            return self._sdk

    def close(self) -> None:
        with self._lock:
            if self._sdk is not None:
                self._shut(self._sdk)
            self._sdk = None

    @staticmethod
    @abstractmethod
    def load_library() -> Any:
        """The SDK's module, imported on first use."""

    @abstractmethod
    def answer_from(self, body: Mapping[str, Any]) -> ChatAnswer:
        """The answer in a response's JSON. Raises the LLMError that fits."""

    @abstractmethod
    def attempt(self, action: Callable[[], T]) -> T | Failure:
        """What `action` returns, or the SDK's error as a Failure."""

    @abstractmethod
    def _open(self) -> Any:
        """A new SDK object that retries nothing."""

    @abstractmethod
    def _send(self, body: dict[str, Any]) -> Reply:
        """Send one request. Raises the SDK's errors."""

    def _shut(self, sdk: Any) -> None:
        sdk.close()

    def _failed(self, kind: type[LLMError], what: str, error: Exception, said: str = "") -> Failure:
        return Failure(self.host.error(kind, what, said), self.host.printable_cause(error))

    def _refused(self, error: Exception, status: int, text: str, headers: Mapping[str, str]) -> Failure:
        """The Failure for an HTTP answer that is no success."""
        said, code = read_error(text)
        ours = status_error(self.host, status, said, headers, code)
        return Failure(ours, self.host.printable_cause(error), status, f"{code} {said}")

    def _parsed(self, content: bytes) -> dict[str, Any]:
        try:
            parsed = json.loads(content)
        except ValueError as error:
            failure = self._failed(MalformedAnswerError, "the answer is not JSON", error, _start_of(content))
        else:
            if isinstance(parsed, dict):
                return parsed
            failure = Failure(self.host.error(MalformedAnswerError, NOT_AN_ANSWER, _start_of(content)))
        raise failure.error from failure.cause


def _learned(dialect: Dialect, failure: Failure) -> Dialect:
    learned = dialect.after_refusal(failure.said) if failure.status in (400, 422) else None
    if learned is None:
        raise failure.error from failure.cause
    return learned


def _start_of(content: bytes) -> str:
    return content[:2000].decode("utf-8", "replace")


def _check_key(host: Host) -> None:
    """HTTP headers hold ASCII only; a library that finds that out quotes the whole key in its exception."""
    if not (host.key.isascii() and host.key.isprintable()) or " " in host.key:
        raise host.error(AuthenticationError, "the API key holds a character that no key has")
