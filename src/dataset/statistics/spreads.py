"""Distributions of whole numbers: percentiles, intervals that widen, and fences beyond which a number stands out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from src.dataset.statistics.results import Interval, Spread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FENCE = 1.5
_LEAST_FACTOR = 2.0
RULE = (
    "Tukey's fences on the logarithm: further than 1.5 times the interquartile range from the quartiles, "
    "and at least a factor of 2"
)
# Shares of a whole in percent, by the names of Spread.
_PERCENTILES = {"p1": 1, "p5": 5, "p25": 25, "p75": 75, "p90": 90, "p95": 95, "p99": 99}


def spread_of(ordered: NDArray[np.integer[Any]]) -> Spread:
    """The spread of numbers that are sorted."""
    size = len(ordered)
    if not size:
        return Spread()
    ranks = {name: int(ordered[-(-size * percent // 100) - 1]) for name, percent in _PERCENTILES.items()}
    median = (int(ordered[(size - 1) // 2]) + int(ordered[size // 2])) / 2
    mean = round(int(ordered.sum()) / size, 2)
    return Spread(min=int(ordered[0]), max=int(ordered[-1]), mean=mean, median=median, **ranks)


def histogram(ordered: NDArray[np.integer[Any]]) -> tuple[Interval, ...]:
    """Intervals of growing width (four to each doubling, where that leaves whole numbers) with no gap between them."""
    import numpy as np

    if not len(ordered):
        return ()
    edges = _edges(int(ordered[-1]))
    first = max(0, int(np.searchsorted(edges, ordered[0], "right")) - 1)
    edges = edges[first:]
    below = np.searchsorted(ordered, edges)
    return tuple(
        Interval(int(start), int(end), int(n)) for start, end, n in zip(edges, edges[1:], np.diff(below), strict=False)
    )


def fences(spread: Spread) -> tuple[float, float]:
    """Numbers below the first or above the second one stand out, by RULE."""
    low, high = max(1, spread.p25), max(1, spread.p75)
    factor = max(_LEAST_FACTOR, (high / low) ** _FENCE)
    return low / factor, high * factor


def _edges(most: int) -> list[int]:
    """0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, ... up to the first one above `most`."""
    edges = list(range(8))
    step = 2
    while edges[-1] <= most:
        start = 4 * step
        edges += [start + part * step for part in range(4)]
        step *= 2
    return edges[: next(i for i, edge in enumerate(edges) if edge > most) + 1]
