"""Stay below the host's requests and tokens per minute: known from its headers, from the settings, or felt out."""

from __future__ import annotations

from collections import deque

from src.providers.clients.chat_client import RateLimits

# The settings name a rate but no burst: a tenth of a minute's allowance may go at once.
CONFIGURED_BURST = 0.1
# At exactly the host's rate, and down to its last request, every jitter of the network would be a 429.
CARE, RESERVE = 0.98, 3.0
# Cut to three quarters, one more after 25 answers: slow enough that single 429s do not starve a run.
CUT, ANSWERS_FOR_ONE_MORE, COOLDOWN = 0.75, 25, 2.0
# Sends are remembered this long; no header is older than the slowest answer.
_REMEMBERED_SECONDS = 600.0


class Bucket:
    """An allowance that refills by `per_minute` and holds at most `capacity`. Without a rate it never says no."""

    def __init__(self, per_minute: float | None = None) -> None:
        self.rate = (per_minute or 0) / 60
        self.capacity = max(1.0, (per_minute or 0) * CONFIGURED_BURST)
        self.level = self.capacity
        self._configured = self.rate if per_minute is not None else None
        self._at = 0.0
        self._observed = False
        self._sends: deque[tuple[float, float]] = deque()

    def delay(self, amount: float, now: float) -> float:
        """Seconds until `amount` may be taken. More than the bucket holds may go when it is full."""
        if not self.rate:
            return 0.0
        self._refill(now)
        missing = min(amount, self.capacity) - self.level
        return max(0.0, missing / self.rate)

    def take(self, amount: float, now: float) -> None:
        self._refill(now)
        self.level -= amount
        self._sends.append((now, amount))
        while self._sends and self._sends[0][0] < now - _REMEMBERED_SECONDS:
            self._sends.popleft()

    def observe(self, limit: int, remaining: int, sent_at: float, now: float) -> None:
        """Take over what the host said in its answer to the request of `sent_at`.

        Whether it looked when the request came or when the answer went is not known, so the lower one of both
        readings counts. The most it ever had left is its burst.
        """
        if limit <= 0 or (self._configured is not None and limit / 60 >= self._configured):
            return  # the user's own, lower rate stands
        self.rate = CARE * limit / 60
        known = self.capacity if self._observed else 0.0
        self.capacity = max(known, float(remaining + self._last_cost(sent_at)), 1.0)
        self._observed = True
        since = self.rate * (now - sent_at) - self._sent_after(sent_at)
        reserve = min(RESERVE, self.capacity / 20)
        self.level = min(self.capacity, remaining - reserve + min(0.0, since))
        self._at = now

    def empty(self, now: float) -> None:
        """The host said 429: nothing is left, whatever we thought."""
        self._refill(now)
        self.level = min(self.level, 0.0)

    def _refill(self, now: float) -> None:
        if self.rate:
            self.level = min(self.capacity, self.level + self.rate * max(0.0, now - self._at))
        self._at = now

    def _sent_after(self, moment: float) -> float:
        total = 0.0
        for at, amount in reversed(self._sends):
            if at <= moment:
                break
            total += amount
        return total

    def _last_cost(self, moment: float) -> float:
        return next((amount for at, amount in reversed(self._sends) if at <= moment), 1.0)


class RateLimiter:
    """Both buckets of one (provider, model)."""

    def __init__(self, requests_per_minute: int | None = None, tokens_per_minute: int | None = None) -> None:
        self.requests = Bucket(requests_per_minute)
        self.tokens = Bucket(tokens_per_minute)
        self.has_headers = False

    def delay(self, tokens: float, now: float) -> float:
        return max(self.requests.delay(1, now), self.tokens.delay(tokens, now))

    def take(self, tokens: float, now: float) -> None:
        self.requests.take(1, now)
        self.tokens.take(tokens, now)

    def observe(self, limits: RateLimits | None, sent_at: float, now: float) -> None:
        if limits is None:
            return
        if limits.requests_limit is not None and limits.requests_remaining is not None:
            self.has_headers = True
            self.requests.observe(limits.requests_limit, limits.requests_remaining, sent_at, now)
        if limits.tokens_limit is not None and limits.tokens_remaining is not None:
            self.tokens.observe(limits.tokens_limit, limits.tokens_remaining, sent_at, now)


class AdaptiveConcurrency:
    """How many calls may be in flight at a host that says nothing of its limits (AIMD)."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.limit = most
        self._answers = 0
        self._cut_at = float("-inf")

    def answered(self) -> None:
        """One more call in flight after every ANSWERS_FOR_ONE_MORE answers."""
        self._answers += 1
        if self._answers >= ANSWERS_FOR_ONE_MORE and self.limit < self.most:
            self.limit += 1
            self._answers = 0

    def rejected(self, now: float, retry_after: float | None) -> None:
        """Cut, but only once for all the 429s that one burst brings."""
        if now - self._cut_at >= max(COOLDOWN, min(retry_after or 0.0, 60.0)):
            self.limit = max(1, int(self.limit * CUT))
            self._answers = 0
            self._cut_at = now
