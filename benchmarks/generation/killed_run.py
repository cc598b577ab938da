"""One run that is killed and resumed: what the stub was asked for before and after, and what came of it."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.generation.child import Child, Outcome
from benchmarks.generation.harness import PATIENCE, Delivered, Job

# An answer that left the stub so shortly before the kill may not have been on the disk: a commit that is synced takes
# up to 64 ms (99th percentile, measured 2026-11-21). Its worker was still busy with it, so it counts as in flight.
GRACE = 0.25
_NOTHING_TO_RESUME = re.compile(
    r"\b(nothing|no(t any)? (unfinished )?runs?)\b[^.]*\b(resume|unfinished)|no unfinished", re.I
)


@dataclass(frozen=True)
class Moment:
    """When to kill: once that many answers are out and so many seconds have passed since then."""

    answered: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Point:
    """What a kill did. `in_flight` counts the calls open at the kill, never more than the concurrency."""

    concurrency: int
    finished_first: bool
    in_flight: int
    paid_again: int
    lost: int
    second_calls: int
    delivered: Delivered
    damage: Sequence[str] = field(default_factory=list)
    failure: str = ""

    @property
    def paid_too_often(self) -> int:
        return max(0, self.paid_again - self.in_flight)

    def troubles(self, size: int) -> list[str]:
        """What is wrong with it, in words; [] when all is well."""
        where = f"  concurrency {self.concurrency}, {self.in_flight} in flight at the kill:"
        found = [f"{where} {text}" for text in (*self.damage, self.failure) if text]
        if self.lost or self.paid_too_often:
            found.append(f"{where} {self.lost} received answers lost, {self.paid_again} calls paid again")
        if self.delivered.valid != size or self.delivered.duplicates:
            found.append(f"{where} {self.delivered}")
        return found


def kill_and_resume(job: Job, moment: Moment) -> Point:
    """Start the job, kill it at the moment, finish it. The stub was configured just before."""
    child = job.start()
    _sleep_until(job, child, moment)
    killed = time.time()
    first = child.kill()
    job.stub.settle()
    before = job.stub.calls()
    damage = job.damage()
    finished_first = first.exit_code == 0
    outcome, failure = (first, "") if finished_first else _finish(job, before, killed)
    calls = job.stub.calls()
    delivered = job.delivered(outcome)
    return Point(
        concurrency=job.system["concurrency"],
        finished_first=finished_first,
        in_flight=_in_flight(before, killed, job.system["concurrency"]),
        paid_again=max(0, sum(_paid(call) for call in calls) - job.size),
        lost=len(_received(before, killed) & {_topic(call) for call in calls[len(before) :] if _paid(call)}),
        second_calls=len(calls) - len(before),
        delivered=delivered,
        damage=[*damage, *job.damage()],
        failure=failure or (outcome.said() if outcome.exit_code or delivered.samples != job.size else ""),
    )


def _sleep_until(job: Job, child: Child, moment: Moment) -> None:
    if moment.answered:
        job.stub.wait_until(moment.answered, child, PATIENCE)
    time.sleep(moment.seconds)


def _finish(job: Job, before: Sequence[Sequence[Any]], killed: float) -> tuple[Outcome, str]:
    """Resume. A run that had not begun to ask, or had nothing left to ask, may say that there is nothing to resume."""
    outcome = job.resume().wait(PATIENCE)
    if outcome.answer.get("folder") or not _NOTHING_TO_RESUME.search(outcome.stdout + outcome.stderr):
        return outcome, ""
    # Where all answers were out, the run may have ended and been killed while it wrote its export.
    half_done = _received(before, killed) and len({_topic(call) for call in before if _paid(call)}) < job.size
    failure = f"answers had been received, yet there was nothing to resume\n{outcome.said()}" if half_done else ""
    return job.run(), failure


def _in_flight(calls: Sequence[Sequence[Any]], killed: float, concurrency: int) -> int:
    """Calls whose answer was not yet out at the kill, or had come only just before."""
    return min(concurrency, sum(_is_open(call, killed) for call in calls))


def _is_open(call: Sequence[Any], killed: float) -> bool:
    left = float(call[3])
    return not left or left > killed - GRACE


def _received(calls: Sequence[Sequence[Any]], killed: float) -> set[str]:
    """The topics of the answers that had been received well before the kill."""
    return {_topic(call) for call in calls if _paid(call) and call[5] and call[3] <= killed - GRACE}


def _paid(call: Sequence[Any]) -> bool:
    return bool(call[4] == 200)


def _topic(call: Sequence[Any]) -> str:
    return str(call[1])
