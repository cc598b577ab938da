"""Random budgets with 16 calls in flight: what is billed never exceeds the cap. Exits 1 when a bar is missed."""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.generation.child import Outcome
from benchmarks.generation.corpus import Corpus, write_corpus
from benchmarks.generation.figures import Figure, say_where, show, tell
from benchmarks.generation.harness import LANES, Delivered, Job, in_lanes, workplace
from benchmarks.generation.stub_handle import Stub, running_stub

RUNS, SAMPLES, CONCURRENCY = 100, 60, 16
SEED = 11
# Answers that are paid for and cannot be used are where a careless sum goes wrong.
KNOBS = {"latency": 0.01, "jitter": 0.02, "exact_tokens": 1, "pcut": 0.04, "ptruncate": 0.04, "p500": 0.01}


@dataclass(frozen=True)
class Cap:
    """A budget in tokens or in USD, with the prices of a million tokens in and out."""

    unit: str
    amount: float
    price_in: float
    price_out: float

    def settings(self) -> dict[str, Any]:
        prices = {"price_per_million_input": self.price_in, "price_per_million_output": self.price_out}
        return {**prices, f"budget_{self.unit}": int(self.amount) if self.unit == "tokens" else self.amount}

    def spent(self, stats: Mapping[str, Any]) -> float:
        """What the stub billed, in the cap's unit."""
        tokens_in, tokens_out = stats["input_tokens"], stats["output_tokens"]
        if self.unit == "tokens":
            return float(tokens_in + tokens_out)
        return float(tokens_in * self.price_in + tokens_out * self.price_out) / 1e6


@dataclass(frozen=True)
class Measured:
    """One run under a cap. `spent` is in the cap's unit."""

    cap: Cap
    spent: float
    delivered: Delivered
    outcome: Outcome

    @property
    def overshoot(self) -> float:
        # Sums of floats differ in their last digits.
        return max(0.0, self.spent - self.cap.amount * (1 + 1e-12))

    @property
    def failure(self) -> str:
        """Why the run is not what a user may expect: "" for a valid dataset, or none and a word about the budget."""
        told = "budget" in str(self.outcome.answer).casefold()
        if "Traceback" in self.outcome.stderr or self.outcome.exit_code < 0:
            return "crashed or hung"
        if self.delivered.valid != self.delivered.samples or self.delivered.duplicates:
            return f"dataset is not valid: {self.delivered}"
        if self.delivered.samples > SAMPLES:
            return f"{self.delivered.samples} samples"
        if self.delivered.samples < SAMPLES and not told:
            return f"only {self.delivered.samples} samples, and no word about the budget"
        return ""


def measure() -> bool:
    began = time.monotonic()
    with workplace() as folder:
        corpus = write_corpus(folder / "corpus", SAMPLES)
        with running_stub() as stub:
            whole = _unbounded(folder / "whole", corpus, stub)
        runs = in_lanes(RUNS, lambda number, stub: _run(folder / f"run-{number}", corpus, stub, number, whole))
    return _judge(runs, time.monotonic() - began)


def _unbounded(folder: Path, corpus: Corpus, stub: Stub) -> Mapping[str, Any]:
    """What the stub bills for all samples when nobody looks at the money."""
    stub.configure(**{**KNOBS, "pcut": 0, "ptruncate": 0, "p500": 0})
    outcome = Job(folder, corpus, stub, SAMPLES, {"concurrency": CONCURRENCY}).run()
    if outcome.exit_code:
        print(f"  the run without a budget failed\n{outcome.said()}")
    return stub.stats()


def _run(folder: Path, corpus: Corpus, stub: Stub, number: int, whole: Mapping[str, Any]) -> Measured:
    cap = _random_cap(random.Random(f"{SEED}:{number}"), whole)
    stub.configure(**KNOBS, seed=number)
    job = Job(folder, corpus, stub, SAMPLES, {"concurrency": CONCURRENCY, **cap.settings()})
    outcome = job.run()
    stub.settle()
    return Measured(cap, cap.spent(stub.stats()), job.delivered(outcome), outcome)


def _random_cap(rng: random.Random, whole: Mapping[str, Any]) -> Cap:
    """From too little for one call to more than enough for all."""
    prices = round(rng.uniform(0.05, 15), 2), round(rng.uniform(0.2, 75), 2)
    cap = Cap(rng.choice(["tokens", "usd"]), 0.0, *prices)
    least, most = rng.choices([(0.005, 0.1), (0.1, 1.2), (1.2, 2.0)], weights=[2, 6, 2])[0]
    share = rng.uniform(least, most)
    return Cap(
        cap.unit, max(1, int(share * cap.spent(whole))) if cap.unit == "tokens" else share * cap.spent(whole), *prices
    )


def _judge(runs: Sequence[Measured], took: float) -> bool:
    wrong = [run for run in runs if run.failure or run.overshoot]
    tell([f"  {run.cap}: spent {run.spent:g}; {run.failure}\n{run.outcome.said()}" for run in wrong])
    over = {unit: max((r.overshoot for r in runs if r.cap.unit == unit), default=0.0) for unit in ("tokens", "usd")}
    figures = [
        Figure("overshoot of budget_tokens, worst run", over["tokens"], 0, "tokens"),
        Figure("overshoot of budget_usd, worst run", over["usd"], 0, "USD"),
        Figure("runs without a valid dataset or a clear word", sum(bool(run.failure) for run in runs), 0),
    ]
    short = [run for run in runs if 0 < run.delivered.samples < SAMPLES]
    used = statistics.median(run.spent / run.cap.amount for run in short) if short else float("nan")
    none = sum(run.delivered.samples == 0 for run in runs)
    remarks = [
        f"{took:.0f} s in {LANES} lanes; {len(short)} runs were stopped by the budget after using {used:.0%} of it "
        f"(median), {none} got no sample, {len(runs) - len(short) - none} got all",
    ]
    return show(f"budget: {len(runs)} random caps, {CONCURRENCY} in flight, {SAMPLES} samples wanted", figures, remarks)


if __name__ == "__main__":
    say_where()
    sys.exit(0 if measure() else 1)
