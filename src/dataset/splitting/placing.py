"""Place groups of ids, then single ids, into the room that train, validation and test have left."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.int64]
    Keys = NDArray[np.uint64]
    Placed = NDArray[np.int8]


def least_of(codes: Codes, keys: Keys, count: int) -> Keys:
    """The smallest key of each code."""
    import numpy as np

    least = np.full(count, np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(least, codes, keys)
    return least


# Groups are looked at in tables of so many numbers, whatever the number of strata.
CELLS = 1 << 20


class Rooms:
    """How many ids of each stratum each split still wants (`left`, a row per stratum) and of all strata (`total`)."""

    def __init__(self, quotas: NDArray[np.int64], totals: tuple[int, int, int]) -> None:
        self.quotas = quotas
        self.left = quotas.copy()
        self.total = list(totals)

    def take(self, stratum: Codes, placed: Placed) -> None:
        """Count the ids that are placed."""
        import numpy as np

        there = placed >= 0
        taken = np.bincount(stratum[there] * 3 + placed[there], minlength=self.left.size).reshape(-1, 3)
        self.left -= taken
        self.total = [have - int(gone) for have, gone in zip(self.total, taken.sum(axis=0), strict=True)]


def place_groups(
    placed: Placed, group: Codes, sizes: NDArray[np.int64], stratum: Codes, keys: Keys, rooms: Rooms
) -> None:
    """Place the free groups of two and more, the largest first, each where it lowers the chi-square of the rest most.

    While a split has room for a group in total, no split without that room gets it; else the one with the most room.
    """
    import numpy as np

    free = (placed < 0) & (sizes > 1)[group]
    if not free.any():
        return
    if not free.all():
        of_group, of_stratum = group[free], stratum[free]
    else:
        of_group, of_stratum = group, stratum
    there = np.flatnonzero(np.bincount(of_group, minlength=len(sizes)))
    order = np.lexsort((least_of(of_group, keys if free.all() else keys[free], len(sizes))[there], -sizes[there]))
    ordered = there[order]
    home = np.zeros(len(sizes), np.int64)
    home[of_group] = of_stratum
    choice = np.zeros(len(sizes), np.int8)
    if (home[of_group] == of_stratum).all():
        choice[ordered] = _place_pure(home[ordered], sizes[ordered], rooms)
    else:
        choice[ordered] = _place_mixed(ordered, of_group, of_stratum, sizes, rooms)
    placed[free] = choice[of_group]
    rooms.take(of_stratum, placed[free])


def _place_pure(strata: Codes, sizes: NDArray[np.int64], rooms: Rooms) -> Placed:
    """The split of each group, each of a single stratum, in the order given."""
    import numpy as np

    total, left = list(rooms.total), rooms.left.tolist()
    weight = (1 / np.maximum(rooms.quotas, 0.5)).tolist()
    choice = []
    for stratum, size in zip(strata.tolist(), sizes.tolist(), strict=True):
        room, per = left[stratum], weight[stratum]
        gains = [(2 * room[0] - size) * per[0], (2 * room[1] - size) * per[1], (2 * room[2] - size) * per[2]]
        split = best_of(gains, total, size)
        room[split] -= size
        total[split] -= size
        choice.append(split)
    return np.array(choice, np.int8)


def _place_mixed(ordered: Codes, group: Codes, stratum: Codes, sizes: NDArray[np.int64], rooms: Rooms) -> Placed:
    """The split of each of the ordered groups, whose members are of several strata."""
    import numpy as np

    strata = len(rooms.left)
    rank = np.empty(len(sizes), np.int64)
    rank[ordered] = np.arange(len(ordered))
    pairs, counts = np.unique(rank[group] * strata + stratum, return_counts=True)
    weight = 1 / np.maximum(rooms.quotas.T, 0.5)
    # A row for each split: what a first id gains in each stratum, and what every further one takes from that.
    pull = np.concatenate([2 * rooms.left.T * weight, -weight], axis=1)
    total = list(rooms.total)
    choice = []
    for start in range(0, len(ordered), block := max(1, CELLS // strata)):
        many = min(block, len(ordered) - start)
        first, last = np.searchsorted(pairs, [start * strata, (start + many) * strata])
        table = np.zeros((many, strata))
        table.ravel()[pairs[first:last] - start * strata] = counts[first:last]
        table = np.concatenate([table, table * table], axis=1)
        for row, size in zip(table, sizes[ordered[start : start + many]].tolist(), strict=True):
            split = best_of((pull @ row).tolist(), total, size)
            pull[split, :strata] += 2 * row[:strata] * pull[split, strata:]
            total[split] -= size
            choice.append(split)
    return np.array(choice, np.int8)


def best_of(gains: list[float], total: list[int], size: int) -> int:
    """The split with the greatest gain among those with room for the size; without any, the one with most room."""
    best, gain = -1, 0.0
    for split in (0, 1, 2):
        if total[split] >= size and (best < 0 or gains[split] > gain):
            best, gain = split, gains[split]
    return best if best >= 0 else total.index(max(total))


def place_singles(placed: Placed, stratum: Codes, keys: Keys, rooms: Rooms) -> None:
    """Place every id that is still free; in each stratum those with the smallest keys go to train."""
    import numpy as np

    free = np.flatnonzero(placed < 0)
    if not len(free):
        return
    whole = len(free) == len(placed)
    of_stratum, key = (stratum, keys) if whole else (stratum[free], keys[free])
    singles = np.bincount(of_stratum, minlength=len(rooms.left))
    shares = _portions(singles, rooms)
    bits = max(1, (len(singles) - 1).bit_length())
    # Stratum and key in one number: sorting the numbers alone is many times faster than sorting their positions.
    number = (of_stratum.astype(np.uint64) << np.uint64(64 - bits)) | (key >> np.uint64(bits)) | np.uint64(1)
    ends = np.cumsum(singles) - singles + np.cumsum(shares, axis=1).T[:2]
    ordered = np.sort(number)
    last = np.where(np.cumsum(shares, axis=1).T[:2] > 0, ordered[np.maximum(ends, 1) - 1], np.uint64(0))
    result = np.int8(2) - (number <= last[1][of_stratum]) - (number <= last[0][of_stratum])
    placed[free] = result.astype(np.int8)


def _portions(singles: NDArray[np.int64], rooms: Rooms) -> NDArray[np.int64]:
    """How many single ids of each stratum go to each split."""
    import numpy as np

    portions: NDArray[np.int64] = rooms.left.copy()
    if (portions >= 0).all():
        return portions
    cap = [max(0, room) for room in rooms.total]
    carry = [0, 0, 0]
    # What groups overshot in some strata is made good in the others: debts first, then the strata that feel it least.
    for stratum in np.lexsort((-singles, np.minimum(rooms.left.min(axis=1), 0))).tolist():
        room = [left + debt for left, debt in zip(rooms.left[stratum].tolist(), carry, strict=True)]
        portion = _fill(int(singles[stratum]), room, cap)
        carry = [have - given for have, given in zip(room, portion, strict=True)]
        cap = [have - given for have, given in zip(cap, portion, strict=True)]
        portions[stratum] = portion
    return portions


def _fill(count: int, room: list[int], cap: list[int]) -> list[int]:
    """`count` divided by the room as far as it goes, with no split above its cap."""
    portion = [max(0, min(have, most)) for have, most in zip(room, cap, strict=True)]
    if (total := sum(portion)) > count:
        portion = [part * count // total for part in portion]
    while (missing := count - sum(portion)) > 0:
        split = max((split for split in range(3) if cap[split] > portion[split]), key=lambda s: room[s] - portion[s])
        portion[split] += min(missing, cap[split] - portion[split], max(1, room[split] - portion[split]))
    return portion
