"""Questions that a client in this process answers in any order, and a Candidates over them."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

from src.agents.asking.askings import Askings
from src.agents.asking.candidates import Candidates
from src.agents.asking.exchange import Asking, Rejection
from src.providers.clients.chat_client import ChatAnswer, ChatRequest
from src.providers.clients.flow.dispatcher import Dispatcher
from src.records import Message, Origin, Sample, make_sample
from tests.providers.clients.flow.support import Act, Acting, say

Judge = Callable[[int, str], "str | None"]


def request_for(prompt: str) -> ChatRequest:
    return ChatRequest((Message("user", prompt),), max_tokens=20)


def asking(prompt: str) -> Asking[str | Rejection]:
    answer = yield request_for(prompt)
    return answer.text


def sample_of(text: str) -> Sample:
    return make_sample([Message("user", text), Message("assistant", "Yes.")], Origin("a.txt", "created", "d", "p"))


def number_in(request: ChatRequest) -> int:
    return int(request.messages[-1].content.split()[1])


def shuffled(act: Act, seed: int) -> Acting:
    """A client whose answers come in an order that the seed gives."""
    rng, lock = random.Random(seed), threading.Lock()

    def late(request: ChatRequest) -> ChatAnswer:
        with lock:
            wait = rng.choice([0.0, 0.0, 0.0005, 0.003])
        if wait:
            time.sleep(wait)
        return act(request)

    return Acting(late)


class Contest:
    """Candidates whose prompt tells what was known when it was made; `against` gives the reason against an answer."""

    def __init__(self, dispatcher: Dispatcher, against: Judge = lambda number, text: None) -> None:
        self.rejected: list[str] = []
        self.judged: list[int] = []
        self.started: list[tuple[int, int, int | None]] = []
        self._accepted: list[tuple[int, str]] = []
        self._against = against
        self.candidates: Candidates[str] = Candidates(
            Askings(dispatcher, "create"), self._start, self._judge, self.rejected.append
        )

    def run(self, wanted: int, most: int) -> list[str]:
        return [sample.messages[0].content for sample in self.candidates.deliver(wanted, most)]

    def _start(self, number: int, as_of: int, cause: int | None) -> Asking[str | Rejection]:
        self.started.append((number, as_of, cause))
        known = sum(1 for earlier, _ in self._accepted if earlier < as_of)
        return asking(f"candidate {number} knows {known} after {cause}")

    def _judge(self, number: int, text: str) -> Sample | str:
        self.judged.append(number)
        reason = self._against(number, text)
        if reason is None and text in [accepted for _, accepted in self._accepted]:
            reason = "a repeat"
        if reason is not None:
            return reason
        self._accepted.append((number, text))
        return sample_of(text)


def plain(request: ChatRequest) -> ChatAnswer:
    return say(f"text {number_in(request)}")
