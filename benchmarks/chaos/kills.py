"""SIGKILL at random moments over all stages: the worker, the process that starts workers, or both."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.chaos.pipeline import (
    CONCURRENCY,
    Kill,
    Pipeline,
    differences,
    paid_again,
    received_again,
    wait_for_work,
)
from benchmarks.generation.figures import Figure, show, tell
from benchmarks.generation.stub_handle import Stub
from src.persistence.jobs.job_records import Job

# Kills fall into this many seconds after a worker began: about what a job takes.
LONGEST = 4.0
MOST_KILLS_IN_A_FOLDER = 12


@dataclass
class Killed:
    """What a folder went through."""

    kills: int = 0
    in_flight: int = 0
    paid_again: int = 0
    lost: list[str] = field(default_factory=list)
    stages: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)


def measure_kills(
    template: Path, folder: Path, stub: Stub, undisturbed: Mapping[str, Any], points: int, seed: int
) -> bool:
    began, found, rng = time.monotonic(), list[Killed](), random.Random(seed)
    while sum(one.kills for one in found) < points:
        left = points - sum(one.kills for one in found)
        found.append(_one(template, folder / f"kills-{len(found)}", stub, undisturbed, rng, left))
    stages: Counter[str] = sum((one.stages for one in found), Counter())
    troubles = [trouble for one in found for trouble in one.troubles]
    lost = [what for one in found for what in one.lost]
    tell([*troubles, *lost])
    figures = [
        Figure(
            "folders whose datasets, exports or packs differ", sum(bool(o.troubles) for o in found), 0, exactly=True
        ),
        Figure("received answers lost", len(lost), 0, exactly=True),
        Figure(
            "paid again beyond the calls in flight",
            sum(max(0, one.paid_again - one.in_flight) for one in found),
            0,
            exactly=True,
        ),
    ]
    remarks = [f"{name:<42} {count:>4} kills" for name, count in sorted(stages.items())]
    kills = sum(one.kills for one in found)
    remarks.append(
        f"{sum(o.paid_again for o in found)} calls in flight were paid again; {time.monotonic() - began:.0f} s"
    )
    return show(f"{kills} SIGKILLs in {len(found)} folders, each brought to its end", figures, remarks)


def _one(
    template: Path, folder: Path, stub: Stub, undisturbed: Mapping[str, Any], rng: random.Random, most: int
) -> Killed:
    stub.configure(latency=0.3, jitter=0.1, seed=rng.randrange(10**6))
    line, killed, moments = Pipeline.copy_of(template, folder, stub), Killed(), list[Kill]()
    line.add_jobs()
    while killed.kills < min(most, MOST_KILLS_IN_A_FOLDER):
        process = wait_for_work(line)
        time.sleep(rng.uniform(0, LONGEST))
        if process.poll() is not None and not line.workers():
            break
        moments.append(_kill(line, rng, killed))
        stub.settle()
        killed.troubles += [f"{folder.name}: after kill {killed.kills}: {what}" for what in line.damage()]
    trouble = line.finish()
    line.kill_all()
    calls = stub.calls()
    killed.paid_again, killed.lost = paid_again(calls), received_again(calls, moments)
    killed.in_flight = CONCURRENCY * killed.kills
    found = [trouble] if trouble else differences(line.made(), undisturbed)
    found += [*line.damage(), *[f"{name} holds a traceback" for name in line.tracebacks()]]
    found += [f"{name} was left behind" for name in line.left_over()]
    killed.troubles += [f"{folder.name}: {what}" for what in found]
    return killed


def _kill(line: Pipeline, rng: random.Random, killed: Killed) -> Kill:
    """Kill the starting process, one worker, or everything; note what was going on."""
    workers = line.workers()
    began = time.time()
    who = rng.choice(("all", "all", "worker", "worker", "worker", "starter") if workers else ("starter",))
    dying = [job for job in workers if who == "all" or (who == "worker" and job is workers[-1])]
    for job in dying:
        with suppress(ProcessLookupError):
            os.kill(job.pid, signal.SIGKILL)
        killed.stages[_stage(job)] += 1
    if who in ("all", "starter"):
        line.started[-1].kill()
        line.started[-1].wait()
        killed.stages["(the process that starts the workers)"] += 1
    for job in dying:
        _wait_for_end(job.pid)
    killed.kills += 1
    return Kill(began, time.time(), who)


def _wait_for_end(process: int) -> None:
    """Until it holds no connection any more; whoever started it may not have asked yet how it ended."""
    deadline = time.monotonic() + 10
    with suppress(psutil.NoSuchProcess):
        while psutil.Process(process).status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
            time.sleep(0.002)


def _stage(job: Job) -> str:
    which = f"run --mode {job.order.arguments[1]}" if job.order.verb == "run" else job.order.verb
    return f"{which}: {job.progress.stage or 'starting'}"
