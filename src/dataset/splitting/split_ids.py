"""Divide ids among train, validation and test: arrays in, an array out, a million in a tenth of a second."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from src.analysis.hashing import stirred
from src.dataset.splitting.apportionment import apportion, apportion_groups, most_to_spare, wanted_splits
from src.dataset.splitting.placing import Rooms, least_of, place_groups, place_singles

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Labels = Sequence[object] | NDArray[np.integer]
    Ids: TypeAlias = "Sequence[str] | NDArray[np.integer] | OrderKeys"
    Placed = NDArray[np.int8]

FREE = -1


def split_ids(
    ids: Ids,
    shares: Sequence[float],
    strata: Labels | None = None,
    groups: Labels | None = None,
    seed: int = 42,
    frozen: Placed | None = None,
) -> Placed:
    """For each id 0 (train), 1 (validation) or 2 (test); totals follow the shares by the largest-remainder method.

    `strata` names the part of the whole each id belongs to: every part is divided by the shares. `groups` names what
    is never torn apart; a split may then differ from its exact size, but exceeds it by less than the largest group.
    Each id must be there once. The same ids and seed give the same result whatever order the ids come in: ids are
    drawn by a hash of id and seed (integers by themselves, so `np.arange(n)` draws by position).
    `frozen` holds the split of ids that have one and FREE for the others: frozen ids stay, the free ones of their
    groups go with them (with most of them, where they disagree), and the rest is divided so that the whole tends to
    the shares. Train is never left empty, nor is a split with a share while groups last, but frozen ids do not move.
    """
    import numpy as np

    keys = order_keys(ids, seed)
    stratum = _ranked(codes_of(strata, len(keys)), keys)
    group = None if groups is None else codes_of(groups, len(keys))
    sizes = np.ones(len(keys), np.int64) if group is None else np.bincount(group)
    placed = np.full(len(keys), FREE, np.int8) if frozen is None else frozen.astype(np.int8)
    if group is not None and frozen is not None:
        follow(placed, group, len(sizes))
    totals = apportion(len(keys), shares, len(sizes))
    rooms = Rooms(apportion_groups(np.bincount(stratum), totals), totals)
    rooms.take(stratum, placed)
    if group is not None:
        place_groups(placed, group, sizes, stratum, keys, rooms)
    place_singles(placed, stratum, keys, rooms)
    _fill_empty_splits(placed, group, keys, wanted_splits(shares, len(sizes)), frozen)
    return placed


@dataclass(frozen=True, slots=True)
class OrderKeys:
    """The order_key() of each id, in place of the ids."""

    keys: array[int]


def order_key(text: str, seed: int) -> int:
    """A number that looks drawn by chance and depends on nothing but the id and the seed."""
    from xxhash import xxh3_64_intdigest

    return xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"), seed)


def label_code(label: str) -> int:
    """A number for a label: equal for equal ones, different for others but with a probability of 2^-64; 0 for ""."""
    return (order_key(label, 0) or 1) if label else 0


def order_keys(ids: Ids, seed: int) -> NDArray[np.uint64]:
    """The order_key of each id; whole numbers are ids, too."""
    import numpy as np

    if isinstance(ids, OrderKeys):
        return np.frombuffer(ids.keys, np.uint64)
    if isinstance(ids, np.ndarray):
        return stirred(ids.astype(np.uint64) + stirred(np.array([seed], np.uint64)))
    from xxhash import xxh3_64_intdigest

    keys = [xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"), seed) for text in ids]
    return np.fromiter(keys, np.uint64, len(ids))


def codes_of(labels: Labels | None, count: int) -> NDArray[np.int64]:
    """For each label a number from 0 on, without gaps; equal labels have the same. No labels: all 0."""
    import numpy as np

    if labels is None:
        return np.zeros(count, np.int64)
    if len(labels) != count:
        raise ValueError(f"{len(labels)} labels for {count} ids")
    if not isinstance(labels, np.ndarray):
        numbers: dict[object, int] = {}
        return np.fromiter([numbers.setdefault(label, len(numbers)) for label in labels], np.int64, count)
    if not count:
        return labels.astype(np.int64)
    if labels.min() >= 0 and labels.max() < 4 * count:
        present = np.bincount(labels) > 0
        if present.all():
            return labels.astype(np.int64)
        return (np.cumsum(present) - 1)[labels]
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _ranked(codes: NDArray[np.int64], keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The codes numbered by their smallest key, so that nothing depends on the order the ids came in."""
    import numpy as np

    if not len(codes) or not codes.any():
        return codes
    count = int(codes.max()) + 1
    rank = np.empty(count, np.int64)
    rank[np.argsort(least_of(codes, keys, count))] = np.arange(count)
    return rank[codes]


def follow(placed: Placed, group: NDArray[np.int64], count: int) -> None:
    """Put the free members of a group where most of its frozen members are; among equals train comes first."""
    import numpy as np

    there = placed >= 0
    votes = np.bincount(group[there] * 3 + placed[there], minlength=3 * count).reshape(count, 3)
    choice = np.where(votes.any(axis=1), votes.argmax(axis=1), FREE).astype(np.int8)
    placed[~there] = choice[group[~there]]


def _fill_empty_splits(
    placed: Placed,
    group: NDArray[np.int64] | None,
    keys: NDArray[np.uint64],
    wanted: list[int],
    frozen: Placed | None,
) -> None:
    """Give each wanted split that has nothing the smallest group of the split that can best do without."""
    import numpy as np

    if all(np.bincount(placed, minlength=3)[wanted]):
        return
    group = np.arange(len(placed)) if group is None else group
    sizes, least = np.bincount(group), least_of(group, keys, int(group.max()) + 1)
    held = np.zeros(0, np.int64) if frozen is None else np.flatnonzero(frozen >= 0)
    movable = np.ones(len(sizes), bool)
    movable[group[held]] = False
    where = np.full(len(sizes), FREE, np.int8)
    where[group] = np.where(movable[group], placed, FREE)
    wanted = [split for split in wanted if split not in placed[held]]
    for split in wanted:
        counts = np.bincount(where[movable], minlength=3).tolist()
        giver = most_to_spare(counts, wanted)
        if counts[split] == 0 and counts[giver] > (giver in wanted):
            givable = np.flatnonzero(where == giver)
            smallest = givable[np.lexsort((least[givable], sizes[givable]))[0]]
            where[smallest] = placed[group == smallest] = split
