"""The threads that carry calls out: noted in the journal, sent, and the reply written down before anything else."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from src.errors import BuilderError, ContentRefusedError, ContextTooLongError, LLMError
from src.providers.clients.chat_client import ChatAnswer, ChatClient
from src.providers.clients.flow.call_journal import Call, CallJournal, Receipt

# Refusals that asking again would not change.
FINAL = (ContentRefusedError, ContextTooLongError)


@dataclass(frozen=True, slots=True)
class Posting:
    """An answer on its way into the journal; `receipt` is None where there is no journal."""

    call: Call
    answer: ChatAnswer
    receipt: Receipt | None


@dataclass(slots=True, eq=False)
class Worker:
    """One thread and what it has in its hands: the call it makes, and the answer before that, not yet written.

    A worker that was `abandoned` writes down what it still gets; nothing else of it counts any more.
    """

    thread: threading.Thread | None = None
    call: Call | None = None
    posting: Posting | None = None
    abandoned: bool = False


class Desk(Protocol):
    """To whom the workers report; safe to call from all of them."""

    def answered(self, worker: Worker, posting: Posting) -> Call | None:
        """An answer came. Gives the call to go on with at once, if there is one."""
        ...

    def posted(self, worker: Worker) -> None:
        """The worker's last answer is in the journal."""
        ...

    def failed(self, worker: Worker, call: Call, error: LLMError) -> None: ...

    def journal_failed(self, worker: Worker, error: BuilderError) -> None:
        """What the worker had in its hands could not be written down."""
        ...

    def died(self, worker: Worker, error: BaseException) -> None: ...


class Crew:
    """The workers, hired as they are needed. All but the threads' own work is called with the desk's lock held."""

    def __init__(self, client: ChatClient, journal: CallJournal | None, desk: Desk, clock: Callable[[], float]) -> None:
        self.workers: list[Worker] = []
        self._client, self._journal, self._desk, self._clock = client, journal, desk, clock
        self._handoff: queue.SimpleQueue[Call | None] = queue.SimpleQueue()

    def hand_over(self, call: Call, needed: int) -> None:
        """Give a call to whoever is free, or will be; `needed` calls are under way with this one."""
        self.staff(needed)
        self._handoff.put(call)

    def staff(self, needed: int) -> None:
        """Hire until there are as many workers as that, or as many as the machine bears."""
        while len(self.workers) < needed and self._hire():
            pass

    def next_call(self) -> Call | None:
        """A call that waits for a free worker."""
        try:
            return self._taken(self._handoff.get_nowait())
        except queue.Empty:
            return None

    def dismiss(self, worker: Worker) -> None:
        """Count on a worker no longer. What it still brings is written down."""
        worker.abandoned = True
        self.workers.remove(worker)

    def close(self) -> None:
        """Let the workers end after what they have in their hands."""
        self._handoff.put(None)

    def _hire(self) -> bool:
        worker = Worker()
        worker.thread = threading.Thread(target=self._work, args=(worker,), daemon=True, name="llm-worker")
        try:
            worker.thread.start()
        except RuntimeError:  # no room for one more thread: fewer do the work, and hiring is tried again
            return False
        self.workers.append(worker)
        return True

    # --- in the worker's thread -----------------------------------------------------------------------------------

    def _work(self, worker: Worker) -> None:
        try:
            while not worker.abandoned:
                call = worker.call or self._taken(self._handoff.get())
                if call is None:
                    return
                worker.call = call
                self._carry_out(call, worker)
        except BaseException as error:  # noqa: BLE001 - a worker never dies unheard
            self._desk.died(worker, error)

    def _taken(self, call: Call | None) -> Call | None:
        if call is None:
            self._handoff.put(None)  # the sign to end is for everybody
        return call

    def _carry_out(self, call: Call, worker: Worker) -> None:
        """One attempt. Afterwards `worker.call` is the call to go on with."""
        try:
            try:
                posting = self._ask(call)
            except LLMError as error:
                self._note_failure(call, error)
                self._desk.failed(worker, call, error)
            else:
                self._post(posting, worker)
        except BuilderError as error:  # the journal: without it no call may be made
            self._desk.journal_failed(worker, error)

    def _ask(self, call: Call) -> Posting:
        if self._journal is None:
            return Posting(call, self._client.complete(call.request), None)
        noted_before = call.receipt or self._journal.sent(call)
        call.receipt = None
        noted_before.wait()
        started = self._clock()
        answer = self._client.complete(call.request)
        return Posting(call, answer, self._journal.answered(call, answer, self._clock() - started))

    def _post(self, posting: Posting, worker: Worker) -> None:
        """Hand the answer on once it is in the file. Meanwhile the next call is noted: one wait serves both."""
        following = self._desk.answered(worker, posting)
        if following is not None and self._journal is not None:
            following.receipt = self._journal.sent(following)
        if posting.receipt is not None:
            posting.receipt.wait()
        self._desk.posted(worker)

    def _note_failure(self, call: Call, error: LLMError) -> None:
        if self._journal is None:
            return
        if isinstance(error, FINAL):
            self._journal.failed(call, error).wait()
        elif not error.maybe_billed:
            self._journal.not_billed(call).wait()
