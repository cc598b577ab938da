"""One session of a run in batches: a real client, a real journal in a file, a clock that runs when it is slept."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from src.persistence.journal.run_journal import RunJournal
from src.pipeline.llm.call_records import CallRecords
from src.providers.clients import CLIENTS
from src.providers.clients.batch import BATCH_JOBS
from src.providers.clients.batch.batch_dispatcher import BatchDispatcher
from src.providers.clients.chat_client import ChatRequest
from src.providers.clients.flow.budget import Budget
from src.providers.clients.flow.flow_records import FlowLimits, Result
from src.providers.clients.models.prices import Price, cost
from src.providers.clients.wire.sdk_client import SdkClient
from src.records import Message

KEY = "sk-canary-0123456789abcdefghij"
PRICE = Price(1.0, 10.0, "a test", date(2026, 11, 21), batch_discount=0.5)


class SleptClock:
    """Time that passes in sleep() only."""

    def __init__(self) -> None:
        self.now = time.time()
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Session:
    dispatcher: BatchDispatcher
    journal: RunJournal
    records: CallRecords
    client: SdkClient
    clock: SleptClock

    def ask(self, requests: Sequence[ChatRequest]) -> dict[int, Result]:
        """Submit all, and take results until there are no more."""
        for number, request in enumerate(requests):
            self.dispatcher.submit(number, request, "a stage")
        return self.rest()

    def rest(self) -> dict[int, Result]:
        results = {}
        while (result := self.dispatcher.next_result()) is not None:
            results[result.ticket] = result
        return results


@contextmanager
def session(
    folder: Path, url: str, provider: str = "openai", *, run_id: str = "r1", jobs: Any = None, budget: Any = None,
    key: str = KEY, timeout: float = 10.0, **options: Any,
) -> Iterator[Session]:  # fmt: skip
    clock = SleptClock()
    client = CLIENTS[provider](provider, "some-model", key, url, timeout)
    limits = FlowLimits(max_retries=2, timeout=timeout, max_wait=300)
    with RunJournal(folder / "journal.db") as journal:
        records = CallRecords(journal, run_id, provider, "some-model", lambda i, o: cost(PRICE, i, o, True))
        budget = budget or Budget(price=PRICE, batch=True)
        options = {"clock": clock, "sleep": clock.sleep} | options
        dispatcher = BatchDispatcher(client, limits, records, budget, jobs or BATCH_JOBS[provider], **options)
        try:
            yield Session(dispatcher, journal, records, client, clock)
        finally:
            dispatcher.close()
            client.close()


def requests(count: int, **options: Any) -> list[ChatRequest]:
    return [ChatRequest((Message("user", f"Tell me about subject number {n}."),), **options) for n in range(count)]
