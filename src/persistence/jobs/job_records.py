"""What the queue knows of a background job, and what is asked of one that is at work."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from src.errors import BuilderError

JobState = Literal["waiting", "running", "paused", "done", "failed", "cancelled"]
Wish = Literal["", "pause", "cancel", "resume"]  # resume: of one that is just about to stop
UNFINISHED: tuple[JobState, ...] = ("waiting", "running", "paused")


class LeaseLostError(BuilderError):
    """The job is another process's by now: whoever gets this stops at once and writes nothing more of it."""


@dataclass(frozen=True, slots=True)
class JobOrder:
    """A job to be: a verb of this program with its arguments, to be run in `folder`.

    `config` is a file of the job's own. A `priority` above another's goes first. `most_attempts` counts starts that
    ended in a failure or a kill; starts that the user ended do not count.
    """

    verb: str
    arguments: Sequence[str] = ()
    title: str = ""
    folder: str = ""
    config: str = ""
    priority: int = 0
    most_attempts: int = 8


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is in one stage. `rate` is in units a second, None until it can be told."""

    stage: str = ""
    done: int = 0
    total: int = 0
    detail: str = ""
    rate: float | None = None

    @property
    def eta(self) -> float | None:
        """Seconds until the stage ends, at this rate."""
        return (self.total - self.done) / self.rate if self.rate and self.total >= self.done else None


@dataclass(frozen=True, slots=True)
class JobLimits:
    """How many jobs may be at work at the same time, and how many of them may generate samples.

    `retry_after` is what backoff() begins with.
    """

    at_once: int = 2
    generation_at_once: int = 1
    retry_after: float = 5.0


@dataclass(frozen=True, slots=True)
class Job:
    """One job as it is now.

    `lost` is true for one that is called running although its process has ended; it goes on when a worker finds it.
    `worked` is the time its attempts took, in seconds; `due_at` is when it may start again, in seconds since 1970.
    """

    id: str
    order: JobOrder
    state: JobState
    wish: Wish
    attempts: int
    delay: float
    due_at: float
    host: str
    pid: int
    beat: int
    progress: JobProgress
    worked: float
    note: str
    result: Mapping[str, Any]
    added_at: str
    started_at: str
    ended_at: str
    lost: bool = False
    memo: Mapping[str, Any] = field(default_factory=dict)

    @property
    def run_id(self) -> str:
        """The run in the answer journal that all attempts of a generating job go on with."""
        return f"r{self.id[1:]}"

    @property
    def dataset_id(self) -> str:
        """The dataset that all its attempts write."""
        return f"d{self.id[1:]}"

    def is_due(self, now: float) -> bool:
        """Whether it may start. A clock that was set back does not make anyone wait longer than was meant."""
        return now >= self.due_at or now < self.due_at - self.delay - 1


def backoff(attempts: int, base: float = 5.0, most: float = 600.0) -> float:
    """Seconds to rest after so many failed attempts in a row: none after none, then doubling up to `most`."""
    return min(most, base * 2.0 ** (attempts - 1)) if attempts > 0 else 0.0


COLUMNS = (
    "id, verb, arguments, title, folder, config, priority, most_attempts, state, wish, attempts, delay, due_at, host, "
    "pid, beat, stage, done, total, detail, rate, worked, note, result, memo, added_at, started_at, ended_at"
)


def job_from_row(row: Sequence[Any], *, lost: bool = False) -> Job:
    found = dict(zip(COLUMNS.split(", "), row, strict=True))
    order = JobOrder(
        found["verb"],
        tuple(json.loads(found["arguments"])),
        found["title"],
        found["folder"],
        found["config"],
        found["priority"],
        found["most_attempts"],
    )
    progress = JobProgress(found["stage"], found["done"], found["total"], found["detail"], found["rate"])
    same = ("id", "attempts", "delay", "due_at", "host", "pid", "beat", "worked", "note")
    times = ("added_at", "started_at", "ended_at")
    return Job(
        order=order,
        state=cast(JobState, found["state"]),
        wish=cast(Wish, found["wish"]),
        progress=progress,
        result=json.loads(found["result"]),
        memo=json.loads(found["memo"]),
        lost=lost,
        **{name: found[name] for name in (*same, *times)},
    )
