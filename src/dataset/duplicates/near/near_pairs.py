"""Find the pairs of sets that are as similar as a threshold: all of them, and no others.

Nothing is left to chance but that two different shingles have the same hash (2^-52 for any two). Where so many sets
are alike that their pairs cannot be listed, what is linked already is not compared again: the groups are exact then,
too, and `crowded` says whose pairs are not all listed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from src.dataset.duplicates.near.candidates import Rooms, pairs_of, rooms_of
from src.dataset.duplicates.near.links import Links
from src.dataset.duplicates.near.shingle_sets import ShingleSets, needed_in_common
from src.dataset.duplicates.near.sketches import Sketches
from src.dataset.spools.spool import IN_MEMORY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

_LEADERS = 64


@dataclass(frozen=True, slots=True)
class Limits:
    """What a search may take.

    `in_memory`: so many shingles (8 bytes each) are held, the others lie in a temporary file, as what is behind the
    first `entries` of the rooms does (16 bytes each). `listed`: after so many pairs (24 bytes each) only what links
    further sets is listed. `compared`: meetings that would cost more comparisons than this, together, are gone through
    by links. `unsketched`: from so many comparisons on, sketches are made first.
    """

    in_memory: int = IN_MEMORY
    entries: int = 1 << 21
    listed: int = 1 << 21
    compared: int = 1 << 26
    unsketched: int = 1 << 20


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class NearPairs:
    """Sets one[i] and other[i] share common[i] shingles and are similar. `roots` has a number for each set, the same
    for those that are linked by a chain of similar pairs; `crowded` marks the sets whose pairs are not all listed."""

    one: Numbers
    other: Numbers
    common: Numbers
    roots: Numbers
    crowded: NDArray[np.bool_]


def find_near_pairs(
    sets: ShingleSets, chosen: NDArray[np.bool_], threshold: Fraction, limits: Limits = DEFAULT_LIMITS
) -> NearPairs:
    """The similar pairs among the chosen sets; empty sets are similar to nothing."""
    search = _Search(sets, threshold, limits.listed)
    for rooms in rooms_of(sets, chosen, threshold, limits.entries):
        if int(rooms.partners.sum()) > limits.unsketched:
            search.use_sketches()
        crowded = _crowded(rooms, limits.compared)
        for one, other in pairs_of(rooms.chosen(~crowded), sets, threshold):
            search.compare(one, other)
        search.go_through(rooms.chosen(crowded))
    return search.result()


def _crowded(rooms: Rooms, most: int) -> NDArray[np.bool_]:
    """Which entries are in the rooms that cost most, so that the others together do not cost too much."""
    import numpy as np

    if int(rooms.partners.sum()) <= most:
        return np.zeros(len(rooms.members), bool)
    starts = np.flatnonzero(np.append(True, rooms.rooms[1:] != rooms.rooms[:-1]))
    costs = np.add.reduceat(rooms.partners, starts)
    order = np.argsort(costs, kind="stable")
    crowded = np.zeros(len(starts), bool)
    crowded[order[np.cumsum(costs[order]) > most]] = True
    return np.repeat(crowded, np.diff(np.append(starts, len(rooms.members))))


@dataclass
class _Search:
    sets: ShingleSets
    threshold: Fraction
    most: int
    found: list[tuple[Numbers, Numbers, Numbers]] = field(default_factory=list)
    listed: int = 0
    sketches: Sketches | None = None

    def __post_init__(self) -> None:
        import numpy as np

        self.links = Links(len(self.sets.sizes))
        self.crowded = np.zeros(len(self.sets.sizes), bool)

    def use_sketches(self) -> None:
        self.sketches = self.sketches or Sketches(self.sets)

    def compare(self, one: Numbers, other: Numbers, all_of_them: bool = True) -> None:
        """List and link those pairs that are similar; only those not linked yet when not all are wanted or fit."""
        import numpy as np

        if not all_of_them or self.listed >= self.most:
            self.crowded[one] = self.crowded[other] = True
            apart = self.links.roots(one) != self.links.roots(other)
            one, other = one[apart], other[apart]
        sizes = self.sets.sizes
        needed = needed_in_common(self.threshold, sizes[one].astype(np.int64), sizes[other].astype(np.int64))
        possible = np.minimum(sizes[one], sizes[other]) >= needed
        if self.sketches is not None:
            possible[possible] = self.sketches.may_share(one[possible], other[possible], needed[possible])
        one, other, needed = one[possible], other[possible], needed[possible]
        common = self.sets.common(one, other)
        near = common >= needed
        self.links.link(one[near], other[near])
        self.found.append((one[near], other[near], common[near]))
        self.listed += int(near.sum())

    def go_through(self, rooms: Rooms) -> None:
        """Link what is similar in each room, without comparing what is linked already."""
        import numpy as np

        if not len(rooms.members):
            return
        self.crowded[rooms.members] = True
        starts = np.flatnonzero(np.append(True, rooms.rooms[1:] != rooms.rooms[:-1]))
        for members in np.split(rooms.members, starts[1:]):
            self._lead(np.unique(members))
            self._pair(members)

    def _lead(self, members: Numbers) -> None:
        """Compare the first members with all: where most are alike, that links most."""
        for _ in range(_LEADERS):
            roots = self.links.roots(members)
            apart = members[roots != roots[0]]
            if not len(apart):
                return
            self._one_with(members[0], apart)
            members = apart

    def _pair(self, members: Numbers) -> None:
        """Compare each with all that are not linked with it, those with the fewest links first."""
        import numpy as np

        _, tree, size = np.unique(self.links.roots(members), return_inverse=True, return_counts=True)
        members = members[np.lexsort((members, tree, size[tree]))]
        first = 0
        while first < len(members):
            roots = self.links.roots(members[first:])
            apart = members[first:][roots != roots[0]]
            if not len(apart):
                return
            self._one_with(members[first], apart)
            first += 1

    def _one_with(self, one: int, others: Numbers) -> None:
        import numpy as np

        self.compare(np.full(len(others), one), others, all_of_them=False)

    def result(self) -> NearPairs:
        """What was found, each pair once and in order."""
        import numpy as np

        nothing = np.empty(0, np.int64)
        parts = zip(*self.found, strict=True) if self.found else ((nothing,),) * 3
        one, other, common = (np.concatenate(part) for part in parts)
        _, first = np.unique(np.minimum(one, other) << 32 | np.maximum(one, other), return_index=True)
        one, other, common = one[first], other[first], common[first]
        roots = self.links.roots(np.arange(len(self.sets.sizes)))
        return NearPairs(np.minimum(one, other), np.maximum(one, other), common, roots, self.crowded)
