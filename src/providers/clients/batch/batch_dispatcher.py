"""Chat calls at half price: collected, submitted as jobs of the provider's batch API, fetched when they are done."""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

from src.errors import LLMError, RunPausedError
from src.providers.clients.batch.harvest import Harvest
from src.providers.clients.batch.job_desk import JobDesk
from src.providers.clients.batch.jobs import BatchJobs
from src.providers.clients.batch.open_job import OpenJob
from src.providers.clients.chat_client import ChatRequest
from src.providers.clients.flow.budget import Budget
from src.providers.clients.flow.call_journal import BatchJournal, Call, call_key, call_text
from src.providers.clients.flow.flow_records import FlowLimits, FlowStats, Result
from src.providers.clients.models.prices import worst_case_input_tokens
from src.providers.clients.wire.sdk_client import SdkClient

T = TypeVar("T")
FIRST_POLL, LONGEST_POLL, POLL_GROWTH = 5.0, 60.0, 1.5


class BatchDispatcher:
    """Takes requests and gives results as Dispatcher does; a result may take hours, and many come at once.

    All work is done in next_result(), in the thread of whoever calls it; stop() may be called from anywhere. Jobs
    that the journal knows from earlier sessions are fetched, not submitted again. `clock` is in seconds since 1970;
    `sleep` has to end early when the run is stopped.
    """

    # A whole run in its first job: each further one may take a day. What is refused is asked for in the second.
    look_back = 1_000_000

    def __init__(
        self,
        client: SdkClient,
        limits: FlowLimits,
        journal: BatchJournal,
        budget: Budget,
        jobs: BatchJobs,
        *,
        on_result: Callable[[], None] = lambda: None,
        poll_seconds: float = FIRST_POLL,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self.provider, self.model = client.provider, client.model
        self.limits, self.budget, self.stats = limits, budget, FlowStats()
        self._journal, self._on_result, self._clock, self._sleep = journal, on_result, clock, sleep or self._doze
        self._desk = JobDesk(client, journal, budget, jobs, self.stats, limits.max_retries, clock)
        self._tickets: dict[str, list[int]] = {}
        self._last_key: dict[int, str] = {}
        self._results: deque[Result] = deque()
        self._stopped = False
        self._wake: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._first_poll = self._interval = poll_seconds
        self._pause: RunPausedError | None = None
        self._trouble_since: float | None = None

    # --- what the one who asks calls -----------------------------------------------------------------------------

    def submit(self, ticket: int, request: ChatRequest, stage: str = "", *, first: bool = False) -> None:
        """Collect a request; its Result will carry `ticket`. `first` puts it before the others."""
        text = call_text(self.provider, self.model, request)
        key = call_key(text)
        self._last_key[ticket] = key
        known = self._journal.find(key)
        if known is not None:
            self.stats.replayed += 1
            failed = isinstance(known, LLMError)
            answer, error = (None, known) if failed else (known, None)
            self._results.append(Result(ticket, answer, error, replayed=True))  # type: ignore[arg-type]
        elif key in self._tickets:  # the same question is on its way: one answer serves both
            self._tickets[key].append(ticket)
        else:
            self._tickets[key] = [ticket]
            self._desk.collect(self._call(ticket, key, stage, request, text), first)

    def wants_more(self) -> bool:
        """Whether there is room in the job that is being collected."""
        room = len(self._desk.ready) < self._desk.jobs.limits.requests
        return room and not self._stopped and self._pause is None

    def next_result(self) -> Result | None:
        """The next result; submits what was collected and waits for the jobs when there is none.

        None when nothing is under way any more, or after stop(). Raises RunPausedError at a limit, PersistenceError
        when the journal cannot be written, and the LLMError that makes going on senseless. Jobs go on then.
        """
        while not self._results:
            if self._pause is not None:
                raise self._pause
            if self._stopped or not self._go_on():
                return None
        result = self._results.popleft()
        self._on_result()
        return result.kept_under(self._last_key.get(result.ticket, ""))

    def stop(self) -> None:
        """Submit nothing more and wait for nothing. Jobs at the provider go on: a resume fetches their results."""
        self._stopped = True
        self._wake.put(None)  # a SimpleQueue may be used in a signal handler

    def drain(self) -> None:
        """Stop. There is nothing to wait for: what is at the provider stays there."""
        self.stop()

    def close(self) -> None:
        self.stop()

    def judged(self, ticket: int, verdict: str) -> None:
        """Write beside the ticket's last answer what became of it."""
        key = self._last_key.pop(ticket, None)
        if key:
            self._journal.judged(key, verdict)

    @property
    def in_flight(self) -> int:
        """Rows at the provider that have no answer yet."""
        return sum(len(job.open) for job in self._desk.open_jobs)

    @property
    def stopped(self) -> bool:
        return self._stopped

    def describe(self) -> str:
        """For the progress line: how far the provider is. Anthropic's rows are done all at once."""
        jobs, collected = self._desk.open_jobs, len(self._desk.ready)
        if not jobs:
            return f"batch: {collected:,} collected" if collected else ""
        total, done = sum(len(job.keys) for job in jobs), sum(job.done for job in jobs)
        return f"batch: {done:,} of {total:,} done at {self.provider}" + (f", {len(jobs)} jobs" if jobs[1:] else "")

    def left_behind(self) -> str:
        """What to tell the user of jobs that go on after the run has stopped; "" when there are none."""
        jobs = len(self._desk.open_jobs)
        if not jobs:
            return ""
        what = "1 batch job goes" if jobs == 1 else f"{jobs} batch jobs go"
        return (
            f"{what} on at {self.provider} with {self.in_flight:,} call(s), which will be billed. "
            f"Resume the run to fetch the results; {self.provider} keeps them for {self._desk.jobs.limits.kept}."
        )

    # --- one round ------------------------------------------------------------------------------------------------

    def _call(self, ticket: int, key: str, stage: str, request: ChatRequest, text: str) -> Call:
        call = Call(ticket, key, stage, request, text, worst_case_input_tokens(request.messages, request.schema))
        call.worst_usd = self.budget.cost(call.worst_input, request.max_tokens)
        return call

    def _go_on(self) -> bool:
        """Submit, wait, look. False when there is nothing to wait for."""
        desk = self._desk
        for job in [job for job in desk.open_jobs if not job.job_id]:
            self._cope(partial(desk.look_for, job))
        while not self._stopped and self._pause is None and self._cope(desk.submit_next):
            self._interval = self._first_poll
        if not desk.asked:
            if not desk.ready and not self._any_fresh():
                return False
            if desk.ready and not self.budget.fits(desk.ready[0]):
                self._pause = self.budget.reached(desk.ready[0])
                return True
        self._wait()
        for job in [job for job in desk.open_jobs if job.job_id]:
            harvest = None if self._stopped else self._cope(partial(desk.poll, job))
            if harvest is not None:
                self._hand_out(job, harvest)
        self._on_result()
        return True

    def _wait(self) -> None:
        """Until the next look. Jobs of an earlier session may be done already."""
        if self._any_fresh():
            return
        self._sleep(self._interval)
        self._interval = min(LONGEST_POLL, self._interval * POLL_GROWTH)

    def _any_fresh(self) -> bool:
        return any(job.fresh and job.job_id for job in self._desk.open_jobs)

    def _doze(self, seconds: float) -> None:
        with suppress(queue.Empty):
            self._wake.get(timeout=seconds)

    def _hand_out(self, job: OpenJob, harvest: Harvest) -> None:
        """Answers first: an error that ends the run must not come before what was paid for."""
        self._interval = self._first_poll
        for key, answer in harvest.answers:
            for ticket in self._tickets.pop(key, []):
                self._results.append(Result(ticket, answer, replayed=not job.own))
        for key, error in sorted(harvest.failures, key=lambda failure: failure[1].fatal):
            self._stopped = self._stopped or error.fatal
            for ticket in self._tickets.pop(key, []):
                self._results.append(Result(ticket, error=error))

    def _cope(self, action: Callable[[], T]) -> T | None:
        """What the action gives. What may pass is borne for a while, the rest is raised."""
        try:
            result = action()
        except LLMError as error:
            if not error.retryable:
                self._stopped = self._stopped or error.fatal
                raise
            self._bear(error)
            return None
        if result is not False:  # False says that there was nothing to ask the host
            self._trouble_since = None
        return result

    def _bear(self, error: LLMError) -> None:
        now, wait = self._clock(), error.retry_after or 0.0
        self._trouble_since = now if self._trouble_since is None else self._trouble_since
        lasted = now - self._trouble_since
        self._interval = max(self._interval, wait)
        if wait > self.limits.max_wait or lasted > self.limits.max_wait + self.limits.timeout:
            hint = self.left_behind() or "What is done is kept; resume later."
            self._pause = RunPausedError(f"{error} It has been so for {lasted:,.0f} s.", hint=hint)
            self._pause.__cause__ = error
