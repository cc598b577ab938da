"""Many chat calls at once: retried, paced, within the budget, and written down before anything else is done."""

from __future__ import annotations

import heapq
import itertools
import queue
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from src.errors import (
    BuilderError,
    ContentRefusedError,
    ContextTooLongError,
    LLMError,
    MalformedAnswerError,
    RateLimitedError,
    RunPausedError,
    TimedOutError,
)
from src.providers.clients.chat_client import ChatAnswer, ChatClient, ChatRequest, Usage
from src.providers.clients.flow.backoff import noted, wait_before_retry
from src.providers.clients.flow.budget import Budget
from src.providers.clients.flow.call_journal import Call, CallJournal, Receipt, call_key, call_text
from src.providers.clients.flow.rate_limiter import AdaptiveConcurrency, RateLimiter
from src.providers.clients.models.prices import worst_case_input_tokens

# A worker that is silent for so many timeouts is given up: the host lets a byte trickle now and then.
PATIENCE_IN_TIMEOUTS = 2.0
STALL_MARGIN = 30.0
# A 429 with a longer wait than this is meant for everybody, not for one call.
SHARED_WAIT = 5.0


@dataclass(frozen=True, slots=True)
class FlowLimits:
    """What the user sets. Times in seconds; `max_wait` is the longest Retry-After a run sits out."""

    concurrency: int = 8
    max_retries: int = 3
    timeout: float = 60.0
    max_wait: float = 300.0
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    grace: float = 30.0


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one ticket: an answer or the error that is left after all retries."""

    ticket: int
    answer: ChatAnswer | None = None
    error: LLMError | None = None
    replayed: bool = False


@dataclass(slots=True)
class FlowStats:
    """Figures of one run so far. `usd` is 0 where the price is not known."""

    calls: int = 0
    replayed: int = 0
    retries: int = 0
    rate_limited: int = 0
    possibly_billed: int = 0
    replaced_workers: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    without_figures: int = 0
    usd: float = 0.0


@dataclass(slots=True, eq=False)
class _Worker:
    thread: threading.Thread | None = None
    call: Call | None = None
    abandoned: bool = False


@dataclass(frozen=True, slots=True)
class _JournalFailed:
    error: BuilderError
    held: bool  # whether a call was in the worker's hands


@dataclass(frozen=True, slots=True)
class _Died:
    worker: _Worker
    error: BaseException


class Dispatcher:
    """Sends requests through `client` with up to `limits.concurrency` threads and hands back results as they come.

    submit() and next_result() belong to one thread. A request that the journal has an answer for is not sent.
    """

    # Larger than most numbers of calls in flight, so that it holds nobody up; and the same for every concurrency, so
    # that the prompts, and with them what is paid, do not depend on how fast the answers came.
    look_back = 256

    def __init__(
        self,
        client: ChatClient,
        limits: FlowLimits,
        journal: CallJournal | None = None,
        budget: Budget | None = None,
        *,
        on_result: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        self.provider, self.model = client.provider, client.model
        self.limits = limits
        self.stats = FlowStats()
        self.budget = budget or Budget()
        self._client, self._journal, self._clock, self._on_result = client, journal, clock, on_result
        self._rng = rng or random.Random()  # noqa: S311 - spreads load, guards nothing
        self._pace = RateLimiter(limits.requests_per_minute, limits.tokens_per_minute)
        self._adaptive = AdaptiveConcurrency(limits.concurrency)
        self._lock = threading.Lock()
        self._ready: deque[Call] = deque()
        self._waiting: list[tuple[float, int, Call]] = []
        self._order = itertools.count()
        self._tickets: dict[str, list[int]] = {}
        self._last_key: dict[int, str] = {}
        self._handoff: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[Result | _JournalFailed | _Died] = queue.SimpleQueue()
        self._workers: list[_Worker] = []
        self._in_flight = 0
        self._unposted = 0  # answers that came and are not in the journal yet
        self._gate = 0.0  # no call is sent before this moment
        self._wake: float | None = None
        self._pause: BuilderError | None = None
        self._stopped_at: float | None = None
        self._progress_at = self._looked_at = clock()

    # --- what the one who asks calls -----------------------------------------------------------------------------

    def submit(self, ticket: int, request: ChatRequest, stage: str = "", *, first: bool = False) -> None:
        """Queue a request; its Result will carry `ticket`. `first` puts it before the others."""
        text = call_text(self.provider, self.model, request)
        key = call_key(text)
        self._last_key[ticket] = key
        known = self._journal.find(key) if self._journal else None
        if known is not None:
            self.stats.replayed += 1
            failed = isinstance(known, LLMError)
            answer, error = (None, known) if failed else (known, None)
            self._results.put(Result(ticket, answer, error, replayed=True))  # type: ignore[arg-type]
            return
        with self._lock:
            if key in self._tickets:  # the same question is on its way: one answer serves both
                self._tickets[key].append(ticket)
                return
            self._tickets[key] = [ticket]
            call = self._call(ticket, key, stage, request, text)
            if first:
                self._ready.appendleft(call)
            else:
                self._ready.append(call)
            self._pump()

    def wants_more(self) -> bool:
        """Whether submitting more now keeps the workers busy: the queue holds less than one round of calls."""
        return self._stopped_at is None and self._pause is None and len(self._ready) < self.limits.concurrency

    def next_result(self) -> Result | None:
        """The next result; None when nothing is under way any more, or after stop() when the grace is over.

        Raises RunPausedError at a limit and PersistenceError when the journal cannot be written, both after the
        calls in flight have ended.
        """
        while True:
            self._look_after_workers()
            with self._lock:
                self._pump()
                timeout = self._timeout()
            if timeout is None:
                try:
                    item = self._results.get_nowait()
                except queue.Empty:
                    if self._pause is not None:
                        raise self._pause from None
                    return None
            else:
                try:
                    item = self._results.get(timeout=timeout)
                except queue.Empty:
                    continue
            if isinstance(item, Result):
                self._on_result()
                return item
            self._take_note(item)

    def stop(self) -> None:
        """Send nothing new. Calls in flight are waited for, `limits.grace` seconds at most."""
        # No lock: a signal handler calls this in the thread that may hold it.
        if self._stopped_at is None:
            self._stopped_at = self._clock()

    def judged(self, ticket: int, verdict: str) -> None:
        """Write beside the ticket's last answer what became of it."""
        key = self._last_key.pop(ticket, None)
        if self._journal and key:
            self._journal.judged(key, verdict)

    def describe(self) -> str:
        """The figures say it all."""
        return ""

    def left_behind(self) -> str:
        """A call ends with the program."""
        return ""

    def drain(self) -> None:
        """Stop, and wait until the calls in flight have ended and their answers are in the journal."""
        self.stop()
        try:
            while self.next_result() is not None:
                pass
        except BuilderError:
            return  # known by now to whoever asked; what was in flight has ended

    @property
    def in_flight(self) -> int:
        """Calls that were sent and have not ended."""
        return self._in_flight

    @property
    def stopped(self) -> bool:
        return self._stopped_at is not None

    def close(self) -> None:
        """Let the workers end. Calls still in flight end with the program."""
        self.stop()
        for _ in self._workers:
            self._handoff.put(None)

    # --- sending, with the lock held ------------------------------------------------------------------------------

    def _call(self, ticket: int, key: str, stage: str, request: ChatRequest, text: str) -> Call:
        call = Call(ticket, key, stage, request, text, worst_case_input_tokens(request.messages, request.schema))
        call.worst_usd = self.budget.cost(call.worst_input, request.max_tokens)
        return call

    def _pump(self) -> None:
        """Hand as many calls to the workers as concurrency, pace and budget allow now."""
        self._wake = None
        if self._stopped_at is not None or self._pause is not None:
            return
        now = self._clock()
        while self._waiting and self._waiting[0][0] <= now:
            self._ready.appendleft(heapq.heappop(self._waiting)[2])
        while self._ready and self._in_flight < min(self.limits.concurrency, self._adaptive.limit):
            call = self._ready[0]
            delay = max(self._gate - now, self._pace.delay(_expected_tokens(call), now))
            if delay > 0:
                self._wake = now + delay
                break
            if not self.budget.fits(call):
                if not self._in_flight:
                    self._pause = _budget_reached(self.budget)
                break
            self._send(self._ready.popleft())
        if self._waiting:
            self._wake = min(self._wake or self._waiting[0][0], self._waiting[0][0])

    def _send(self, call: Call) -> None:
        call.sent_at = self._clock()
        self.budget.reserve(call)
        self._pace.take(_expected_tokens(call), call.sent_at)
        self._in_flight += 1
        if len(self._workers) < self._in_flight:
            self._hire()
        self._handoff.put(call)

    def _hire(self) -> None:
        worker = _Worker()
        worker.thread = threading.Thread(target=self._work, args=(worker,), daemon=True, name="llm-worker")
        self._workers.append(worker)
        worker.thread.start()

    def _timeout(self) -> float | None:
        """How long to wait for a result; None when there is nothing left to wait for."""
        now = self._clock()
        if self._stopped_at is not None or self._pause is not None:
            if not self._in_flight and not self._unposted:
                return None
            if self._stopped_at is not None and now - self._stopped_at > self.limits.grace:
                return None
            return 0.25
        if not (self._in_flight or self._unposted or self._ready or self._waiting):
            return None
        return min(1.0, max(0.001, self._wake - now)) if self._wake is not None else 1.0

    # --- the workers' side ----------------------------------------------------------------------------------------

    def _work(self, worker: _Worker) -> None:
        try:
            call = self._handoff.get()
            while call is not None:
                worker.call = call
                call = self._carry_out(call, worker)
                if worker.abandoned:
                    return
                if call is None:
                    call = self._handoff.get()
        except BaseException as error:  # noqa: BLE001 - a worker never dies unheard
            self._results.put(_Died(worker, error))

    def _carry_out(self, call: Call, worker: _Worker) -> Call | None:
        """One attempt, and the call to go on with at once, if there is one."""
        try:
            try:
                answer, written = self._ask(call)
            except LLMError as error:
                self._failed(call, error, worker)
                return None
            return self._answered(call, answer, written, worker)
        except BuilderError as error:  # the journal: without it no call may be made
            self._results.put(_JournalFailed(error, held=worker.call is not None))
            worker.call = None
            return None

    def _ask(self, call: Call) -> tuple[ChatAnswer, Receipt | None]:
        if self._journal is None:
            return self._client.complete(call.request), None
        noted_before = call.receipt or self._journal.sent(call)
        call.receipt = None
        noted_before.wait()
        started = self._clock()
        answer = self._client.complete(call.request)
        return answer, self._journal.answered(call, answer, self._clock() - started)

    def _answered(self, call: Call, answer: ChatAnswer, written: Receipt | None, worker: _Worker) -> Call | None:
        """Hand the answer on once it is in the file. Meanwhile the next call is noted: one wait serves both."""
        now = self._clock()
        with self._lock:
            if worker.abandoned:
                return None  # written down, and paid once: the run went on without it
            self.budget.settle(call, answer.usage)
            self._count(answer.usage)
            self._pace.observe(answer.limits, call.sent_at, now)
            self._adaptive.answered()
            self._in_flight -= 1
            self._unposted += 1
            self._progress_at = now
            self._pump()
            worker.call = following = self._take_next()
        if following is not None and self._journal is not None:
            following.receipt = self._journal.sent(following)
        if written is not None:
            written.wait()
        with self._lock:
            self._unposted -= 1
            for ticket in self._tickets.pop(call.key, []):
                self._results.put(Result(ticket, answer))
        return following

    def _take_next(self) -> Call | None:
        try:
            call = self._handoff.get_nowait()
        except queue.Empty:
            return None
        if call is None:
            self._handoff.put(None)  # the sign to end, seen again in _work
        return call

    def _failed(self, call: Call, error: LLMError, worker: _Worker) -> None:
        final = isinstance(error, ContentRefusedError | ContextTooLongError)
        if self._journal and final:
            self._journal.failed(call, error).wait()
        elif self._journal and not error.maybe_billed:
            self._journal.not_billed(call).wait()
        now = self._clock()
        with self._lock:
            if worker.abandoned:
                return
            worker.call = None
            if error.maybe_billed or final:
                self.budget.forfeit(call)
                self.stats.possibly_billed += error.maybe_billed
            else:
                self.budget.release(call)
            self._in_flight -= 1
            self._progress_at = now
            if isinstance(error, RateLimitedError):
                self._heed(error, now)
            again = self._try_again(call, error, now)
            if error.fatal and self._pause is None and self._stopped_at is None:
                self._stopped_at = now
            self._pump()
            if not again:
                self._give_up(call, error)

    def _give_up(self, call: Call, error: LLMError) -> None:
        for ticket in self._tickets.pop(call.key, []):
            self._results.put(Result(ticket, error=noted(error, call.attempt + 1)))

    def _try_again(self, call: Call, error: LLMError, now: float) -> bool:
        """Put the call back into the queue for later, unless it failed too often or for good."""
        may = error.retryable or isinstance(error, MalformedAnswerError)
        if (error.retry_after or 0) > self.limits.max_wait:
            self._pause = self._pause or _too_long(error, self.limits.max_wait)
            return True
        if not may or call.attempt >= self.limits.max_retries:
            return False
        wait = wait_before_retry(call.attempt, error.retry_after, self._rng)
        call.attempt += 1
        self.stats.retries += 1
        heapq.heappush(self._waiting, (now + wait, next(self._order), call))
        return True

    def _heed(self, error: RateLimitedError, now: float) -> None:
        self.stats.rate_limited += 1
        if self._pace.has_headers:
            self._pace.requests.empty(now)
        else:
            self._adaptive.rejected(now, error.retry_after)
        if (error.retry_after or 0) > SHARED_WAIT:
            self._gate = max(self._gate, now + min(error.retry_after or 0, self.limits.max_wait))

    def _count(self, usage: Usage) -> None:
        stats = self.stats
        stats.calls += 1
        stats.input_tokens += usage.input_tokens or 0
        stats.output_tokens += usage.output_tokens or 0
        stats.without_figures += usage.output_tokens is None
        stats.usd += self.budget.cost(usage.input_tokens or 0, usage.output_tokens or 0)

    # --- supervision ----------------------------------------------------------------------------------------------

    def _take_note(self, item: _JournalFailed | _Died) -> None:
        if isinstance(item, _Died):
            self._replace(item.worker, f"{type(item.error).__name__}: {item.error}")
            return
        with self._lock:
            self._in_flight -= item.held
            self._unposted = 0
            self._pause = self._pause or item.error

    def _look_after_workers(self) -> None:
        """Replace workers that are dead or hang, and end a run in which nothing happens any more."""
        now = self._clock()
        if now - self._looked_at < 1.0:
            return
        self._looked_at = now
        longest = PATIENCE_IN_TIMEOUTS * self.limits.timeout + STALL_MARGIN
        for worker in list(self._workers):
            if worker.thread is not None and not worker.thread.is_alive() and worker.call is not None:
                self._replace(worker, "it ended without a word")
            elif worker.call is not None and now - worker.call.sent_at > longest:
                self._replace(worker, f"no answer for {longest:.0f} s")
        quiet = now - self._progress_at
        if self._in_flight and quiet > max(longest, self.limits.timeout + self.limits.max_wait) + STALL_MARGIN:
            with self._lock:
                self._in_flight = 0
                self._pause = self._pause or _stalled(quiet)

    def _replace(self, worker: _Worker, why: str) -> None:
        """Give a worker up, count its call as possibly billed, and try that call again with a new worker."""
        with self._lock:
            if worker.abandoned:
                return
            worker.abandoned = True
            self._workers.remove(worker)
            self.stats.replaced_workers += 1
            call = worker.call
            if call is None:
                return
            self._in_flight -= 1
            self.budget.forfeit(call)
            self.stats.possibly_billed += 1
            error = TimedOutError(f"{self.provider} ({self.model}): a worker was replaced: {why}.")
            if not self._try_again(call, error, self._clock()):
                self._give_up(call, error)
            self._pump()


def _expected_tokens(call: Call) -> float:
    """What a host's tokens-per-minute limit charges a call beforehand: about four bytes a token, and the room."""
    return call.worst_input / 4 + call.request.max_tokens


def _budget_reached(budget: Budget) -> RunPausedError:
    return RunPausedError(
        f"The budget ({budget.describe()}) does not allow another call.",
        hint="What is done is kept. Raise system.budget_usd or system.budget_tokens, then resume.",
    )


def _too_long(error: LLMError, max_wait: float) -> RunPausedError:
    return RunPausedError(
        f"{error} It asks to wait {error.retry_after or 0:,.0f} s, longer than system.max_wait ({max_wait:,.0f} s).",
        hint="What is done is kept; resume then.",
    )


def _stalled(quiet: float) -> RunPausedError:
    return RunPausedError(
        f"No call ended for {quiet:,.0f} s.", hint="What is done is kept; check the network, then resume."
    )
