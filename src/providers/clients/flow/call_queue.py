"""The calls that are still to be sent: in their order, as fast and as many at once as the host bears."""

from __future__ import annotations

import heapq
import itertools
from collections import deque

from src.errors import RateLimitedError
from src.providers.clients.chat_client import ChatAnswer
from src.providers.clients.flow.backoff import FIRST_WAIT
from src.providers.clients.flow.call_journal import Call
from src.providers.clients.flow.flow_records import FlowLimits
from src.providers.clients.flow.rate_limiter import AdaptiveConcurrency, RateLimiter

# A 429 with a longer wait than this is meant for everybody, not for one call.
SHARED_WAIT = 5.0


class CallQueue:
    """Its length is what could be sent at once. Not safe to use from several threads without a lock.

    `wake` is the moment from which `due` may have an answer that it has not now; None when time changes nothing.
    """

    def __init__(self, limits: FlowLimits) -> None:
        self.wake: float | None = None
        self._concurrency, self._max_wait = limits.concurrency, limits.max_wait
        self._pace = RateLimiter(limits.requests_per_minute, limits.tokens_per_minute)
        self._adaptive = AdaptiveConcurrency(limits.concurrency)
        self._ready: deque[Call] = deque()
        self._waiting: list[tuple[float, int, Call]] = []
        self._order = itertools.count()
        self._gate = 0.0  # no call is sent before this moment
        # Until when each call that was turned away keeps its place: a host that answers 429 at once would otherwise be
        # asked as fast as it can say no.
        self._turned_away: list[float] = []

    def __len__(self) -> int:
        return len(self._ready)

    @property
    def is_empty(self) -> bool:
        return not (self._ready or self._waiting)

    def add(self, call: Call, first: bool) -> None:
        if first:
            self._ready.appendleft(call)
        else:
            self._ready.append(call)

    def add_later(self, call: Call, moment: float) -> None:
        """Queue a call that may be sent again from that moment on."""
        heapq.heappush(self._waiting, (moment, next(self._order), call))

    def due(self, now: float, in_flight: int) -> Call | None:
        """The call to send now, None when none may go. It stays here until `take`."""
        while self._waiting and self._waiting[0][0] <= now:
            self._ready.appendleft(heapq.heappop(self._waiting)[2])
        self.wake = self._waiting[0][0] if self._waiting else None
        while self._turned_away and self._turned_away[0] <= now:
            heapq.heappop(self._turned_away)
        if not self._ready or in_flight >= min(self._concurrency, self._adaptive.limit):
            return None
        kept = min(len(self._turned_away), self._concurrency - 1)  # one place is left for the others
        if in_flight + kept >= self._concurrency:
            self.wake = min(self.wake or self._turned_away[0], self._turned_away[0])
            return None
        delay = max(self._gate - now, self._pace.delay(_expected_tokens(self._ready[0]), now))
        if delay > 0:
            self.wake = now + delay if self.wake is None else min(self.wake, now + delay)
            return None
        return self._ready[0]

    def take(self, now: float) -> Call:
        """The call that is due, on its way now."""
        call = self._ready.popleft()
        self._pace.take(_expected_tokens(call), now)
        return call

    def answered(self, call: Call, answer: ChatAnswer, now: float) -> None:
        """Learn from an answer how fast the host lets us go."""
        self._pace.observe(answer.limits, call.sent_at, now)
        self._adaptive.answered()

    def rate_limited(self, error: RateLimitedError, now: float) -> None:
        """Learn the same from a 429."""
        wait = error.retry_after or 0.0
        if self._pace.has_headers:
            self._pace.requests.empty(now)
        else:
            self._adaptive.rejected(now, wait)
            heapq.heappush(self._turned_away, now + (wait or FIRST_WAIT))
        if wait > SHARED_WAIT:
            self._gate = max(self._gate, now + min(wait, self._max_wait))


def _expected_tokens(call: Call) -> float:
    """What a host's tokens-per-minute limit charges a call beforehand: about four bytes a token, and the room."""
    return call.worst_input / 4 + call.request.max_tokens
