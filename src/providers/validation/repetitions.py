"""Find examples that stand twice in a file, or in two files, by eight bytes of a hash for each line.

Two different examples share those bytes once in about five million files of three million lines.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import islice

# 128 MB; a file with more lines is compared as far as that, and the report says so.
MOST_LINES = 1 << 24
# So many are looked at in one go, about 30 MB: the digests are divided by their remainder.
_TOGETHER = 250_000


@dataclass(frozen=True, slots=True)
class Pairs:
    """How many lines repeat an earlier one, and the first of them as (line, earlier line)."""

    count: int
    first: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class Digests:
    """The digests of a file's lines in order; 0 stands for a line without an example."""

    numbers: array[int] = field(default_factory=lambda: array("Q"))
    complete: bool = True

    def add(self, digests: bytes) -> None:
        self.numbers.extend(array("Q", digests)[: MOST_LINES - len(self.numbers)])
        self.complete = len(self.numbers) < MOST_LINES

    def repeats(self, most: int) -> Pairs:
        """Lines that hold the same example as a line before them, with the first such line."""
        parts = 1 + len(self.numbers) // _TOGETHER
        return _summed((_repeats(self._part(part, parts)) for part in range(parts)), most)

    def overlap(self, other: Digests, most: int) -> Pairs:
        """Lines that hold the same example as a line of the other file, with the first such line there."""
        parts = 1 + len(other.numbers) // _TOGETHER
        return _summed((_common(self._part(part, parts), other._part(part, parts)) for part in range(parts)), most)

    def _part(self, part: int, parts: int) -> Iterator[tuple[int, int]]:
        """The lines, with their digests, whose digest has that remainder."""
        return ((line, digest) for line, digest in enumerate(self.numbers, 1) if digest % parts == part and digest)


def _repeats(lines: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    first: dict[int, int] = {}
    for line, digest in lines:
        earlier = first.setdefault(digest, line)
        if earlier != line:
            yield line, earlier


def _common(lines: Iterable[tuple[int, int]], others: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    first: dict[int, int] = {}
    for line, digest in others:
        first.setdefault(digest, line)
    return ((line, first[digest]) for line, digest in lines if digest in first)


def _summed(parts: Iterable[Iterator[tuple[int, int]]], most: int) -> Pairs:
    count = 0
    kept: list[tuple[int, int]] = []
    for pairs in parts:
        # The pairs of one part come in order of their lines, so its first ones are enough.
        kept += islice(pairs, most)
        count += sum(1 for _ in pairs)
    count += len(kept)
    return Pairs(count, tuple(nsmallest(most, kept)))
