"""Bars: at most, at least, and for CPU times, which a machine slower than the one they were set on may exceed."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.generation.figures import Figure

# Where the bars were measured the standard library's loop took 1.40 to 1.47 s for 200,000 such records (packing.md).
REFERENCE_SECONDS_A_RECORD = 1.435 / 200_000


@dataclass(frozen=True)
class AtLeast(Figure):
    """More is better."""

    @property
    def met(self) -> bool:
        return self.value >= self.bar

    def line(self) -> str:
        return super().line().replace("bar <=", "bar >=", 1)


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
        return f"{super().line()}  {self.value / self.pace / self.bar:.2f} of it as a ratio to stdlib".rstrip()


@dataclass(frozen=True)
class CpuRate(AtLeast):
    """The same for what a CPU second yields."""

    pace: float = 1.0

    @property
    def met(self) -> bool:
        return self.value >= self.bar / max(1.0, self.pace)

    def line(self) -> str:
        return f"{super().line()}  {self.value * self.pace / self.bar:.2f} of it as a ratio to stdlib".rstrip()
