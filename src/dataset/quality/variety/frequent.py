"""What occurs most often in a stream, in bounded memory: lossy counting (G. Manku, R. Motwani, VLDB 2002)."""

from __future__ import annotations

import heapq


class Frequent:
    """Counts of keys. Whatever makes up one in `width` of the stream is kept; counts are too low by at most that."""

    def __init__(self, width: int = 50_000) -> None:
        self._width = width
        self._counts: dict[str, list[int]] = {}
        self.total = 0

    def add(self, key: str) -> None:
        self.total += 1
        entry = self._counts.get(key)
        if entry is not None:
            entry[0] += 1
        else:
            # The second number is the most that was missed of it.
            self._counts[key] = [1, self.total // self._width]
        if self.total % self._width == 0:
            now = self.total // self._width
            self._counts = {kept: entry for kept, entry in self._counts.items() if sum(entry) > now}

    def most_common(self, most: int) -> list[tuple[str, int]]:
        """Most frequent first, by name among equals."""
        counted = ((key, entry[0]) for key, entry in self._counts.items())
        return heapq.nsmallest(most, counted, key=lambda item: (-item[1], item[0]))

    def counts(self) -> list[int]:
        return [entry[0] for entry in self._counts.values()]
