from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from src.providers.clients.chat_client import RateLimits
from src.providers.clients.wire.rate_headers import rate_limits, states_zero_allowance
from tests.providers.clients.wires import limit_headers

OPENAI = {
    "Date": "today",
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-limit-tokens": "200000",
    "x-ratelimit-remaining-requests": "499",
    "x-ratelimit-remaining-tokens": "199000",
    "x-ratelimit-reset-requests": "120ms",
    "x-ratelimit-reset-tokens": "6m0s",
}


def test_openais_headers_are_read() -> None:
    assert rate_limits(OPENAI) == RateLimits(500, 499, 0.12, 200_000, 199_000, 360.0)


def test_anthropics_dates_become_seconds() -> None:
    soon = (datetime.now(timezone.utc) + timedelta(seconds=30)).isoformat().replace("+00:00", "Z")
    headers = {
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "49",
        "anthropic-ratelimit-requests-reset": soon,
        "anthropic-ratelimit-input-tokens-limit": "40000",
        "anthropic-ratelimit-output-tokens-limit": "8000",
        "anthropic-ratelimit-output-tokens-remaining": "7000",
        "anthropic-ratelimit-output-tokens-reset": "2020-01-01T00:00:00Z",
    }
    limits = rate_limits(headers)
    assert limits is not None and limits.requests_reset is not None and 20 < limits.requests_reset <= 30
    assert (limits.requests_limit, limits.requests_remaining) == (50, 49)
    assert (limits.tokens_limit, limits.tokens_remaining, limits.tokens_reset) == (8000, 7000, 0.0)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            {"x-ratelimit-limit-req-minute": "125", "x-ratelimit-remaining-req-minute": "123",
             "x-ratelimit-limit-tokens-minute": "625000", "x-ratelimit-remaining-tokens-minute": "624984"},
            RateLimits(125, 123, None, 625_000, 624_984),
        ),
        (
            {"x-ratelimitbysize-limit-minute": "500000", "x-ratelimitbysize-remaining-minute": "499900",
             "ratelimitbysize-reset": "28"},
            RateLimits(tokens_limit=500_000, tokens_remaining=499_900, tokens_reset=28.0),
        ),
    ],
)  # fmt: skip
def test_mistrals_names_are_known(headers: dict[str, str], expected: RateLimits) -> None:
    assert rate_limits(headers) == expected


def test_headers_without_limits_are_none() -> None:
    assert rate_limits({}) is None
    assert rate_limits({"content-type": "application/json", "x-ratelimit-policy": "none"}) is None


@pytest.mark.parametrize("value", ["soon", "-", "", "12 parsecs", "2026-13-45T99:00:00Z", "nan"])
def test_what_cannot_be_read_is_unknown(value: str) -> None:
    limits = rate_limits({**OPENAI, "x-ratelimit-reset-requests": value, "x-ratelimit-limit-requests": value or "none"})
    assert limits is not None and limits.requests_reset is None and limits.requests_limit in (None, 12)


@pytest.mark.parametrize("reset", ["2m59.56s", "179560ms"])
def test_an_allowance_per_day_is_no_pace(reset: str) -> None:
    daily = {
        **OPENAI,
        "x-ratelimit-limit-requests": "14400",
        "x-ratelimit-remaining-requests": "14370",
        "x-ratelimit-reset-requests": reset,
    }
    limits = rate_limits(daily)
    assert limits is not None
    assert (limits.requests_limit, limits.requests_remaining, limits.tokens_limit) == (None, None, 200_000)


def test_a_limit_of_zero_is_not_an_absent_one() -> None:
    assert states_zero_allowance({"x-ratelimit-limit-req-minute": "0"})
    assert not states_zero_allowance({"x-ratelimit-limit-req-minute": "60", "x-ratelimit-remaining-req-minute": "0"})
    assert not states_zero_allowance({})


@pytest.mark.parametrize("wire", ["openai", "anthropic"])
def test_the_stubs_headers_are_understood(wire: str) -> None:
    limits = rate_limits(limit_headers(wire, 1200, 1100, 5.0))
    assert limits is not None and (limits.requests_limit, limits.requests_remaining) == (1200, 1100)
    assert limits.requests_reset is not None and 3 < limits.requests_reset <= 5
