"""Find which of very many texts are near-duplicates: all of them, and no others.

The rule is that of analysis/similarity.py: two texts share NEAR_DUPLICATE of their words, and all numbers and
negations. What meets by its first words (first_words.py) is compared unless it is linked already.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from src.dataset.duplicates.near.links import Links
from src.dataset.duplicates.near.shingle_sets import ShingleSets, needed_in_common
from src.dataset.duplicates.near.sketches import Sketches
from src.dataset.splitting.first_words import DEFAULT_LIMITS, LEAST, FirstWords, Limits, first_equal, pairs_apart
from src.dataset.splitting.word_sets import make_word_sets

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Codes = NDArray[np.uint64]


def near_groups(texts: Iterable[str], limits: Limits = DEFAULT_LIMITS) -> Numbers:
    """A number for each text, the same for texts that are near-duplicates or linked by a chain of near-duplicates.

    The texts are gone through once. Held are about 40 bytes a text (72 where very many are compared) and what `limits`
    says; the words lie in temporary files. Raises UsageError when the disk is full.
    """
    import numpy as np

    sets = make_word_sets(texts, limits.held)
    try:
        same = first_equal(sets)
        chosen = (same == np.arange(len(same))) & (sets.sizes > 1)
        chosen &= _shared(sets.numbers, chosen)
        search = _Search(sets, limits)
        firsts = FirstWords(sets, chosen, limits)
        try:
            for rooms, members in firsts.meetings():
                search.meet(rooms, members)
        finally:
            firsts.close()
        return search.links.roots(same)
    finally:
        sets.close()


def _shared(codes: Codes, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which have a code that more than one of the chosen have."""
    import numpy as np

    ordered = np.sort(codes[chosen])
    several = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(several):
        return np.zeros(len(codes), bool)
    place = np.minimum(np.searchsorted(several, codes), len(several) - 1)
    found: NDArray[np.bool_] = several[place] == codes
    return found


class _Search:
    """Compares those that meet, and links the near-duplicates."""

    def __init__(self, sets: ShingleSets, limits: Limits) -> None:
        self.links = Links(len(sets.sizes))
        self._sets, self._limits = sets, limits
        self._sketches: Sketches | None = None

    def meet(self, rooms: Codes, members: Numbers) -> None:
        """Compare the sets in each room; rooms lie one after the other."""
        import numpy as np

        order = np.lexsort((self._sets.sizes[members], rooms))
        rooms, members = rooms[order], members[order]
        # Neighbours first: where all in a room are near-duplicates, that leaves nothing to compare.
        beside = np.flatnonzero(rooms[1:] == rooms[:-1])
        if len(beside) > self._limits.unsketched and self._sketches is None:
            self._sketches = Sketches(self._sets)
        for start in range(0, len(beside), self._limits.compared):
            at = beside[start : start + self._limits.compared]
            self._compare(members[at], members[at + 1])
        for one, other in pairs_apart(rooms, members, self.links.roots(members), self._limits.compared):
            self._compare(one, other)

    def _compare(self, one: Numbers, other: Numbers) -> None:
        """Link those pairs that are near-duplicates."""
        import numpy as np

        apart = self.links.roots(one) != self.links.roots(other)
        both = np.sort(np.minimum(one, other)[apart] << 32 | np.maximum(one, other)[apart])
        both = both[np.append(True, both[1:] != both[:-1])[: len(both)]]
        one, other = both >> 32, both & 0xFFFFFFFF
        sizes = self._sets.sizes
        needed = needed_in_common(LEAST, sizes[one].astype(np.int64), sizes[other].astype(np.int64))
        possible = np.minimum(sizes[one], sizes[other]) >= needed
        if self._sketches is not None:
            possible[possible] = self._sketches.may_share(one[possible], other[possible], needed[possible])
        one, other, needed = one[possible], other[possible], needed[possible]
        near = self._sets.common(one, other) >= needed
        self.links.link(one[near], other[near])
