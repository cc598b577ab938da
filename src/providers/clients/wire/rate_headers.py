"""Read what a host's headers say of its rate limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone

from src.providers.clients.chat_client import RateLimits

# The first of these names that a host sends counts. OpenAI (and Groq, Together, Fireworks, vLLM gateways), Anthropic,
# Mistral: the providers' pages on rate limits, and headers seen in the wild (read 2026-11-21).
_NAMES: Mapping[str, tuple[str, ...]] = {
    "requests_limit": (
        "x-ratelimit-limit-requests", "anthropic-ratelimit-requests-limit", "x-ratelimit-limit-req-minute"),
    "requests_remaining": (
        "x-ratelimit-remaining-requests", "anthropic-ratelimit-requests-remaining",
        "x-ratelimit-remaining-req-minute"),
    "requests_reset": ("x-ratelimit-reset-requests", "anthropic-ratelimit-requests-reset"),
    "tokens_limit": (
        "x-ratelimit-limit-tokens", "anthropic-ratelimit-tokens-limit", "anthropic-ratelimit-output-tokens-limit",
        "anthropic-ratelimit-input-tokens-limit", "x-ratelimit-limit-tokens-minute",
        "x-ratelimitbysize-limit-minute", "ratelimitbysize-limit"),
    "tokens_remaining": (
        "x-ratelimit-remaining-tokens", "anthropic-ratelimit-tokens-remaining",
        "anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-input-tokens-remaining",
        "x-ratelimit-remaining-tokens-minute", "x-ratelimitbysize-remaining-minute", "ratelimitbysize-remaining"),
    "tokens_reset": (
        "x-ratelimit-reset-tokens", "anthropic-ratelimit-tokens-reset", "anthropic-ratelimit-output-tokens-reset",
        "anthropic-ratelimit-input-tokens-reset", "x-ratelimitbysize-reset", "ratelimitbysize-reset"),
}  # fmt: skip
# "6m0s", "1h2m3.5s", "12ms": Go writes durations so.
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|us|µs|ns|h|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_DAY = 86_400.0


def rate_limits(headers: Mapping[str, str]) -> RateLimits | None:
    """The limits per minute, None where no header tells of any.

    Requests allowed per day (Groq, OpenAI's free tier) are left out: that is no pace to keep.
    """
    sent = {name.lower(): value for name, value in headers.items() if "ratelimit" in name.lower()}
    if not sent:
        return None
    found = {field: _first(sent, names) for field, names in _NAMES.items()}
    requests = _allowance(found, "requests")
    tokens = _allowance(found, "tokens")
    if _is_per_day(*requests):
        requests = (None, None, None)
    if requests == tokens == (None, None, None):
        return None
    return RateLimits(*requests, *tokens)


def states_zero_allowance(headers: Mapping[str, str]) -> bool:
    """Whether the host grants no request at all: Mistral's answer (with a 429) for a model outside one's plan."""
    limits = rate_limits(headers)
    return limits is not None and limits.requests_limit == 0


def _first(sent: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((sent[name] for name in names if name in sent), None)


def _allowance(found: Mapping[str, str | None], what: str) -> tuple[int | None, int | None, float | None]:
    limit, remaining = _count(found[f"{what}_limit"]), _count(found[f"{what}_remaining"])
    return limit, remaining, _reset(found[f"{what}_reset"])


def _is_per_day(limit: int | None, remaining: int | None, reset: float | None) -> bool:
    """Whether what is used up comes back at the pace of the whole allowance in a day."""
    if not limit or not reset or remaining is None or remaining >= limit:
        return False
    return 0.9 < limit * reset / (limit - remaining) / _DAY < 1.1


def _count(value: str | None) -> int | None:
    try:
        return max(0, int(float(value))) if value else None
    except (ValueError, OverflowError):
        return None


def _reset(value: str | None) -> float | None:
    """Seconds from a duration ("6m0s"), a moment (RFC 3339) or a plain number of seconds."""
    if not value:
        return None
    if "T" in value or "t" in value:
        return _until(value)
    parts = _DURATION.findall(value)
    if parts:
        return sum(float(number) * _SECONDS[unit] for number, unit in parts)
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _until(moment: str) -> float | None:
    try:
        then = datetime.fromisoformat(moment.upper().replace("Z", "+00:00"))
    except ValueError:
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=timezone.utc)
    return max(0.0, then.timestamp() - datetime.now(timezone.utc).timestamp())
