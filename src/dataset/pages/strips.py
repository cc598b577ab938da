"""Box strips: where the values of each group lie, on one logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup

from src.dataset.pages.drawing import ROW, box, line, row_label, steps, svg, text
from src.dataset.pages.texts import compact, number

_AXIS = 40


class Strip(NamedTuple):
    """The percentiles of a group's values."""

    name: str
    p5: float
    p25: float
    median: float
    p75: float
    p95: float


def strips_svg(strips: Sequence[Strip], title: str, axis: str) -> Markup:
    """A row for each group: a line from the 5th to the 95th percentile, a box of the middle half, the median."""
    scale = _Scale(strips)
    rows = [part for place, strip in enumerate(strips) for part in _strip(place * ROW, strip, scale)]
    height = len(strips) * ROW
    told = "; ".join(f"{strip.name}: median {number(strip.median)}" for strip in strips[:5])
    return svg(height + _AXIS, f"{title}. {told}", [*_ticks(scale, height, axis), *rows])


class _Scale:
    """From values to percent of the width."""

    def __init__(self, strips: Sequence[Strip]) -> None:
        self.least = max(1.0, min((strip.p5 for strip in strips), default=1))
        self.most = max(self.least * 2, max((strip.p95 for strip in strips), default=2))

    def __call__(self, value: float) -> float:
        inside = min(max(value, self.least), self.most)
        return 1 + 98 * math.log(inside / self.least) / math.log(self.most / self.least)


def _strip(top: int, strip: Strip, scale: _Scale) -> Iterator[Markup]:
    middle = top + 23
    told = f"{strip.name}: 5 % {number(strip.p5)}, 25 % {number(strip.p25)}, median {number(strip.median)}, " + (
        f"75 % {number(strip.p75)}, 95 % {number(strip.p95)}"
    )
    left, right = scale(strip.p25), scale(strip.p75)
    yield row_label(top, strip.name, f"median {number(strip.median)}")
    yield line(scale(strip.p5), middle, scale(strip.p95), middle, "whisker")
    yield box(left, middle - 5, max(right - left, 0.6), 10, "bar", told, 3)
    yield box(scale(strip.median) - 0.25, middle - 7, 0.5, 14, "median", told, 1)


def _ticks(scale: _Scale, height: int, axis: str) -> Iterator[Markup]:
    for value in steps(scale.least, scale.most):
        x = scale(value)
        anchor = "start" if x < 5 else "end" if x > 95 else "middle"
        yield line(x, 16, x, height + 2, "grid-line")
        yield text(x, height + 16, compact(value), "tick", anchor)
    yield text(50, height + 34, axis, "tick", "middle")
