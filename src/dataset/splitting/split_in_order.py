"""Divide ids by time: the oldest to train, the newest to test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from src.dataset.splitting.apportionment import apportion, wanted_splits
from src.dataset.splitting.placing import Rooms, least_of
from src.dataset.splitting.split_ids import FREE, follow, order_keys

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from src.dataset.splitting.split_ids import Ids


def split_in_order(
    ids: Ids,
    shares: Sequence[float],
    times: NDArray[np.float64],
    groups: NDArray[np.int64],
    seed: int = 42,
    frozen: NDArray[np.int8] | None = None,
) -> NDArray[np.int8]:
    """For each id 0 (train), 1 (validation) or 2 (test), the groups in order of their newest member.

    So nothing in train is newer than the newest of any group in validation or test. Ids without a time (nan) count as
    the oldest. Among equal times a hash of id and seed decides, so the order the ids come in does not matter. Totals
    are off the shares by at most half a group. Frozen ids stay where they are, as in split_ids.
    """
    import numpy as np

    keys = order_keys(ids, seed)
    sizes = np.bincount(groups)
    placed = np.full(len(keys), FREE, np.int8) if frozen is None else frozen.astype(np.int8)
    if frozen is not None:
        follow(placed, groups, len(sizes))
    rooms = Rooms(np.zeros((1, 3), np.int64), apportion(len(keys), shares, len(sizes)))
    rooms.take(np.zeros(len(keys), np.int64), placed)
    newest = np.full(len(sizes), -np.inf)
    np.maximum.at(newest, groups, np.nan_to_num(times, nan=-np.inf))
    free = np.unique(groups[placed < 0])
    free = free[np.lexsort((least_of(groups, keys, len(sizes))[free], newest[free]))]
    ends = np.cumsum([max(0, room) for room in rooms.total])[:2]
    middles = np.cumsum(sizes[free]) - sizes[free] / 2
    choice = np.searchsorted(ends, middles, side="right").astype(np.int8)
    taken = set(placed[placed >= 0].tolist())
    _leave_none_empty(choice, [split for split in wanted_splits(shares, len(sizes)) if split not in taken])
    of_group = np.zeros(len(sizes), np.int8)
    of_group[free] = choice
    return np.where(placed < 0, of_group[groups], placed)


def _leave_none_empty(choice: NDArray[np.int8], wanted: list[int]) -> None:
    """Give the wanted splits without a group one at their end of the order."""
    if len(choice) < len(wanted):
        return
    if 0 in wanted and 0 not in choice:
        choice[0] = 0
    if 2 in wanted and 2 not in choice:
        choice[-1] = 2
    if 1 in wanted and 1 not in choice:
        before_test = int((choice < 2).sum())
        choice[before_test - 1 if before_test > 1 else before_test] = 1
