"""A measured figure beside its bar, and the exit code of a list of them."""

from __future__ import annotations

import math
import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

TROUBLES_TOLD = 5


@dataclass(frozen=True)
class Figure:
    """What was measured and the most (with `exactly`, the only value) it may be. `note` explains it."""

    name: str
    value: float
    bar: float
    unit: str = ""
    exactly: bool = False
    note: str = ""

    @property
    def met(self) -> bool:
        return self.value == self.bar if self.exactly else self.value <= self.bar

    def line(self) -> str:
        sign = "=" if self.exactly else "<="
        ratio = f"{self.value / self.bar:.2f} of the bar" if self.bar else ""
        verdict = "ok" if self.met else "MISSED"
        measured = f"{_plain(self.value)} {self.unit}".rstrip()
        bar = f"bar {sign} {_plain(self.bar)} {self.unit}".rstrip()
        return f"{verdict:<7} {self.name:<46} {measured:>12}   {bar:<20} {ratio:<16} {self.note}".rstrip()


def say_where() -> None:
    """What the figures were measured on."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f} before the first run\n")


def show(title: str, figures: Sequence[Figure], remarks: Iterable[str] = ()) -> bool:
    """Print them; whether every bar is met."""
    print(title)
    for figure in figures:
        print(f"  {figure.line()}")
    for remark in remarks:
        print(f"          {remark}")
    print(flush=True)
    return all(figure.met for figure in figures)


def tell(troubles: Sequence[str]) -> None:
    """Print what went wrong, the first few in full."""
    for trouble in troubles[:TROUBLES_TOLD]:
        print(trouble)
    if len(troubles) > TROUBLES_TOLD:
        print(f"  ... and {len(troubles) - TROUBLES_TOLD} more like these")


def spread(values: Sequence[float], unit: str = "") -> str:
    """The median, and in brackets the least and the greatest."""
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f}) {unit}".rstrip()


def _plain(value: float) -> str:
    if not math.isfinite(value):
        return "none"
    return f"{value:.0f}" if value == int(value) else f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"
