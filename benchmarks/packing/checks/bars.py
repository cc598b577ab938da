"""Bars: at most, at least, and for CPU times, which a machine slower than the one they were set on may exceed."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.generation.figures import Figure

# Where the bars were measured, the standard library's loop over 200,000 such records took 1.466 s in one run, 1.403 s
# in another (facts/packing.md, tables 2 and 2b, 2026-11-21); between them:
REFERENCE_SECONDS, REFERENCE_RECORDS = 1.435, 200_000


@dataclass(frozen=True)
class AtLeast(Figure):
    """More is better."""

    @property
    def met(self) -> bool:
        return self.value >= self.bar

    def line(self) -> str:
        return super().line().replace("bar <=", "bar >=", 1)


def pace_of(seconds: float, records: int) -> float:
    """How many times longer that loop took here than where the bars were set."""
    return seconds / (REFERENCE_SECONDS * records / REFERENCE_RECORDS)


def told(seconds: float, records: int) -> str:
    """Which bars count, in a line."""
    there = REFERENCE_SECONDS * records / REFERENCE_RECORDS
    return (
        f"the standard library's loop took {seconds:.2f} s here and {there:.2f} s where the bars were set: a bar in "
        f"CPU time is missed when its figure is over the bar and over the bar scaled by {pace_of(seconds, records):.2f}"
    )


@dataclass(frozen=True)
class CpuTime(Figure):
    """Missed when it is over the bar both as it is and as a ratio to the standard library's loop in the same run.

    `pace` is how many times longer that loop took than where the bars were set.
    """

    pace: float = 1.0

    @property
    def met(self) -> bool:
        return self.value <= self.bar * max(1.0, self.pace)

    def line(self) -> str:
        return f"{super().line()}  {_scaled(self, '<=', self.bar * self.pace)}"


@dataclass(frozen=True)
class CpuRate(AtLeast):
    """The same for what a CPU second yields."""

    pace: float = 1.0

    @property
    def met(self) -> bool:
        return self.value >= self.bar / max(1.0, self.pace)

    def line(self) -> str:
        return f"{super().line()}  {_scaled(self, '>=', self.bar / self.pace)}"


def _scaled(figure: Figure, sign: str, bar: float) -> str:
    return f"scaled bar {sign} {bar:.3g} {figure.unit}, {figure.value / bar:.2f} of it"
