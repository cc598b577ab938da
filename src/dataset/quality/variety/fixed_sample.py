"""The same few samples of a dataset, however it is ordered: those whose ids have the lowest hashes."""

from __future__ import annotations

import heapq
from typing import Generic, TypeVar

Item = TypeVar("Item")


class FixedSample(Generic[Item]):
    """Up to `most` items, by the hashes of their keys."""

    def __init__(self, most: int) -> None:
        self._most = most
        # The highest hash first, so that it can be put out.
        self._heap: list[tuple[int, int, Item]] = []
        self._added = 0

    def wants(self, key: str) -> int | None:
        """The key's rank where the item would be taken up, so that it need not be made otherwise."""
        from xxhash import xxh3_64_intdigest

        rank = xxh3_64_intdigest(key.encode("utf-8", "surrogatepass"))
        return rank if len(self._heap) < self._most or rank < -self._heap[0][0] else None

    def add(self, rank: int, item: Item) -> None:
        self._added += 1
        entry = (-rank, self._added, item)
        if len(self._heap) < self._most:
            heapq.heappush(self._heap, entry)
        elif self._most:
            heapq.heappushpop(self._heap, entry)

    def items(self) -> list[Item]:
        """Lowest hash first."""
        return [item for _, _, item in sorted(self._heap, key=lambda entry: -entry[0])]
