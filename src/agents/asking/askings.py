"""Many Askings at once over one Dispatcher."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Generic, TypeVar

from src.agents.asking.exchange import Asking, Rejection
from src.errors import (
    BadRequestError,
    ContentRefusedError,
    ContextTooLongError,
    LLMError,
    MalformedAnswerError,
    TruncatedAnswerError,
)
from src.providers.clients.chat_client import ChatAnswer
from src.providers.clients.flow.dispatching import Dispatching

T = TypeVar("T")
_REASONS: dict[type[LLMError], str] = {
    TruncatedAnswerError: "answer cut off every time",
    MalformedAnswerError: "answer malformed twice",
    ContentRefusedError: "model declined",
    ContextTooLongError: "passage too long for the model",
}
CALL_FAILED = "call failed"


class Askings(Generic[T]):
    """Runs Askings, each under a number, and hands back what they return as they end."""

    def __init__(self, dispatcher: Dispatching, stage: str) -> None:
        self.dispatcher = dispatcher
        self.stage = stage
        self._open: dict[int, Asking[T | Rejection]] = {}
        self._ended: deque[tuple[int, T | Rejection]] = deque()

    def start(self, number: int, asking: Asking[T | Rejection]) -> None:
        """Run an Asking up to its first request and send that."""
        self._open[number] = asking
        self._step(number, None, None)

    def next_outcome(self) -> tuple[int, T | Rejection] | None:
        """What the next Asking that ends returned; None when none is under way or the run was stopped.

        Raises the LLMError that makes going on senseless: a fatal one, or a request the host rejects as such.
        """
        while not self._ended:
            result = self.dispatcher.next_result()
            if result is None:
                return None
            if result.error is not None and (result.error.fatal or isinstance(result.error, BadRequestError)):
                raise result.error
            self._step(result.ticket, result.answer, result.error)
        return self._ended.popleft()

    def _step(self, number: int, answer: ChatAnswer | None, error: LLMError | None) -> None:
        asking = self._open[number]
        try:
            if error is not None:
                request = asking.throw(error)
            else:
                request = next(asking) if answer is None else asking.send(answer)
        except StopIteration as end:
            self._end(number, end.value)
        except LLMError as failure:
            self._end(number, _rejection(failure, failure is error))
        else:
            if answer is not None:
                self.dispatcher.judged(number, "asked again")
            self.dispatcher.submit(number, request, self.stage, first=answer is not None)

    def _end(self, number: int, outcome: T | Rejection) -> None:
        del self._open[number]
        self._ended.append((number, outcome))


def _rejection(failure: LLMError, of_the_call: bool) -> Rejection:
    # What is no answer at all, however often it is asked for, comes from a wrong host, not from the model.
    no_answer = of_the_call and isinstance(failure, MalformedAnswerError)
    reason = CALL_FAILED if no_answer else _REASONS.get(type(failure), CALL_FAILED)
    return Rejection(reason, failure if reason == CALL_FAILED else None)


def gather(dispatcher: Dispatching, stage: str, askings: Iterable[Asking[T | Rejection]]) -> list[T | Rejection | None]:
    """What every Asking returned, in their order; None for those that a stop left unanswered."""
    run: Askings[T] = Askings(dispatcher, stage)
    numbered = list(enumerate(askings))
    outcomes: dict[int, T | Rejection] = {}
    waiting = iter(numbered)
    while True:
        while dispatcher.wants_more() and (following := next(waiting, None)):
            run.start(*following)
        outcome = run.next_outcome()
        if outcome is None:
            return [outcomes.get(number) for number, _ in numbered]
        number, what = outcome
        dispatcher.judged(number, what.reason if isinstance(what, Rejection) else "accepted")
        outcomes[number] = what
