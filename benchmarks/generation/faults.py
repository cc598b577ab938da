"""A host that limits, fails, cuts off and dawdles, and one with a true rate limit. Exits 1 when a bar is missed."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.generation.child import Outcome
from benchmarks.generation.corpus import Corpus, write_corpus
from benchmarks.generation.figures import Figure, say_where, show, spread
from benchmarks.generation.harness import Delivered, Job, workplace
from benchmarks.generation.stub_handle import Stub, running_stub

ROUNDS = 3
CONCURRENCY = 50
FAULTS = {"p429": 0.10, "retry_after": 1, "p500": 0.03, "pcut": 0.05, "tail": 0.02, "tail_seconds": 2.0}
FAULTY_SAMPLES = 200
LIMIT = {"rpm": 1200, "burst": 120}
LIMITED_SAMPLES = 300
MOST_REFUSED, MOST_LIMITED_SECONDS = 5, 10.5


@dataclass(frozen=True)
class Measured:
    """One run: the stub's counts, what was delivered, and the seconds from the first request to the last answer."""

    stats: Mapping[str, Any]
    delivered: Delivered
    window: float
    outcome: Outcome

    def status(self, code: int) -> int:
        return int(self.stats["by_status"].get(str(code), 0))


def measure() -> bool:
    with workplace() as folder, running_stub() as stub:
        corpus = write_corpus(folder / "corpus", LIMITED_SAMPLES)
        seeds = range(7, 7 + ROUNDS)
        faulty = [_run(folder / f"faults-{s}", corpus, stub, FAULTY_SAMPLES, {**FAULTS, "seed": s}) for s in seeds]
        limited = [_run(folder / f"rate-{seed}", corpus, stub, LIMITED_SAMPLES, LIMIT) for seed in seeds]
    whole = _judge_faults(faulty)
    return _judge_limit(limited) and whole


def _run(folder: Path, corpus: Corpus, stub: Stub, size: int, knobs: Mapping[str, float]) -> Measured:
    stub.configure(latency=0.2, **knobs)
    job = Job(folder, corpus, stub, size, {"concurrency": CONCURRENCY})
    outcome = job.run()
    stats, delivered = stub.stats(), job.delivered(outcome)
    if outcome.exit_code or delivered.valid != size:
        print(f"  a run of {size} with {dict(knobs)} delivered {delivered}\n{outcome.said()}")
    window = (stats["last_answer"] or float("inf")) - (stats["first_request"] or 0.0)
    return Measured(stats, delivered, window, outcome)


def _judge_faults(runs: list[Measured]) -> bool:
    figures = [
        Figure("valid samples, worst run", min(run.delivered.valid for run in runs), FAULTY_SAMPLES, exactly=True),
        Figure("samples, most", max(run.delivered.samples for run in runs), FAULTY_SAMPLES, exactly=True),
        Figure("duplicates, worst run", max(run.delivered.duplicates for run in runs), 0, exactly=True),
    ]
    share = "10 % 429, 3 % 500, 5 % cut JSON, 2 % of calls +2 s"
    calls = [run.stats["requests"] for run in runs]
    remark = f"calls {spread(calls)}, window {spread([run.window for run in runs], 's')}"
    return show(f"faults: {share}; {FAULTY_SAMPLES} samples, {ROUNDS} runs", figures, [remark])


def _judge_limit(runs: list[Measured]) -> bool:
    window = statistics.median(run.window for run in runs)
    ideal = (LIMITED_SAMPLES - LIMIT["burst"]) * 60 / LIMIT["rpm"]
    figures = [
        Figure("answers with 429, median", statistics.median(run.status(429) for run in runs), MOST_REFUSED),
        Figure("window, median", window, MOST_LIMITED_SECONDS, "s", note=f"{window / ideal:.2f} x ideal {ideal:.1f} s"),
        Figure("samples, fewest", min(run.delivered.valid for run in runs), LIMITED_SAMPLES, exactly=True),
    ]
    remark = f"429 {spread([run.status(429) for run in runs])}, calls {spread([run.stats['requests'] for run in runs])}"
    return show("rate: limit 1,200 a minute with burst 120; 300 calls, concurrency 50", figures, [remark])


if __name__ == "__main__":
    say_where()
    sys.exit(0 if measure() else 1)
