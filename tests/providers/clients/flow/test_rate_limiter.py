"""The pace is the host's, the user's when that is lower, and felt out where nobody says."""

from __future__ import annotations

import pytest

from src.providers.clients.chat_client import RateLimits
from src.providers.clients.flow.rate_limiter import (
    ANSWERS_FOR_ONE_MORE,
    CARE,
    CONFIGURED_BURST,
    COOLDOWN,
    AdaptiveConcurrency,
    Bucket,
    RateLimiter,
)


def taken_at_once(bucket: Bucket, now: float) -> int:
    for count in range(10_000):
        if bucket.delay(1, now) > 0:
            return count
        bucket.take(1, now)
    raise AssertionError("it never says no")


def sent_in(bucket: Bucket, seconds: float, start: float = 0.0) -> int:
    """How many calls go when each is sent as soon as it may."""
    now, count = start, 0
    while now <= start + seconds:
        now += bucket.delay(1, now)
        bucket.take(1, now)
        count += now <= start + seconds
    return count


def test_without_a_rate_nothing_waits() -> None:
    pace = RateLimiter()
    for moment in range(1_000):
        assert pace.delay(50_000, moment) == 0
        pace.take(50_000, moment)


def test_a_configured_rate_allows_a_tenth_at_once_and_then_keeps_the_pace() -> None:
    bucket = Bucket(600)
    assert taken_at_once(bucket, now=5.0) == 600 * CONFIGURED_BURST
    assert bucket.delay(1, 5.0) == pytest.approx(0.1)
    assert sent_in(Bucket(600), 60) == pytest.approx(660, abs=1)


def test_a_call_larger_than_the_bucket_goes_when_the_bucket_is_full_and_is_paid_for_afterwards() -> None:
    bucket = Bucket(600)  # holds 60
    assert bucket.delay(200, 0.0) == 0
    bucket.take(200, 0.0)
    assert bucket.delay(60, 0.0) == pytest.approx(20)  # 140 owed and 60 to come, at 10 a second


def test_both_limits_count() -> None:
    pace = RateLimiter(6_000, 60_000)  # 600 requests, 6,000 tokens at once
    pace.take(6_000, 0.0)
    assert pace.delay(1_000, 0.0) == pytest.approx(1.0)
    few = RateLimiter(60, 60_000)  # 6 requests at once
    for _ in range(6):
        few.take(1, 0.0)
    assert few.delay(1, 0.0) == pytest.approx(1.0)


def test_the_host_s_headers_give_rate_and_burst() -> None:
    bucket = Bucket()
    bucket.take(1, 100.0)
    bucket.observe(limit=1_200, remaining=119, sent_at=100.0, now=100.2)
    assert bucket.rate == pytest.approx(CARE * 20)
    assert 110 < taken_at_once(bucket, 100.2) < 120
    assert sent_in(bucket, 60, start=100.2) <= 1_200


def test_the_burst_grows_with_what_the_host_is_seen_to_have_left() -> None:
    bucket = Bucket()
    bucket.observe(600, 10, sent_at=0.0, now=0.1)  # somebody else used the key just now
    assert taken_at_once(bucket, 0.1) < 11
    bucket.observe(600, 60, sent_at=60.0, now=60.1)
    assert 50 < taken_at_once(bucket, 60.1) < 61
    bucket.observe(600, 5, sent_at=60.1, now=60.2)
    assert bucket.capacity > 50  # what was once seen stays known


def test_what_was_sent_since_the_host_looked_is_taken_off() -> None:
    bucket = Bucket()
    bucket.take(1, 0.0)
    for _ in range(30):
        bucket.take(1, 0.1)
    bucket.observe(600, 60, sent_at=0.0, now=0.2)
    assert taken_at_once(bucket, 0.2) < 60 - 30 + 5


def test_the_user_s_lower_rate_stands_against_the_host_s() -> None:
    bucket = Bucket(60)
    bucket.observe(6_000, 5_999, sent_at=0.0, now=0.1)
    assert bucket.rate == 1.0
    assert taken_at_once(bucket, 0.1) == 6


def test_the_host_s_lower_rate_is_taken_over_and_followed_from_then_on() -> None:
    bucket = Bucket(6_000)
    bucket.observe(600, 59, sent_at=0.0, now=0.1)
    assert bucket.rate == pytest.approx(CARE * 10)
    bucket.observe(600, 2, sent_at=1.0, now=1.1)  # somebody else uses the key, too
    assert taken_at_once(bucket, 1.1) < 3


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_that_makes_no_sense_is_passed_over(limit: int) -> None:
    bucket = Bucket()
    bucket.observe(limit, 0, sent_at=0.0, now=0.1)
    assert bucket.delay(1, 0.1) == 0


def test_a_429_empties_the_bucket_whatever_was_thought_to_be_left() -> None:
    bucket = Bucket(600)
    bucket.empty(0.0)
    assert bucket.delay(1, 0.0) == pytest.approx(0.1)


def test_headers_on_requests_make_the_pace_known_those_on_tokens_alone_do_not() -> None:
    pace = RateLimiter()
    pace.observe(None, 0.0, 0.1)
    pace.observe(RateLimits(tokens_limit=1_000, tokens_remaining=900), 0.0, 0.1)
    assert not pace.has_headers and pace.tokens.rate > 0
    pace.observe(RateLimits(requests_limit=100), 0.0, 0.1)
    assert not pace.has_headers
    pace.observe(RateLimits(requests_limit=100, requests_remaining=99), 0.0, 0.1)
    assert pace.has_headers


def test_concurrency_is_cut_once_for_all_the_429s_of_a_burst() -> None:
    adaptive = AdaptiveConcurrency(40)
    for hundredth in range(20):
        adaptive.rejected(hundredth / 100, None)
    assert adaptive.limit == 30
    adaptive.rejected(COOLDOWN, None)
    assert adaptive.limit == 22


def test_a_longer_retry_after_is_a_longer_cooldown() -> None:
    adaptive = AdaptiveConcurrency(40)
    adaptive.rejected(0.0, 20.0)
    adaptive.rejected(19.0, 20.0)
    assert adaptive.limit == 30
    adaptive.rejected(20.0, 20.0)
    assert adaptive.limit == 22


def test_concurrency_grows_by_one_after_enough_answers_up_to_the_user_s_number() -> None:
    adaptive = AdaptiveConcurrency(4)
    adaptive.rejected(0.0, None)
    assert adaptive.limit == 3
    for _ in range(ANSWERS_FOR_ONE_MORE - 1):
        adaptive.answered()
    assert adaptive.limit == 3
    adaptive.answered()
    assert adaptive.limit == 4
    for _ in range(10 * ANSWERS_FOR_ONE_MORE):
        adaptive.answered()
    assert adaptive.limit == 4


def test_concurrency_never_falls_below_one() -> None:
    adaptive = AdaptiveConcurrency(8)
    for moment in range(0, 1_000, 10):
        adaptive.rejected(moment, None)
    assert adaptive.limit == 1
