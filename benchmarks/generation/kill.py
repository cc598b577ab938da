"""kill -9 at any moment, then `run --resume`: what is lost, paid again or there twice. Exits 1 when a bar is missed."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.generation.corpus import Corpus, write_corpus
from benchmarks.generation.figures import Figure, say_where, show, tell
from benchmarks.generation.harness import LANES, Job, in_lanes, workplace
from benchmarks.generation.killed_run import Moment, Point, kill_and_resume
from benchmarks.generation.stub_handle import Stub, running_stub

HALF_SAMPLES, HALF_CONCURRENCY, HALF_ROUNDS = 200, 10, 3
MOST_SECOND_CALLS = HALF_SAMPLES // 2 + HALF_CONCURRENCY
POINTS, POINT_SAMPLES = 40, 40
CONCURRENCIES = (1, 4, 16)
SEED = 3
# How long a process takes to its first call and from its last answer to its end; kills are spread over both.
STARTING, ENDING = 1.0, 0.5


def measure_half_way() -> bool:
    """Kill after 100 of 200 answers at concurrency 10."""
    with workplace() as folder, running_stub() as stub:
        corpus = write_corpus(folder / "corpus", HALF_SAMPLES)
        points = []
        for number in range(HALF_ROUNDS):
            stub.configure(latency=0.2)
            job = Job(folder / f"half-{number}", corpus, stub, HALF_SAMPLES, {"concurrency": HALF_CONCURRENCY})
            points.append(kill_and_resume(job, Moment(answered=HALF_SAMPLES // 2)))
    figures = [
        Figure("calls of the second run, worst of 3", max(p.second_calls for p in points), MOST_SECOND_CALLS),
        *_figures(points, HALF_SAMPLES),
    ]
    return show("kill -9 after 100 of 200 answers at concurrency 10, then run --resume", figures)


def measure_points(points: int = POINTS, seed: int = SEED) -> bool:
    """Kill at random moments, from before the first call until after the last, at concurrency 1, 4 and 16 in turn."""
    began = time.monotonic()
    with workplace() as folder:
        corpus = write_corpus(folder / "corpus", POINT_SAMPLES)
        found = in_lanes(points, lambda number, stub: _point(folder, corpus, stub, number, seed))
    took = f"{time.monotonic() - began:.0f} s in {LANES} lanes"
    return show(
        f"{points} random kill points, {POINT_SAMPLES} samples each",
        _figures(found, POINT_SAMPLES),
        [took, *_by(found)],
    )


def _point(folder: Path, corpus: Corpus, stub: Stub, number: int, seed: int) -> Point:
    rng = random.Random(f"{seed}:{number}")
    stub.configure(latency=0.03, jitter=0.02, seed=number)
    concurrency = CONCURRENCIES[number % len(CONCURRENCIES)]
    job = Job(folder / f"point-{number}", corpus, stub, POINT_SAMPLES, {"concurrency": concurrency})
    return kill_and_resume(job, _moment(rng))


def _moment(rng: random.Random) -> Moment:
    """One in ten before the first call, one in ten after the last, the others while calls are made."""
    lot = rng.random()
    if lot < 0.1:
        return Moment(seconds=rng.uniform(0.05, STARTING))
    if lot < 0.2:
        return Moment(answered=POINT_SAMPLES, seconds=rng.uniform(0, ENDING))
    return Moment(answered=rng.randrange(POINT_SAMPLES), seconds=rng.uniform(0, 0.05))


def _figures(points: Sequence[Point], size: int) -> list[Figure]:
    tell([trouble for point in points for trouble in point.troubles(size)])
    return [
        Figure("received answers lost", sum(p.lost for p in points), 0, exactly=True),
        Figure("paid again beyond the calls in flight, worst", max(p.paid_too_often for p in points), 0),
        Figure("duplicate samples", sum(p.delivered.duplicates for p in points), 0, exactly=True),
        Figure(f"runs without exactly {size} valid samples", sum(p.delivered.valid != size for p in points), 0),
        Figure("damaged databases", sum(bool(p.damage) for p in points), 0),
        Figure("runs that failed or could not be resumed", sum(bool(p.failure) for p in points), 0),
    ]


def _by(points: Sequence[Point]) -> list[str]:
    """A line for each concurrency: how many kills hit a working run, and the worst of them."""
    lines = []
    for concurrency in CONCURRENCIES:
        mine = [point for point in points if point.concurrency == concurrency]
        hit = [point for point in mine if point.in_flight]
        paid = max((point.paid_again for point in mine), default=0)
        flying = max((point.in_flight for point in mine), default=0)
        lines.append(
            f"concurrency {concurrency:>2}: {len(hit)} of {len(mine)} kills with calls in flight (at most {flying}); "
            f"most paid again {paid}; finished before the kill {sum(point.finished_first for point in mine)}"
        )
    return lines


def measure() -> bool:
    half = measure_half_way()
    return measure_points() and half


if __name__ == "__main__":
    say_where()
    sys.exit(0 if measure() else 1)
