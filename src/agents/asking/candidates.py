"""Ask for more candidates until exactly the wanted number is accepted, or the material or the budget of them ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from src.agents.asking.askings import Askings
from src.agents.asking.exchange import Asking, Rejection
from src.errors import LLMError, PersistenceError
from src.records import Sample

T = TypeVar("T")
# A host that failed so often in a row, each time after retries, is down; what was made until then is kept.
MOST_FAILURES_IN_A_ROW = 5


class Candidates(Generic[T]):
    """Starts `wanted` candidates, and one more for each that is rejected, up to `most`.

    `start(number, as_of, cause)` makes candidate `number`: it may use what is known of the candidates below `as_of`;
    `cause` is the rejected one it stands in for. `judge(number, outcome)` gives a Sample or the reason against it
    and is called in the order of the numbers, whatever the order of the answers: the same answers give the same
    dataset.
    """

    def __init__(
        self,
        askings: Askings[T],
        start: Callable[[int, int, int | None], Asking[T | Rejection]],
        judge: Callable[[int, T], Sample | str],
        reject: Callable[[str], None],
    ) -> None:
        self.askings = askings
        self.start = start
        self.judge = judge
        self.reject = reject
        self.accepted = 0
        self.started = 0
        self._judged = 0
        self._causes: list[int] = []
        self._outcomes: dict[int, T | Rejection] = {}
        self._failures_in_a_row = 0

    def deliver(self, wanted: int, most: int) -> Iterator[Sample]:
        """The accepted samples, in order.

        Raises the LLMError or PersistenceError that ended it, after what is there was judged.
        """
        try:
            while self.accepted < wanted:
                while self._may_start(wanted, most):
                    self._start_next(wanted)
                if self._judged in self._outcomes:
                    yield from self._judge_in_order()
                    continue  # what was rejected makes room for another
                outcome = self.askings.next_outcome()
                if outcome is None:
                    break
                self._outcomes[outcome[0]] = outcome[1]
        except (LLMError, PersistenceError):
            yield from self._judge_the_rest(wanted)
            raise
        yield from self._judge_the_rest(wanted)

    def _may_start(self, wanted: int, most: int) -> bool:
        number = self.started
        if number >= min(most, wanted + len(self._causes)) or self._as_of(number, wanted) > self._judged:
            return False
        return self.askings.dispatcher.wants_more()

    def _as_of(self, number: int, wanted: int) -> int:
        cause = self._causes[number - wanted] + 1 if number >= wanted else 0
        return max(cause, number - self.askings.dispatcher.look_back, 0)

    def _start_next(self, wanted: int) -> None:
        number = self.started
        self.started += 1
        cause = self._causes[number - wanted] if number >= wanted else None
        self.askings.start(number, self.start(number, self._as_of(number, wanted), cause))

    def _judge_in_order(self) -> Iterator[Sample]:
        while self._judged in self._outcomes:
            number = self._judged
            self._judged += 1
            outcome = self._outcomes.pop(number)
            yield from self._judge_one(number, outcome)
            failure = outcome.error if isinstance(outcome, Rejection) else None
            self._failures_in_a_row = self._failures_in_a_row + 1 if failure else 0
            if failure and self._failures_in_a_row >= MOST_FAILURES_IN_A_ROW:
                raise failure

    def _judge_the_rest(self, wanted: int) -> Iterator[Sample]:
        """At the end: what came behind an answer that never came, or behind the last failure that was borne."""
        for number in sorted(self._outcomes):
            if self.accepted < wanted:
                yield from self._judge_one(number, self._outcomes.pop(number))

    def _judge_one(self, number: int, outcome: T | Rejection) -> Iterator[Sample]:
        verdict = outcome.reason if isinstance(outcome, Rejection) else self.judge(number, outcome)
        if isinstance(verdict, Sample):
            self.accepted += 1
            self.askings.dispatcher.judged(number, "accepted")
            yield verdict
            return
        self._causes.append(number)
        self.reject(verdict)
        self.askings.dispatcher.judged(number, verdict)
