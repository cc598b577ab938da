"""Which samples stand out by a number, found in one pass: the few most extreme ones are kept."""

from __future__ import annotations

from heapq import heappush, heapreplace
from typing import TYPE_CHECKING, Any

from src.dataset.statistics.results import Named, Outliers, Spread
from src.dataset.statistics.spreads import RULE, fences

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAMED = 20


class Extremes:
    """The NAMED smallest and largest numbers with their samples; of equal ones, those that came first."""

    def __init__(self) -> None:
        self._smallest: list[tuple[int, int, str]] = []
        self._largest: list[tuple[int, int, str]] = []
        self._count = 0

    def add(self, sample_id: str, value: int) -> None:
        self._count += 1
        # Heaps hold the least extreme one first; a later one of the same number counts as less extreme.
        if len(self._largest) < NAMED:
            heappush(self._largest, (value, -self._count, sample_id))
            heappush(self._smallest, (-value, -self._count, sample_id))
            return
        if value > self._largest[0][0]:
            heapreplace(self._largest, (value, -self._count, sample_id))
        if value < -self._smallest[0][0]:
            heapreplace(self._smallest, (-value, -self._count, sample_id))

    def outliers(self, ordered: NDArray[np.integer[Any]], spread: Spread) -> Outliers:
        """Those beyond the fences of all numbers, which are given sorted, the most extreme ones first."""
        import numpy as np

        low, high = fences(spread)
        smallest = [Named(name, -value) for value, _, name in sorted(self._smallest, reverse=True) if -value < low]
        largest = [Named(name, value) for value, _, name in sorted(self._largest, reverse=True) if value > high]
        return Outliers(
            rule=RULE,
            low=round(low, 1),
            high=round(high, 1),
            below=int(np.searchsorted(ordered, low, "left")),
            above=len(ordered) - int(np.searchsorted(ordered, high, "right")),
            shortest=tuple(smallest),
            longest=tuple(largest),
        )
