"""What the tests of the flow share: clients that do as a function says, a clock that is set, an open journal."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from src.persistence.journal.run_journal import RunJournal
from src.pipeline.llm.call_records import CallRecords
from src.providers.clients.chat_client import ChatAnswer, ChatRequest, Usage
from src.providers.clients.flow.dispatcher import Dispatcher
from src.providers.clients.flow.flow_records import FlowLimits, Result
from src.records import Message

T = TypeVar("T")
Act = Callable[[ChatRequest], ChatAnswer]


def question(number: int | str, max_tokens: int = 50) -> ChatRequest:
    return ChatRequest((Message("user", f"question {number}"),), max_tokens=max_tokens)


def number_of(request: ChatRequest) -> int:
    return int(request.messages[-1].content.rsplit(" ", 1)[1])


def say(text: str, input_tokens: int | None = 10, output_tokens: int | None = 5) -> ChatAnswer:
    return ChatAnswer(text, "stop", Usage(input_tokens, output_tokens), "m-1")


def echo(request: ChatRequest) -> ChatAnswer:
    return say(request.messages[-1].content.replace("question", "answer"))


class Acting:
    """A client that does what a function says. `asked` are the requests it got, `most_at_once` how many at a time."""

    provider, model = "openai", "stub-model"

    def __init__(self, act: Act = echo) -> None:
        self.asked: list[ChatRequest] = []
        self.most_at_once = 0
        self._at_once = 0
        self._act = act
        self._lock = threading.Lock()

    def complete(self, request: ChatRequest) -> ChatAnswer:
        with self._lock:
            self.asked.append(request)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return self._act(request)
        finally:
            with self._lock:
                self._at_once -= 1

    def close(self) -> None:
        """Holds nothing."""

    @property
    def numbers(self) -> list[int]:
        return [number_of(request) for request in self.asked]


class Clock:
    """A clock that somebody sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Impatient(random.Random):
    """Draws the shortest wait."""

    def uniform(self, a: float, b: float) -> float:
        return a


def dispatcher_for(client: Acting, journal: CallRecords | None = None, **limits: float | None) -> Dispatcher:
    return Dispatcher(client, FlowLimits(**limits), journal, rng=Impatient())  # type: ignore[arg-type]


def ask(dispatcher: Dispatcher, numbers: range | list[int]) -> list[Result]:
    """All results, each request submitted under its number as soon as more is wanted."""
    waiting, results = list(numbers), list[Result]()
    while True:
        while waiting and dispatcher.wants_more():
            number = waiting.pop(0)
            dispatcher.submit(number, question(number), "create")
        result = dispatcher.next_result()
        if result is None:
            return results
        results.append(result)


def answers_of(results: list[Result]) -> dict[int, str]:
    """The texts by ticket; every ticket must have exactly one result, and that an answer."""
    texts = {result.ticket: result.answer.text for result in results if result.answer is not None}
    assert len(texts) == len(results), [result.error for result in results if result.error]
    return texts


def within(seconds: float, action: Callable[[], T]) -> T:
    """What the action returns or raises; fails when it has not ended by then. Not a measure: a net for what hangs."""
    ended: list[T] = []
    raised: list[BaseException] = []

    def work() -> None:
        try:
            ended.append(action())
        except BaseException as error:  # noqa: BLE001 - raised again below
            raised.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), "it hangs"
    if raised:
        raise raised[0]
    return ended[0]


def eventually(holds: Callable[[], bool]) -> None:
    for _ in range(2_000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it never came about")


@contextmanager
def records(folder: Path, run_id: str = "run-1") -> Iterator[CallRecords]:
    with RunJournal(folder / "x.journal.db") as journal:
        journal.begin_run(run_id, "name", {})
        yield CallRecords(journal, run_id, Acting.provider, Acting.model, lambda i, o: (i + 2 * o) / 1e6)
