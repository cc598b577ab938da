"""What the stub counts: requests, answers, tokens billed, and every call with its times."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Call:
    """One request. `prompt` is a digest of the whole body, `topic` one of what is asked about; times are time.time().

    `status` is 0 while the call is open and for one that is hung or reset; `delivered` is False when the client was
    gone: a real host bills it all the same.
    """

    prompt: str
    topic: str
    arrived: float
    left: float = 0.0
    status: int = 0
    delivered: bool = False
    billed: tuple[int, int] = (0, 0)

    def row(self) -> list[Any]:
        return [self.prompt, self.topic, self.arrived, self.left, self.status, self.delivered]


class Tally:
    """The counts since the last reset."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.connections: set[Any] = set()
        self.in_flight = 0
        self.most_in_flight = 0
        self.answered = 0
        self.last_answer: float | None = None
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    def opened(self, call: Call, peer: Any) -> None:
        self.calls.append(call)
        self.connections.add(peer)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)

    def closed(self, call: Call) -> None:
        self.in_flight -= 1
        if call.status == 200 and call.delivered:
            self.answered += 1
            self.last_answer = call.left
            self._wake()

    async def wait_for(self, answered: int, seconds: float) -> None:
        """Return when that many answers have been delivered, or after that many seconds."""
        if self.answered >= answered:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((answered, future))
        await asyncio.wait([future], timeout=seconds)
        future.cancel()

    def stats(self) -> dict[str, Any]:
        paid = [call for call in self.calls if call.status == 200]
        per_prompt = Counter(call.prompt for call in paid)
        return {
            "requests": len(self.calls),
            "answered": self.answered,
            "undelivered": sum(not call.delivered for call in paid),
            "by_status": dict(Counter(str(call.status) for call in self.calls if call.left)),
            "first_request": self.calls[0].arrived if self.calls else None,
            "last_answer": self.last_answer,
            "in_flight": self.in_flight,
            "max_in_flight": self.most_in_flight,
            "connections": len(self.connections),
            "input_tokens": sum(call.billed[0] for call in paid),
            "output_tokens": sum(call.billed[1] for call in paid),
            "distinct_prompts": len({call.prompt for call in self.calls}),
            "prompts_answered_again": sum(count - 1 for count in per_prompt.values()),
            "answers_per_prompt": dict(per_prompt),
        }

    def _wake(self) -> None:
        for waiting in [one for one in self._waiting if one[0] <= self.answered]:
            self._waiting.remove(waiting)
            if not waiting[1].done():
                waiting[1].set_result(None)
