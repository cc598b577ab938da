"""Supervision in small steps: who is given up when, and what is no reason to."""

from __future__ import annotations

import threading

from src.errors import RunPausedError
from src.providers.clients.flow.budget import Budget
from src.providers.clients.flow.call_desk import CallDesk
from src.providers.clients.flow.call_journal import Call
from src.providers.clients.flow.flow_records import FlowLimits
from src.providers.clients.flow.watch import PATIENCE_IN_TIMEOUTS, STALL_MARGIN
from tests.providers.clients.flow.support import Acting, Clock, Impatient, echo, eventually, question

PATIENCE = PATIENCE_IN_TIMEOUTS * 60 + STALL_MARGIN
UNTIL_STALLED = 60 + 300 + STALL_MARGIN


class Gate:
    """Holds calls from the second on until it is opened."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.opened = threading.Event()
        self.client = Acting(lambda request: (len(self.client.asked) == 1 or self.opened.wait(20), echo(request))[1])

    def desk(self, **limits: int) -> CallDesk:
        return CallDesk(self.client, FlowLimits(concurrency=1, **limits), None, Budget(), self.clock, Impatient())


def call(number: int) -> Call:
    return Call(number, f"k{number}", "create", question(number))


def test_time_in_which_the_pace_is_kept_is_no_stall() -> None:
    gate = Gate()
    desk = gate.desk(requests_per_minute=1)
    desk.add(call(1), first=False)
    assert desk.results.get(timeout=20)
    desk.add(call(2), first=False)
    assert desk.in_flight == 0  # a minute is not over
    gate.clock.now = 10 * UNTIL_STALLED
    desk.look()
    assert desk.in_flight == 1
    gate.clock.now += 60.0
    assert desk.look() is not None and desk.pause is None
    gate.opened.set()
    assert desk.results.get(timeout=20)


def test_a_worker_is_given_up_after_the_patience_and_not_before() -> None:
    gate = Gate()
    desk = gate.desk(max_retries=1)
    desk.add(call(1), first=False)
    assert desk.results.get(timeout=20)
    desk.add(call(2), first=False)
    eventually(lambda: len(gate.client.asked) == 2)
    gate.clock.now = PATIENCE
    desk.look()
    assert desk.stats.replaced_workers == 0
    gate.clock.now = PATIENCE + 1.0
    desk.look()
    assert (desk.stats.replaced_workers, desk.stats.possibly_billed, desk.in_flight) == (1, 1, 1)
    gate.opened.set()


def test_a_run_is_given_up_when_nothing_ended_for_longer_than_any_allowed_wait() -> None:
    gate = Gate()
    desk = gate.desk()
    desk.add(call(1), first=False)
    assert desk.results.get(timeout=20)
    desk.add(call(2), first=False)
    for moment in range(10, int(UNTIL_STALLED) + 1, 10):
        eventually(lambda: len(gate.client.asked) == 2 + desk.stats.replaced_workers)
        gate.clock.now = moment
        desk.look()
    assert desk.pause is None and desk.stats.replaced_workers == 2
    gate.clock.now = UNTIL_STALLED + 1.0
    assert desk.look() is None
    assert isinstance(desk.pause, RunPausedError) and desk.in_flight == 0
    gate.opened.set()
