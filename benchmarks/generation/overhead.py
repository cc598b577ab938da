"""What the product costs beside the waiting for the model: time, CPU, memory, calls. Exits 1 when a bar is missed.

The ideal is calls * latency / concurrency. The openai SDK alone, in 50 threads, is measured in turn.
"""

from __future__ import annotations

import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.generation.child import Child, Outcome
from benchmarks.generation.corpus import Corpus, write_corpus
from benchmarks.generation.figures import Figure, say_where, show, spread
from benchmarks.generation.harness import PATIENCE, Job, workplace
from benchmarks.generation.stub_handle import Stub, running_stub

LATENCY, CONCURRENCY = 0.2, 50
SMALL, LARGE = 200, 2000
ROUNDS = {SMALL: 5, LARGE: 3}
MOST_OF_IDEAL = {SMALL: 1.25, LARGE: 1.10}
MOST_CPU_MS, MOST_MB, MOST_START = 2.0, 120.0, 1.0


@dataclass(frozen=True)
class Measured:
    """One run, as the stub and the kernel saw it. `start` is from the process's start to its first request."""

    window: float
    start: float
    calls: int
    connections: int
    samples: int
    outcome: Outcome


def measure() -> bool:
    with workplace() as folder, running_stub() as stub:
        corpus = write_corpus(folder / "corpus", LARGE)
        ours: dict[int, list[Measured]] = {SMALL: [], LARGE: []}
        bare: dict[int, list[Measured]] = {SMALL: [], LARGE: []}
        for size, rounds in ROUNDS.items():
            for number in range(rounds):
                ours[size].append(_product(folder / f"{size}-{number}", corpus, stub, size))
                bare[size].append(_bare_sdk(folder / f"bare-{size}-{number}", corpus, stub, size))
    return _judge(ours, bare)


def _product(folder: Path, corpus: Corpus, stub: Stub, size: int) -> Measured:
    stub.configure(latency=LATENCY)
    job = Job(folder, corpus, stub, size, {"concurrency": CONCURRENCY})
    outcome = job.run()
    measured = _measured(stub, outcome, job.delivered(outcome).valid)
    if outcome.exit_code or measured.samples != size:
        print(f"  a run of {size} delivered {measured.samples} samples\n{outcome.said()}")
    return measured


def _bare_sdk(folder: Path, corpus: Corpus, stub: Stub, size: int) -> Measured:
    stub.configure(latency=LATENCY)
    folder.mkdir()
    said = [stub.url, str(corpus.folder), str(size), str(CONCURRENCY)]
    outcome = Child(["-m", "benchmarks.generation.bare_sdk", *said], folder).wait(PATIENCE)
    if outcome.exit_code:
        print(outcome.said())
    return _measured(stub, outcome, size)


def _measured(stub: Stub, outcome: Outcome, samples: int) -> Measured:
    stats = stub.stats()
    first, last = stats["first_request"] or outcome.started, stats["last_answer"] or float("inf")
    return Measured(last - first, first - outcome.started, stats["requests"], stats["connections"], samples, outcome)


def _judge(ours: dict[int, list[Measured]], bare: dict[int, list[Measured]]) -> bool:
    runs = [run for runs in ours.values() for run in runs]
    figures = [_window(size, measured) for size, measured in ours.items()]
    figures += [
        Figure("marginal CPU of a sample", _marginal_cpu(ours), MOST_CPU_MS, "ms", note=_beside(ours, bare)),
        Figure("calls too many or too few, worst run", max(_miscounted(ours)), 0, exactly=True),
        Figure("peak memory, worst run", max(run.outcome.peak_mb for run in runs), MOST_MB, "MB"),
        Figure("process start to first request", statistics.median(run.start for run in runs), MOST_START, "s"),
    ]
    title = f"overhead: {LATENCY * 1000:.0f} ms a call, concurrency {CONCURRENCY}, medians of 5 (200) and 3 (2,000)"
    return show(title, figures, [*_remarks("product", ours), *_remarks("openai SDK alone", bare)])


def _beside(ours: dict[int, list[Measured]], bare: dict[int, list[Measured]]) -> str:
    """A ratio that does not depend on how fast the machine is at the moment."""
    return f"{_marginal_cpu(ours) / _marginal_cpu(bare):.2f} x the openai SDK alone"


def _window(size: int, measured: list[Measured]) -> Figure:
    ideal = size * LATENCY / CONCURRENCY
    window = statistics.median(run.window for run in measured)
    note = f"{window / ideal:.2f} x ideal {ideal:.2f} s"
    return Figure(f"{size:,} calls, first request to last answer", window, MOST_OF_IDEAL[size] * ideal, "s", note=note)


def _marginal_cpu(measured: dict[int, list[Measured]]) -> float:
    """Milliseconds; the start-up, which both sizes share, falls out."""
    cpu = {size: statistics.median(run.outcome.cpu for run in runs) for size, runs in measured.items()}
    return (cpu[LARGE] - cpu[SMALL]) / (LARGE - SMALL) * 1000


def _miscounted(measured: dict[int, list[Measured]]) -> list[int]:
    return [max(abs(run.calls - size), abs(run.samples - size)) for size, runs in measured.items() for run in runs]


def _remarks(who: str, measured: dict[int, list[Measured]]) -> list[str]:
    lines = [f"{who}: marginal CPU of a call {_marginal_cpu(measured):.2f} ms"]
    for size, runs in measured.items():
        cpu = [run.outcome.cpu for run in runs]
        lines.append(
            f"{who}, {size:,}: window {spread([run.window for run in runs], 's')}, wall "
            f"{spread([run.outcome.wall for run in runs], 's')}, CPU {spread(cpu, 's')} = "
            f"{statistics.median(cpu) / size * 1000:.2f} ms a call, {runs[0].connections} connections"
            f"; peak {spread([run.outcome.peak_mb for run in runs], 'MB')}, first request after "
            f"{spread([run.start for run in runs], 's')}"
        )
    return lines


if __name__ == "__main__":
    say_where()
    sys.exit(0 if measure() else 1)
