"""Read an answer in OpenAI's chat format: OpenAI, Mistral and the hosts that speak as they do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from src.errors import LLMError, MalformedAnswerError, OverloadedError
from src.providers.clients.chat_client import ChatAnswer, FinishReason, Usage
from src.providers.clients.wire.http_errors import Host, status_error
from src.providers.clients.wire.sdk_client import NOT_AN_ANSWER


def read_completion(host: Host, body: Mapping[str, Any]) -> ChatAnswer:
    """The answer in a chat completion. Raises the LLMError that fits."""
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise _no_answer(host, body)
    # Hosts have reasons of their own, beyond the API reference's list.
    reason, message = str(choices[0].get("finish_reason")), choices[0].get("message")
    if reason == "error":
        raise host.error(OverloadedError, "the model failed in the middle of its answer")
    if not isinstance(message, dict):
        raise host.error(MalformedAnswerError, "the answer has no message")
    return ChatAnswer(
        text=_text(message.get("content")),
        finish_reason=_finish_reason(reason, message.get("refusal")),
        usage=_usage(body.get("usage")),
        model=str(body.get("model") or host.model),
    )


def _no_answer(host: Host, body: Mapping[str, Any]) -> LLMError:
    """An answer without choices: OpenRouter reports a failure of the model behind it in a 200."""
    failure = body.get("error")
    if isinstance(failure, dict):
        status = failure.get("code")
        return status_error(host, status if isinstance(status, int) else 502, str(failure.get("message", "")), {})
    return host.error(MalformedAnswerError, NOT_AN_ANSWER)


def _text(content: object) -> str:
    """Mistral's reasoning models answer with a list of chunks; only those of type text are the answer."""
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if part.get("type") == "text")
    return content if isinstance(content, str) else ""


def _finish_reason(reason: str, refusal: object) -> FinishReason:
    if reason in ("length", "max_tokens", "model_length"):
        return "length"
    if refusal or reason in ("content_filter", "refusal", "safety"):
        return "refused"
    return "stop"


def _usage(usage: object) -> Usage:
    if not isinstance(usage, dict):
        return Usage()
    return Usage(usage.get("prompt_tokens"), usage.get("completion_tokens"))
