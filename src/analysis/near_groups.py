"""Find which of many texts are near-duplicates: all of them, and no others.

The rule is that of similarity.py: two texts share NEAR_DUPLICATE of their words, and all numbers and negations.
The method misses nothing: with the words ordered from rare to common, two such texts have two of their first words in
common (the prefix filter; J. Wang, G. Li, J. Feng, "Can we beat the prefix filtering?", SIGMOD 2012). So only texts
that share two rare words are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from src.analysis.hashing import stirred
from src.analysis.similarity import NEAR_DUPLICATE
from src.analysis.word_sets import WordSets, make_word_sets

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Codes = NDArray[np.uint64]
    Meeting = tuple[Codes, Numbers]

LEAST = Fraction(NEAR_DUPLICATE).limit_denominator(100)
# Texts that share a rare word with so few others are compared at once; the others must share a second one.
_FEW = 16
# So many numbers are held at a time.
_BLOCK = 1 << 21


def near_groups(texts: Iterable[str]) -> NDArray[np.int64]:
    """A number for each text, the same for texts that are near-duplicates or linked by a chain of near-duplicates."""
    import numpy as np

    sets, same = make_word_sets(texts)
    links = _Links(sets)
    for rooms, members in _meetings(sets):
        order = np.lexsort((sets.sizes[members], rooms))
        rooms, members = rooms[order], members[order]
        # Neighbours first: where all in a room are near-duplicates, that leaves nothing to compare.
        beside = np.flatnonzero(rooms[1:] == rooms[:-1])
        links.compare(members[beside], members[beside + 1])
        for one, other in _strangers(rooms, members, links):
            links.compare(one, other)
    return links.roots(same)


def _meetings(sets: WordSets) -> Iterator[Meeting]:
    """Sets that share rare words and all numbers and negations, as (room, set): those in one room meet."""
    import numpy as np

    sizes = sets.sizes
    needed = -(-sizes * LEAST.numerator // LEAST.denominator)
    ends = sets.starts[:-1] + np.minimum(sizes, sizes - needed + 2)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    at = np.flatnonzero(np.arange(len(owner)) < ends[owner])
    rooms = stirred(sets.words[at].astype(np.uint64)) ^ sets.decisive[owner[at]]
    order = np.argsort(rooms)
    rooms, at = rooms[order], at[order]
    crowd = _crowds(rooms)
    small = (crowd > 1) & (crowd <= _FEW)
    for part in _blocks(rooms[small], np.full(int(small.sum()), _FEW)):
        yield rooms[small][part], owner[at[small][part]]
    rooms, at = rooms[crowd > _FEW], at[crowd > _FEW]
    following = ends[owner[at]] - at - 1
    for part in _blocks(rooms, following):
        yield _second_words(rooms[part], at[part], following[part], sets, owner)


def _second_words(rooms: Codes, at: Numbers, following: Numbers, sets: WordSets, owner: Numbers) -> Meeting:
    """A room for each pair of a word and a later one, without rooms that only one set enters."""
    import numpy as np

    first = np.repeat(np.arange(len(at)), following)
    second = at[first] + 1 + np.arange(len(first)) - np.repeat(np.cumsum(following) - following, following)
    pairs = stirred(rooms[first] + stirred(sets.words[second].astype(np.uint64)))
    order = np.argsort(pairs)
    pairs, members = pairs[order], owner[at[first[order]]]
    shared = _crowds(pairs) > 1
    return pairs[shared], members[shared]


def _crowds(rooms: Codes) -> Numbers:
    """How many there are of each, for sorted rooms."""
    import numpy as np

    starts = np.flatnonzero(np.append(True, rooms[1:] != rooms[:-1])[: len(rooms)])
    counts = np.diff(np.append(starts, len(rooms)))
    return np.repeat(counts, counts)


def _blocks(rooms: Codes, costs: Numbers) -> Iterator[slice]:
    """Slices of whole rooms that cost about _BLOCK each, for sorted rooms."""
    import numpy as np

    if not len(rooms):
        return
    starts = np.flatnonzero(np.append(True, rooms[1:] != rooms[:-1]))
    before = (np.cumsum(costs) - costs)[starts] // _BLOCK
    cuts = starts[np.flatnonzero(np.append(True, before[1:] != before[:-1]))].tolist()
    for start, end in zip(cuts, [*cuts[1:], len(rooms)], strict=True):
        yield slice(start, end)


def _strangers(rooms: Codes, members: Numbers, links: _Links) -> Iterator[tuple[Numbers, Numbers]]:
    """The pairs of each room that are not linked yet, some at a time."""
    import numpy as np

    roots = links.roots(members)
    order = np.lexsort((roots, rooms))
    rooms, members, roots = rooms[order], members[order], roots[order]
    position = np.arange(len(rooms))
    new_room = np.append(rooms[1:] != rooms[:-1], True)[: len(rooms)]
    new_root = new_room | np.append(roots[1:] != roots[:-1], True)[: len(rooms)]
    room_end = _next_true(new_room)
    root_end = _next_true(new_root)
    partners = room_end - root_end
    for part in _blocks(position.astype(np.uint64), partners):
        many = partners[part]
        one = np.repeat(position[part], many)
        other = root_end[one] + 1 + np.arange(len(one)) - np.repeat(np.cumsum(many) - many, many)
        yield members[one], members[other]


def _next_true(marks: NDArray[np.bool_]) -> Numbers:
    """For each position the first one from there on that is marked."""
    import numpy as np

    marked = np.flatnonzero(marks)
    return marked[np.searchsorted(marked, np.arange(len(marks)))]


class _Links:
    """Which sets are linked, as a forest (union-find)."""

    def __init__(self, sets: WordSets) -> None:
        import numpy as np

        self._sets = sets
        self._parents = np.arange(len(sets.decisive))

    def roots(self, members: Numbers) -> Numbers:
        """The root of each member: linked ones have the same."""
        roots = self._parents[members]
        while (self._parents[roots] != roots).any():
            self._parents[members] = roots = self._parents[roots]
        return roots

    def compare(self, one: Numbers, other: Numbers) -> None:
        """Link those pairs that are near-duplicates."""
        import numpy as np

        apart = self.roots(one) != self.roots(other)
        one, other = one[apart], other[apart]
        sizes, sketch = self._sets.sizes, self._sets.sketch
        # Sets with so many words share at least `needed`, so they differ in at most `differing`.
        both = sizes[one] + sizes[other]
        needed = -(-both * LEAST.numerator // (LEAST.numerator + LEAST.denominator))
        differing = both - 2 * needed
        possible = (needed <= sizes[one]) & (needed <= sizes[other])
        one, other, needed, differing = one[possible], other[possible], needed[possible], differing[possible]
        bits = np.bitwise_count(sketch[one] ^ sketch[other]).sum(axis=1, dtype=np.int64)
        close = bits <= differing
        pairs, first = np.unique(one[close] << 32 | other[close], return_index=True)
        self._verify(pairs, needed[close][first])

    def _verify(self, pairs: Numbers, needed: Numbers) -> None:
        words: dict[int, frozenset[int]] = {}
        for pair, least in zip(pairs.tolist(), needed.tolist(), strict=True):
            one, other = pair >> 32, pair & 0xFFFFFFFF
            top, other_top = self._root(one), self._root(other)
            if top == other_top:
                continue
            for number in (one, other):
                if number not in words:
                    words[number] = self._sets.words_of(number)
            if len(words[one] & words[other]) >= least:
                self._parents[max(top, other_top)] = min(top, other_top)

    def _root(self, number: int) -> int:
        parents = self._parents
        while (parent := parents[number]) != number:
            parents[number] = parents[parent]
            number = int(parent)
        return number
