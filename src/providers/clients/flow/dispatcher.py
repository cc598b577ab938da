"""Many chat calls at once: retried, paced, within the budget, and written down before anything else is done."""

from __future__ import annotations

import queue
import random
import time
from collections.abc import Callable

from src.errors import BuilderError, LLMError
from src.providers.clients.chat_client import ChatClient, ChatRequest
from src.providers.clients.flow.budget import Budget
from src.providers.clients.flow.call_desk import CallDesk
from src.providers.clients.flow.call_journal import Call, CallJournal, call_key, call_text
from src.providers.clients.flow.flow_records import FlowLimits, Result
from src.providers.clients.models.prices import worst_case_input_tokens


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
        self.budget = budget or Budget()
        self._journal, self._on_result = journal, on_result
        rng = rng or random.Random()  # noqa: S311 - spreads load, guards nothing
        self._desk = CallDesk(client, limits, journal, self.budget, clock, rng)
        self.stats = self._desk.stats
        self._last_key: dict[int, str] = {}

    def submit(self, ticket: int, request: ChatRequest, stage: str = "", *, first: bool = False) -> None:
        """Queue a request; its Result will carry `ticket`. `first` puts it before the others."""
        text = call_text(self.provider, self.model, request)
        key = call_key(text)
        self._last_key[ticket] = key
        # In this order: a call that is not on its way any more has its answer in the journal already.
        if self._desk.joins(ticket, key):
            return
        known = self._journal.find(key) if self._journal else None
        if known is None:
            call = Call(ticket, key, stage, request, text, worst_case_input_tokens(request.messages, request.schema))
            call.worst_usd = self.budget.cost(call.worst_input, request.max_tokens)
            self._desk.add(call, first)
            return
        self.stats.replayed += 1
        if isinstance(known, LLMError):
            self._desk.results.put(Result(ticket, error=known, replayed=True))
        else:
            self._desk.results.put(Result(ticket, known, replayed=True))

    def wants_more(self) -> bool:
        """Whether submitting more now keeps the workers busy: the queue holds less than one round of calls."""
        return not self._desk.halted and len(self._desk.queue) < self.limits.concurrency

    def next_result(self) -> Result | None:
        """The next result; None when nothing is under way any more, or after stop() when the grace is over.

        Raises RunPausedError at a limit and PersistenceError when the journal cannot be written, both after the
        calls in flight have ended.
        """
        while True:
            timeout = self._desk.look()
            try:
                # Without a timeout all results there will ever be are queued by now.
                result = self._desk.results.get(block=timeout is not None, timeout=timeout)
            except queue.Empty:
                if timeout is not None:
                    continue
                if self._desk.pause is not None:
                    raise self._desk.pause from self._desk.pause.__cause__
                return None
            if result is not None:
                self._on_result()
                return result.kept_under(self._last_key.get(result.ticket, ""))

    def stop(self) -> None:
        """Send nothing new. Calls in flight are waited for, `limits.grace` seconds at most."""
        self._desk.stop()

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
        return self._desk.in_flight

    @property
    def stopped(self) -> bool:
        return self._desk.stopped_at is not None

    def close(self) -> None:
        """Let the workers end. Calls still in flight end with the program."""
        self._desk.close()
