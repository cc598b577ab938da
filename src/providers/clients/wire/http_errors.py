"""Turn what a host says went wrong (status, code, text, headers) into the LLMError that fits."""

from __future__ import annotations

import base64
import email.utils
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from src.config.environment import KEY_NAMES, Secret
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
from src.providers.clients.wire.rate_headers import states_zero_allowance

MAX_TEXT = 300
# Hosts agree on statuses, not on words: each line holds the codes and phrases of OpenAI, Anthropic, Google,
# Mistral, OpenRouter and llama.cpp for one thing (their API references and reported answers, read 2026-11-21).
_CONTEXT = re.compile(
    r"context_length_exceeded|exceed_context_size|context (length|size|window|limit)|prompt is too long"
    r"|input token count .*exceeds|too large for model",
    re.IGNORECASE,
)
# Google's per-minute quotas say "exceeded your current quota" too: only the id of a daily one ends a run.
_QUOTA = re.compile(
    r"insufficient_quota|billing_hard_limit|billing_not_active|billing_error|credit balance|spend_limit|usage limits"
    r"|insufficient (credits|balance|funds)|credits are depleted|inactive subscription|PerDay|limit: 0\b",
    re.IGNORECASE,
)
_KEY = re.compile(
    r"api_key_invalid|api key not valid|invalid_api_key|api key expired|key was reported as leaked", re.IGNORECASE
)
_REFUSED = re.compile(
    r"content_filter|content_policy|content filtering|responsible_ai|prohibited_content", re.IGNORECASE
)
_RETRY_IN = re.compile(r"retry in ([\d.]+) ?s|\"?retryDelay\"?: *[\"']([\d.]+)s", re.IGNORECASE)
_HINTS: dict[type[LLMError], str] = {
    AuthenticationError: "Check {key} in .env or in the environment.",
    PermissionDeniedError: "Give {key} access to this model, or choose another model (system.agentic_model).",
    QuotaExhaustedError: "Add credit to the account behind {key}, or choose another provider (system.agentic_llm).",
    ModelUnavailableError: "Check system.agentic_model in config.yaml (AGENT_MODEL in .env); empty means the default.",
    RateLimitedError: "If it stays so, use another model or a higher rate limit.",
    OverloadedError: "If it stays so, try again later or use another model.",
    ConnectionFailedError: "Check the network, the proxy and the base URL.",
    TimedOutError: "Raise system.timeout in config.yaml if the model is slow; the call may have been billed.",
    ContextTooLongError: "Use shorter passages or a model with a larger context.",
    ContentRefusedError: "Leave out the document it is about, or use another model.",
    BadRequestError: "Check that this model takes such requests, or choose another one (system.agentic_model).",
    MalformedAnswerError: "Check the base URL; if it stays so, use another model.",
}


@dataclass(frozen=True, slots=True)
class Host:
    """Whom we talk to; the key is here only so that it can be cut out of texts."""

    provider: str
    model: str
    base_url: str
    key: Secret

    def __str__(self) -> str:
        return f"{self.provider} ({self.model} at {urlsplit(self.base_url).hostname})"

    def without_key(self, text: str) -> str:
        """`text` on one line, without the key, at most MAX_TEXT characters."""
        for shape in _shapes(self.key):
            text = text.replace(shape, "[key]")
        line = " ".join(text.split())
        return line if len(line) <= MAX_TEXT else line[:MAX_TEXT] + "..."

    def printable_cause(self, error: BaseException) -> BaseException | None:
        """The exception to raise ours from, None where it or its own causes show the key: they are printed too."""
        link: BaseException | None = error
        while link is not None:
            shown = f"{link} {link!r} {getattr(link, 'body', '')}"
            if any(shape in shown for shape in _shapes(self.key)):
                return None
            link = link.__cause__ or link.__context__
        return error

    def error(self, kind: type[LLMError], what: str, said: str = "", retry_after: float | None = None) -> LLMError:
        """An error of `kind`: who, what happened, what the host said, what to do."""
        said = self.without_key(said)
        hint = _HINTS.get(kind, "").format(key=KEY_NAMES.get(self.provider, "the API key"))
        return kind(f"{self}: {what}{f': {said}' if said else ''}.", hint=hint, retry_after=retry_after)


def _shapes(key: str) -> tuple[str, ...]:
    """How a host may echo a key: as it is, URL-encoded, in base64."""
    if not key:
        return ()
    return key, quote(key, safe=""), base64.b64encode(key.encode()).decode().rstrip("=")


def status_error(host: Host, status: int, said: str, headers: Mapping[str, str], code: str = "") -> LLMError:
    """The error for an HTTP answer that is not a success. `said` is the host's message, `code` its error code."""
    if 300 <= status < 400:
        where = host.without_key(headers.get("location") or "nowhere")
        hint = "Nothing was sent there. Check the base URL."
        return ModelUnavailableError(f"{host}: the address redirects ({status}) to {where}.", hint=hint)
    kind, what = _kind(status, f"{code} {said}")
    if status == 429 and states_zero_allowance(headers):
        kind, what = QuotaExhaustedError, "this account's limit for the model is zero"
    wait = retry_after(headers, f"{code} {said}") if kind.retryable else None
    return host.error(kind, f"{what} ({status})", said, wait)


def read_error(text: str) -> tuple[str, str]:
    """The message of an error body, and everything in it that is a code. Hosts have five shapes for it."""
    try:
        body = json.loads(text)
    except ValueError:
        return text, ""
    if isinstance(body, list) and body:
        body = body[0]
    error = (body.get("error") or body) if isinstance(body, dict) else body
    if not isinstance(error, dict):
        return str(error), ""
    said = error.get("message") or error.get("detail") or ""
    codes = [error.get(name) for name in ("code", "type", "status", "param")]
    details = json.dumps(error["details"]) if error.get("details") else ""
    return said if isinstance(said, str) else json.dumps(said), " ".join(str(c) for c in [*codes, details] if c)


def retry_after(headers: Mapping[str, str], said: str = "") -> float | None:
    """How many seconds the host asks us to wait: retry-after-ms, Retry-After (seconds or HTTP date), or its text."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is None and value:
        seconds = _seconds_until(value)
    if seconds is None and (match := _RETRY_IN.search(said)):
        seconds = _number(match[1] or match[2])
    return seconds


def _kind(status: int, text: str) -> tuple[type[LLMError], str]:
    if status == 402 or (status in (400, 403, 429) and _QUOTA.search(text)):
        return QuotaExhaustedError, "no credit left"
    if status == 401 or (status in (400, 403) and _KEY.search(text)):
        return AuthenticationError, "the API key was not accepted"
    if status == 413 or (status in (400, 422) and _CONTEXT.search(text)):
        return ContextTooLongError, "the request does not fit the model"
    if status in (400, 403, 451) and _REFUSED.search(text):
        return ContentRefusedError, "the provider declined the request"
    return _BY_STATUS.get(status) or _by_class(status)


_BY_STATUS: dict[int, tuple[type[LLMError], str]] = {
    403: (PermissionDeniedError, "the API key may not do this"),
    404: (ModelUnavailableError, "no such model or address"),
    408: (TimedOutError, "the host gave up waiting"),
    409: (OverloadedError, "the host is busy with a conflicting request"),
    410: (ModelUnavailableError, "the model was retired"),
    429: (RateLimitedError, "too many requests"),
    504: (TimedOutError, "the host took too long"),
}


def _by_class(status: int) -> tuple[type[LLMError], str]:
    if status >= 500:
        return OverloadedError, "the host has trouble"
    return BadRequestError, "the host rejected the request"


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def _seconds_until(date: str) -> float | None:
    try:
        moment = email.utils.parsedate_to_datetime(date)
    except ValueError:
        return None
    return max(0.0, moment.timestamp() - time.time())
