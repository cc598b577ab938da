"""Chat calls through the OpenAI SDK, to OpenAI and to every host that speaks its format."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from src.config.environment import Secret
from src.errors import ConnectionFailedError, LLMError, MalformedAnswerError, OverloadedError, TimedOutError
from src.providers.clients.chat_client import ChatAnswer, ChatRequest, FinishReason, Usage
from src.providers.clients.wire.http_errors import Host, status_error
from src.providers.clients.wire.openai_dialect import Dialect

if TYPE_CHECKING:
    from openai import APIError, OpenAI
    from openai.types.chat import ChatCompletion

CONNECT_SECONDS = 10.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class OpenAIClient:
    """One model at one OpenAI-compatible host. Safe to use from several threads.

    `timeout` is in seconds, for one call. Nothing is retried here: that is RetryingClient's part.
    `dialect` is how the host is spoken to at first; what it refuses is remembered.
    """

    def __init__(
        self,
        provider: str,
        model: str,
        api_key: str,
        base_url: str,
        timeout: float = 60.0,
        dialect: Dialect | None = None,
    ) -> None:
        self.provider = provider
        self.model = model
        self.base_url = base_url
        self.timeout = timeout
        self._host = Host(provider, model, base_url, Secret(api_key))
        self._dialect = dialect or Dialect()
        self._sdk: OpenAI | None = None
        self._lock = threading.Lock()

    def complete(self, request: ChatRequest) -> ChatAnswer:
        """The host's answer, unchanged. Raises the LLMError that fits."""
        completion = self._create(request)
        if not getattr(completion, "choices", None):
            raise self._no_answer(completion)
        return self._answer(completion)

    def close(self) -> None:
        with self._lock:
            if self._sdk is not None:
                self._sdk.close()
            self._sdk = None

    def _create(self, request: ChatRequest) -> ChatCompletion:
        import openai

        while True:
            dialect = self._dialect
            try:
                create: Any = self._open().chat.completions.create
                completion: ChatCompletion = create(**dialect.arguments(self.model, request))
                return completion
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                learned = dialect.after_refusal(f"{error.param or ''} {error.message}")
                if learned is None:
                    raise self._mapped(error) from self._cause(error)
                self._dialect = learned
            except openai.APIError as error:
                raise self._mapped(error) from self._cause(error)
            except ValueError as error:  # JSONDecodeError: the SDK lets it through
                raise self._host.error(MalformedAnswerError, "the answer is not JSON", str(error)) from error

    def _open(self) -> OpenAI:
        """The one SDK object, made on first use: importing openai takes about half a second."""
        import openai

        with self._lock:
            if self._sdk is None:
                timeout = openai.Timeout(self.timeout, connect=min(CONNECT_SECONDS, self.timeout))
                # A proxy has no business between us and our own machine.
                direct = urlsplit(self.base_url).hostname in LOOPBACK
                http = openai.DefaultHttpxClient(trust_env=False, timeout=timeout) if direct else None
                self._sdk = openai.OpenAI(
                    api_key=str(self._host.key) or "none",  # the SDK refuses an empty key, Ollama needs none
                    base_url=self.base_url,
                    max_retries=0,
                    timeout=timeout,
                    http_client=http,
                )
            return self._sdk

    def _mapped(self, error: APIError) -> LLMError:
        import openai

        if isinstance(error, openai.APITimeoutError):
            return self._host.error(TimedOutError, f"no answer within {self.timeout:g} s")
        if isinstance(error, openai.APIConnectionError):
            return self._host.error(ConnectionFailedError, "the connection failed", str(error.__cause__ or ""))
        if isinstance(error, openai.APIStatusError):
            said = error.message if isinstance(error.body, dict) else error.response.text
            code = f"{error.code or ''} {error.type or ''}"
            return status_error(self._host, error.status_code, said, error.response.headers, code)
        return self._host.error(MalformedAnswerError, "the answer is not a chat completion", error.message)

    def _cause(self, error: APIError) -> APIError | None:
        """The SDK's exception, unless the host put our key into it: causes are printed too."""
        key = self._host.key
        return None if key and key in f"{error} {error.body}" else error

    def _no_answer(self, completion: object) -> LLMError:
        """An answer without choices: OpenRouter reports a failure of the model behind it in a 200."""
        failure = getattr(completion, "error", None)
        if isinstance(failure, dict):
            status = failure.get("code")
            return status_error(
                self._host, status if isinstance(status, int) else 502, str(failure.get("message", "")), {}
            )
        said = completion if isinstance(completion, str) else ""
        return self._host.error(MalformedAnswerError, "the answer is not a chat completion; check the base URL", said)

    def _answer(self, completion: ChatCompletion) -> ChatAnswer:
        choice, usage = completion.choices[0], completion.usage
        # Hosts have reasons of their own, beyond the SDK's list.
        reason, message = str(choice.finish_reason), choice.message
        if reason == "error":
            raise self._host.error(OverloadedError, "the model failed in the middle of its answer")
        if message is None:
            raise self._host.error(MalformedAnswerError, "the answer has no message")
        return ChatAnswer(
            text=message.content or "",
            finish_reason=_finish_reason(reason, message.refusal),
            usage=Usage(usage.prompt_tokens, usage.completion_tokens) if usage else Usage(),
            model=completion.model or self.model,
        )


def _finish_reason(reason: str, refusal: str | None) -> FinishReason:
    if reason in ("length", "max_tokens", "model_length"):
        return "length"
    if refusal or reason in ("content_filter", "refusal", "safety"):
        return "refused"
    return "stop"
