"""What happens to every call, and the account of it: sent, answered, asked again, given up."""

from __future__ import annotations

import queue
import random
import threading
from collections.abc import Callable

from src.errors import (
    BuilderError,
    LLMError,
    MalformedAnswerError,
    PersistenceError,
    RateLimitedError,
    RunPausedError,
    TimedOutError,
)
from src.providers.clients.chat_client import ChatClient, Usage
from src.providers.clients.flow.backoff import noted, wait_before_retry
from src.providers.clients.flow.budget import Budget
from src.providers.clients.flow.call_journal import Call, CallJournal
from src.providers.clients.flow.call_queue import CallQueue
from src.providers.clients.flow.flow_records import FlowLimits, FlowStats, Result
from src.providers.clients.flow.watch import ROUND, Watch
from src.providers.clients.flow.workers import FINAL, Crew, Posting, Worker


class CallDesk:
    """Where the one who asks and the workers meet; its methods take the lock unless they say otherwise.

    `results` holds None where whoever waits should look again. `pause` is what ended the run.
    """

    def __init__(
        self,
        client: ChatClient,
        limits: FlowLimits,
        journal: CallJournal | None,
        budget: Budget,
        clock: Callable[[], float],
        rng: random.Random,
    ) -> None:
        self.stats = FlowStats()
        self.results: queue.SimpleQueue[Result | None] = queue.SimpleQueue()
        self.queue = CallQueue(limits)
        self.in_flight = 0
        self.stopped_at: float | None = None
        self.pause: BuilderError | None = None
        self._name = f"{client.provider} ({client.model})"
        self._limits, self._budget, self._clock, self._rng = limits, budget, clock, rng
        self._crew = Crew(client, journal, self, clock)
        self._lock = threading.Lock()
        self._tickets: dict[str, list[int]] = {}
        self._unposted = 0  # answers that came and are not in the journal yet
        self._watch = Watch(limits, clock())

    # --- for the one who asks -------------------------------------------------------------------------------------

    @property
    def halted(self) -> bool:
        """Whether nothing is sent any more. Takes no lock."""
        return self.stopped_at is not None or self.pause is not None

    def joins(self, ticket: int, key: str) -> bool:
        """Whether the same question is on its way already: its answer then serves this ticket, too."""
        with self._lock:
            tickets = self._tickets.get(key)
            if tickets is not None:
                tickets.append(ticket)
            return tickets is not None

    def add(self, call: Call, first: bool) -> None:
        with self._lock:
            self._tickets[call.key] = [call.ticket]
            self.queue.add(call, first)
            self._pump()

    def stop(self) -> None:
        """Send nothing new. Takes no lock: a signal handler calls this in the thread that may hold it."""
        if self.stopped_at is None:
            self.stopped_at = self._clock()

    def close(self) -> None:
        self.stop()
        with self._lock:
            self._crew.close()

    def look(self) -> float | None:
        """Send what may be sent. How long to wait for a result then; None when there is none left to wait for."""
        with self._lock:
            self._look_after_workers()
            self._pump()
            now = self._clock()
            if self.halted:
                under_way = bool(self.in_flight or self._unposted)
                over = self.stopped_at is not None and now - self.stopped_at > self._limits.grace
                return None if over or not under_way else 0.25
            if not (self.in_flight or self._unposted) and self.queue.is_empty:
                return None
            wake = self.queue.wake
            return ROUND if wake is None else min(ROUND, max(0.001, wake - now))

    # --- for the workers ------------------------------------------------------------------------------------------

    def answered(self, worker: Worker, posting: Posting) -> Call | None:
        now = self._clock()
        with self._lock:
            if worker.abandoned:
                return None  # written down, and paid once: the run went on without it
            self._budget.settle(posting.call, posting.answer.usage)
            self._count(posting.answer.usage)
            self.queue.answered(posting.call, posting.answer, now)
            self.in_flight -= 1
            self._unposted += 1
            self._watch.progress(now)
            worker.posting, worker.call = posting, None
            self._pump()
            worker.call = following = self._crew.next_call()
            return following

    def posted(self, worker: Worker) -> None:
        with self._lock:
            posting = worker.posting
            if worker.abandoned or posting is None:
                return
            worker.posting = None
            self._unposted -= 1
            for ticket in self._tickets.pop(posting.call.key, ()):
                self.results.put(Result(ticket, posting.answer))

    def failed(self, worker: Worker, call: Call, error: LLMError) -> None:
        now = self._clock()
        with self._lock:
            if worker.abandoned:
                return
            worker.call = None
            self.in_flight -= 1
            self._watch.progress(now)
            if error.maybe_billed or isinstance(error, FINAL):
                self._budget.forfeit(call)
                self.stats.possibly_billed += error.maybe_billed
            else:
                self._budget.release(call)
            if isinstance(error, RateLimitedError):
                self.stats.rate_limited += 1
                self.queue.rate_limited(error, now)
            if error.fatal:
                self.stop()
            self._ask_again_or_give_up(call, error, now)

    def journal_failed(self, worker: Worker, error: BuilderError) -> None:
        with self._lock:
            self.pause = error  # graver than any other reason to end
            if not worker.abandoned:
                self.in_flight -= worker.call is not None
                self._unposted -= worker.posting is not None
                worker.call = worker.posting = None
            self.results.put(None)

    def died(self, worker: Worker, error: BaseException) -> None:
        with self._lock:
            self._replace(worker, f"{type(error).__name__}: {error}")

    # --- with the lock held ---------------------------------------------------------------------------------------

    def _pump(self) -> None:
        """Hand as many calls to the workers as concurrency, pace and budget allow now."""
        if self.halted:
            return
        now = self._clock()
        while (call := self.queue.due(now, self.in_flight)) is not None:
            if not self._budget.fits(call):
                if not self.in_flight:
                    self.pause = self._budget.reached(call)
                return
            self.queue.take(now)
            call.sent_at = now
            self._budget.reserve(call)
            self.in_flight += 1
            self._crew.hand_over(call, self.in_flight)

    def _ask_again_or_give_up(self, call: Call, error: LLMError, now: float) -> None:
        again = error.retryable or isinstance(error, MalformedAnswerError)
        if again and (error.retry_after or 0) > self._limits.max_wait:
            self.pause = self.pause or _too_long(error, self._limits.max_wait)
        elif again and call.attempt < self._limits.max_retries:
            self.queue.add_later(call, now + wait_before_retry(call.attempt, error.retry_after, self._rng))
            call.attempt += 1
            self.stats.retries += 1
        else:
            for ticket in self._tickets.pop(call.key, ()):
                self.results.put(Result(ticket, error=noted(error, call.attempt + 1)))
        self._pump()
        self.results.put(None)  # whoever waits does not know yet how soon it is time for the retry

    def _count(self, usage: Usage) -> None:
        stats = self.stats
        stats.calls += 1
        stats.input_tokens += usage.input_tokens or 0
        stats.output_tokens += usage.output_tokens or 0
        stats.without_figures += usage.output_tokens is None
        stats.usd += self._budget.cost(usage.input_tokens or 0, usage.output_tokens or 0)

    # --- supervision, with the lock held --------------------------------------------------------------------------

    def _look_after_workers(self) -> None:
        """Replace workers that are dead or hang, and end a run in which nothing happens any more."""
        now = self._clock()
        if not self._watch.is_time(now, under_way=bool(self.in_flight or self._unposted)):
            return
        if self._watch.is_stalled:
            self._end_stalled()
            return
        for worker, why in self._watch.lost(list(self._crew.workers), now):
            self._replace(worker, why)
        self._crew.staff(self.in_flight)

    def _replace(self, worker: Worker, why: str) -> None:
        """Give a worker up, count its call as possibly billed, and try that call again with a new worker."""
        if worker.abandoned:
            return
        self._crew.dismiss(worker)
        self.stats.replaced_workers += 1
        if worker.posting is not None:
            self._unposted -= 1
            self.pause = self.pause or PersistenceError(f"An answer could not be written down ({why}); resume the run.")
        if worker.call is not None:
            self.in_flight -= 1
            self._budget.forfeit(worker.call)
            self.stats.possibly_billed += 1
            error = TimedOutError(f"{self._name}: a worker was replaced: {why}.")
            self._ask_again_or_give_up(worker.call, error, self._clock())
        self._crew.staff(self.in_flight)
        self.results.put(None)

    def _end_stalled(self) -> None:
        for worker in list(self._crew.workers):
            self._crew.dismiss(worker)
            if worker.call is not None:
                self._budget.forfeit(worker.call)
                self.stats.possibly_billed += 1
        self.in_flight = self._unposted = 0
        self.pause = self.pause or _stalled(self._watch.quiet)


def _too_long(error: LLMError, max_wait: float) -> RunPausedError:
    pause = RunPausedError(
        f"{error} It asks to wait {error.retry_after or 0:,.0f} s, longer than system.max_wait ({max_wait:,.0f} s).",
        hint="What is done is kept; resume then.",
    )
    pause.__cause__ = error
    return pause


def _stalled(quiet: float) -> RunPausedError:
    return RunPausedError(
        f"No call ended for {quiet:,.0f} s.", hint="What is done is kept; check the network, then resume."
    )
