"""Pairs of sets that may be similar, so that no similar pair is missing.

With the shingles ordered from rare to common, two sets of Jaccard similarity t share one of the first
n - ceil(t n) + 1 shingles of each (the prefix filter of S. Chaudhuri, V. Ganti and R. Kaushik, ICDE 2006), and what
comes after the first shared one must be enough (the positional filter of C. Xiao and others, TODS 2011). So a set is
put in a room for each of its rare shingles, and those that meet in a room are compared. Any order will do, as long as
it is one for all: how rare a shingle is, is counted by hash, which is cheap and now and then wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from src.dataset.duplicates.near.shingle_sets import ShingleSets, needed_in_common
from src.dataset.duplicates.near.shingles import SHINGLE_BITS
from src.dataset.spools.parted_spool import PartedSpool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Codes = NDArray[np.uint64]

# Counters of how often a shingle occurs.
_FEWEST_COUNTERS, _MOST_COUNTERS = 1 << 16, 1 << 24
# A place in a room: 40 bits of the shingle, then in the order of a set 12 bits of its frequency above them.
_ROOM_BITS, _FREQUENCY_BITS = 40, 12
_SIZE_BITS = 64 - _ROOM_BITS
_PAIRS_AT_A_TIME = 1 << 19


@dataclass(frozen=True, slots=True)
class Rooms:
    """Who meets whom: entry i is set members[i], for which the room's shingle is number places[i] of its own.

    Rooms lie one after the other, in each the smaller sets first; entry i is to be compared with the partners[i]
    entries after it.
    """

    rooms: Codes
    members: Numbers
    places: Numbers
    partners: Numbers

    def chosen(self, which: NDArray[np.bool_]) -> Rooms:
        """Some whole rooms."""
        return Rooms(self.rooms[which], self.members[which], self.places[which], self.partners[which])


def rooms_of(sets: ShingleSets, chosen: NDArray[np.bool_], threshold: Fraction, entries: int) -> Iterator[Rooms]:
    """The rooms of the chosen sets, in parts of about so many entries."""
    parts = 1 + int(_first_counts(sets.sizes[chosen], threshold).sum()) // entries
    spool = PartedSpool(parts, 2, entries)
    try:
        _fill(spool, sets, chosen, threshold)
        for part in range(parts):
            keys, owners = spool.take(part)
            yield _meetings(keys, owners, sets, threshold)
    finally:
        spool.close()


def pairs_of(rooms: Rooms, sets: ShingleSets, threshold: Fraction) -> Iterator[tuple[Numbers, Numbers]]:
    """The pairs that meet, without those that cannot be similar; some at a time, each in a part only once."""
    import numpy as np

    ends = np.cumsum(rooms.partners)
    first = 0
    while first < len(ends):
        end = max(first + 1, int(ends.searchsorted((ends[first - 1] if first else 0) + _PAIRS_AT_A_TIME, "right")))
        many = rooms.partners[first:end]
        one = np.repeat(np.arange(first, end), many)
        other = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(many) - many, many)
        possible = _can_be_similar(rooms, one, other, sets.sizes, threshold)
        a, b = rooms.members[one[possible]], rooms.members[other[possible]]
        both = np.sort(np.minimum(a, b) << 32 | np.maximum(a, b))
        both = both[np.append(True, both[1:] != both[:-1])[: len(both)]]
        yield both >> 32, both & 0xFFFFFFFF
        first = end


def _can_be_similar(
    rooms: Rooms, one: Numbers, other: Numbers, sizes: NDArray[np.int32], threshold: Fraction
) -> NDArray[np.bool_]:
    """Whether the pair shares enough if this is the first shingle it shares."""
    import numpy as np

    one_size = sizes[rooms.members[one]].astype(np.int64)
    other_size = sizes[rooms.members[other]].astype(np.int64)
    most = np.minimum(one_size - rooms.places[one], other_size - rooms.places[other])
    enough: NDArray[np.bool_] = most >= needed_in_common(threshold, one_size, other_size)
    enough &= rooms.members[one] != rooms.members[other]
    return enough


def _first_counts(sizes: NDArray[np.int32], threshold: Fraction) -> Numbers:
    """How many of its first shingles a set of this size must be found by."""
    import numpy as np

    whole = sizes.astype(np.int64)
    counts: Numbers = np.minimum(whole, whole + 1 + -whole * threshold.numerator // threshold.denominator)
    return counts


def _fill(spool: PartedSpool, sets: ShingleSets, chosen: NDArray[np.bool_], threshold: Fraction) -> None:
    """Put each set in the rooms of its rare shingles; rooms that only one set enters are left out."""
    import numpy as np

    frequency = frequencies(sets, chosen, _MOST_COUNTERS)
    for first, end, values in sets.blocks():
        here, sizes = chosen[first:end], sets.sizes[first:end]
        often = frequency[values & np.uint64(len(frequency) - 1)]
        owner = np.repeat(np.arange(end - first), sizes)
        keep = here[owner]
        owner, often, values = owner[keep], np.minimum(often[keep], (1 << _FREQUENCY_BITS) - 1), values[keep]
        keys = owner.astype(np.uint64) << np.uint64(SHINGLE_BITS)
        keys |= often.astype(np.uint64) << np.uint64(_ROOM_BITS)
        keys |= values >> np.uint64(SHINGLE_BITS - _ROOM_BITS)
        keys.sort()
        kept = np.where(here, sizes, 0)
        place = np.arange(len(keys)) - np.repeat(np.cumsum(kept) - kept, kept)
        shared = (keys >> np.uint64(_ROOM_BITS) & np.uint64((1 << _FREQUENCY_BITS) - 1)) > 1
        found = np.flatnonzero(shared & (place < _first_counts(sizes, threshold)[owner]))
        owners = (owner[found] + first).astype(np.uint64) << np.uint64(32) | place[found].astype(np.uint64)
        spool.add(keys[found] & np.uint64((1 << _ROOM_BITS) - 1), owners)


def frequencies(sets: ShingleSets, chosen: NDArray[np.bool_], most_counters: int) -> NDArray[np.uint32]:
    """How many of the chosen sets have a shingle, by the last bits of it: at least so many, now and then more."""
    import numpy as np

    counters = min(max(_FEWEST_COUNTERS, 1 << sets.total.bit_length()), most_counters)
    frequency = np.zeros(counters, np.uint32)
    for first, end, values in sets.blocks():
        here = np.repeat(chosen[first:end], sets.sizes[first:end])
        np.add.at(frequency, values[here] & np.uint64(counters - 1), np.uint32(1))
    return frequency


def _meetings(rooms: Codes, owners: Codes, sets: ShingleSets, threshold: Fraction) -> Rooms:
    """The entries room by room, without rooms that have one."""
    import numpy as np

    members = (owners >> np.uint64(32)).astype(np.int64)
    sizes = sets.sizes[members].astype(np.uint64)
    keys = rooms << np.uint64(_SIZE_BITS) | np.minimum(sizes, np.uint64((1 << _SIZE_BITS) - 1))
    order = np.argsort(keys)
    keys = keys[order]
    rooms = keys >> np.uint64(_SIZE_BITS)
    crowded = np.append(False, rooms[1:] == rooms[:-1])[: len(rooms)]
    crowded[:-1] |= crowded[1:]
    keys, rooms, members, order = keys[crowded], rooms[crowded], members[order[crowded]], order[crowded]
    places = (owners[order] & np.uint64(0xFFFFFFFF)).astype(np.int64)
    return Rooms(rooms, members, places, _partners(keys, rooms, places, sets.sizes[members], threshold))


def _partners(keys: Codes, rooms: Codes, places: Numbers, sizes: NDArray[np.int32], threshold: Fraction) -> Numbers:
    """How many of the entries that follow in its room are not too large; none where it comes too late in the set."""
    import numpy as np

    whole = sizes.astype(np.int64)
    largest = np.minimum(whole * threshold.denominator // threshold.numerator, (1 << _SIZE_BITS) - 1)
    reach = np.searchsorted(keys, rooms << np.uint64(_SIZE_BITS) | largest.astype(np.uint64), "right")
    early = whole - places >= needed_in_common(threshold, whole, whole)
    return np.where(early, reach - 1 - np.arange(len(keys)), 0)
