"""Texts meet by their first words: candidates for near-duplicates, so that no pair is missing.

With the words of each text ordered from rare to common, two texts that share NEAR_DUPLICATE of their words have two of
their first words in common (the prefix filter; J. Wang, G. Li, J. Feng, "Can we beat the prefix filtering?", SIGMOD
2012). So there is a room for each rare first word, and for each two of the others, and those that meet in one are to be
compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from src.analysis.hashing import stirred
from src.analysis.similarity import NEAR_DUPLICATE
from src.dataset.duplicates.near.candidates import frequencies
from src.dataset.duplicates.near.shingle_sets import ShingleSets
from src.dataset.splitting.rare_words import MOST_COUNTERS, WORD_BITS, ranked_blocks
from src.dataset.splitting.word_sets import HELD
from src.dataset.spools.spool import Spool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Codes = NDArray[np.uint64]
    Meeting = tuple[Codes, Numbers]

LEAST = Fraction(NEAR_DUPLICATE).limit_denominator(100)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a search holds at once.

    `held` words (8 bytes each), `met` entries of rooms (40 bytes), `compared` pairs (60 bytes). A word that at most
    `few` texts have makes a room by itself. From `unsketched` comparisons on, sketches are made first.
    """

    held: int = HELD
    met: int = 1 << 20
    compared: int = 1 << 18
    few: int = 16
    unsketched: int = 1 << 16


DEFAULT_LIMITS = Limits()


def first_equal(sets: ShingleSets) -> Numbers:
    """For each set the first that is equal."""
    import numpy as np

    sums = np.empty(len(sets.sizes), np.uint64)
    for first, end, values in sets.blocks():
        running = np.concatenate([np.zeros(1, np.uint64), np.cumsum(stirred(values))])
        bounds = sets.starts[first : end + 1] - sets.starts[first]
        sums[first:end] = running[bounds[1:]] - running[bounds[:-1]]
    return firsts_of(sums)


def firsts_of(codes: Codes | Numbers) -> Numbers:
    """For each the first place with the same code."""
    import numpy as np

    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    new = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
    firsts = np.empty(len(order), np.int64)
    firsts[order] = order[np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))]
    return firsts


class FirstWords:
    """The first words of each chosen set, those that no other set has left out: in a file when they are many."""

    def __init__(self, sets: ShingleSets, chosen: NDArray[np.bool_], limits: Limits) -> None:
        import numpy as np

        self._limits = limits
        self._words = Spool(limits.held)
        self._sets = np.flatnonzero(chosen)
        counts = [np.empty(0, np.int32)]
        self._cost = 0
        for block in ranked_blocks(sets, chosen, frequencies(sets, chosen, MOST_COUNTERS)):
            needed = -(-block.sizes * LEAST.numerator // LEAST.denominator)
            rare = np.minimum(block.sizes, block.sizes - needed + 2)[block.owner]
            kept = (block.place < rare) & (block.frequency > 1)
            self._words.add(block.words[kept])
            counts.append(np.bincount(block.owner[kept], minlength=len(block.sizes)).astype(np.int32))
            self._cost += int(np.where(block.frequency > limits.few, rare - block.place - 1, 1)[kept].sum())
        self._counts = np.concatenate(counts)
        self._starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(self._counts, dtype=np.int64)])

    def close(self) -> None:
        self._words.close()

    def meetings(self) -> Iterator[Meeting]:
        """Sets that may be near-duplicates, as (room, set): those in one room meet. Whole rooms, some at a time."""
        import numpy as np

        parts = 1 + self._cost // self._limits.met
        for part in range(parts):
            found = [self._rooms(first, end, np.uint64(part), np.uint64(parts)) for first, end in self._blocks()]
            rooms = np.concatenate([np.empty(0, np.uint64), *(rooms for rooms, _ in found)])
            members = np.concatenate([np.empty(0, np.int64), *(members for _, members in found)])
            del found
            order = np.argsort(rooms)
            rooms, members = rooms[order], members[order]
            crowded = np.append(False, rooms[1:] == rooms[:-1])[: len(rooms)]
            crowded[:-1] |= crowded[1:]
            yield rooms[crowded], members[crowded]

    def _blocks(self) -> Iterator[tuple[int, int]]:
        import numpy as np

        first = 0
        while first < len(self._counts):
            reach = int(np.searchsorted(self._starts, self._starts[first] + self._limits.met // 4, "right")) - 1
            end = min(max(first + 1, reach), len(self._counts))
            yield first, end
            first = end

    def _rooms(self, first: int, end: int, part: np.uint64, parts: np.uint64) -> Meeting:
        """The rooms whose (first) word belongs to this part."""
        import numpy as np

        words = self._words.read(int(self._starts[first]), int(self._starts[end]))
        code = stirred(words & np.uint64((1 << WORD_BITS) - 1))
        here = np.flatnonzero(code % parts == part)
        members = np.repeat(self._sets[first:end], self._counts[first:end])
        ends = np.repeat(self._starts[first + 1 : end + 1] - self._starts[first], self._counts[first:end])
        alone = (words[here] >> np.uint64(WORD_BITS)) <= self._limits.few
        single, at = here[alone], here[~alone]
        following = ends[at] - at - 1
        one = np.repeat(at, following)
        other = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(following) - following, following)
        rooms = np.concatenate([code[single], stirred(code[one] + stirred(code[other]))])
        return rooms, np.concatenate([members[single], members[one]])


def pairs_apart(rooms: Codes, members: Numbers, labels: Numbers, most: int) -> Iterator[tuple[Numbers, Numbers]]:
    """The pairs of members of the same room with different labels, about `most` at a time."""
    import numpy as np

    order = np.lexsort((labels, rooms))
    rooms, members, labels = rooms[order], members[order], labels[order]
    new_room = np.append(rooms[1:] != rooms[:-1], True)[: len(rooms)]
    new_label = new_room | np.append(labels[1:] != labels[:-1], True)[: len(rooms)]
    label_end = _next_true(new_label)
    partners = _next_true(new_room) - label_end
    costs = np.cumsum(partners)
    first = 0
    while first < len(rooms):
        reach = int(costs.searchsorted((costs[first - 1] if first else 0) + most, "right"))
        end = max(first + 1, reach)
        many = partners[first:end]
        one = np.repeat(np.arange(first, end), many)
        other = label_end[one] + 1 + np.arange(len(one)) - np.repeat(np.cumsum(many) - many, many)
        yield members[one], members[other]
        first = end


def _next_true(marks: NDArray[np.bool_]) -> Numbers:
    """For each position the first one from there on that is marked."""
    import numpy as np

    marked = np.flatnonzero(marks)
    return marked[np.searchsorted(marked, np.arange(len(marks)))]
