"""Find the held-out texts that have a near-duplicate in another split: all of them, and no others.

Texts meet as they do for near_groups.py, but every pair of different splits that meets is compared, whatever is linked
with what. Tests hold both against comparing each text with each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.dataset.duplicates.near.shingle_sets import ShingleSets, needed_in_common
from src.dataset.duplicates.near.sketches import Sketches
from src.dataset.splitting.first_words import (
    DEFAULT_LIMITS,
    LEAST,
    FirstWords,
    Limits,
    first_equal,
    firsts_of,
    pairs_apart,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Codes = NDArray[np.uint64]
    Splits = NDArray[np.int8]

# Stands for no text.
NONE = -1


def near_in_other_splits(sets: ShingleSets, split: Splits, limits: Limits = DEFAULT_LIMITS) -> Numbers:
    """For each held-out text (split above 0) one of another split that is a near-duplicate of it, for others NONE."""
    import numpy as np

    same = first_equal(sets)
    near = np.where((split > 0) & (split[same] != split), same, NONE)
    alone = firsts_of(same * 3 + split)
    _first_of_another_split(near, same, split, alone)
    chosen = (alone == np.arange(len(split))) & (sets.sizes > 1)
    chosen &= _in_two_splits(sets.numbers, split)
    if (chosen & (split > 0)).any():
        _search(sets, split, chosen, near, limits)
    return np.where(near != NONE, near, near[alone])


def _first_of_another_split(near: Numbers, same: Numbers, split: Splits, alone: Numbers) -> None:
    """Where the first of equal texts is held out, what is equal to it and in another split is near to it."""
    import numpy as np

    others = np.flatnonzero((alone == np.arange(len(split))) & (split[same] != split))[::-1]
    firsts = same[others]
    held_out = split[firsts] > 0
    near[firsts[held_out]] = others[held_out]


def _in_two_splits(codes: Codes, split: Splits) -> NDArray[np.bool_]:
    """Which texts have numbers and negations that texts of another split have, too; no others can be near."""
    import numpy as np

    order = np.argsort(codes)
    ordered = codes[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])
    several = np.zeros(len(codes), bool)
    if len(starts):
        lowest, highest = (reduce(split[order], starts) for reduce in (np.minimum.reduceat, np.maximum.reduceat))
        several[order] = np.repeat(lowest != highest, np.diff(np.append(starts, len(codes))))
    return several


def _search(sets: ShingleSets, split: Splits, chosen: NDArray[np.bool_], near: Numbers, limits: Limits) -> None:
    """Note in `near` what is found among the chosen texts."""
    import numpy as np

    sketches: Sketches | None = None
    firsts = FirstWords(sets, chosen, limits)
    try:
        for rooms, members in firsts.meetings():
            for one, other in pairs_apart(rooms, members, split[members].astype(np.int64), limits.compared):
                if len(one) > limits.unsketched and sketches is None:
                    sketches = Sketches(sets)
                one, other = _near_pairs(sets, *_unknown(one, other, split, near), sketches)
                # The last one written stays, so the first comes last.
                for held_out, known in ((one, other), (other, one)):
                    fresh = np.flatnonzero((split[held_out] > 0) & (near[held_out] == NONE))[::-1]
                    near[held_out[fresh]] = known[fresh]
    finally:
        firsts.close()


def _unknown(one: Numbers, other: Numbers, split: Splits, near: Numbers) -> tuple[Numbers, Numbers]:
    """The pairs with a held-out text of which nothing is known yet, each once."""
    import numpy as np

    asked = ((split[one] > 0) & (near[one] == NONE)) | ((split[other] > 0) & (near[other] == NONE))
    both = np.sort(np.minimum(one, other)[asked] << 32 | np.maximum(one, other)[asked])
    both = both[np.append(True, both[1:] != both[:-1])[: len(both)]]
    return both >> 32, both & 0xFFFFFFFF


def _near_pairs(sets: ShingleSets, one: Numbers, other: Numbers, sketches: Sketches | None) -> tuple[Numbers, Numbers]:
    import numpy as np

    sizes = sets.sizes
    needed = needed_in_common(LEAST, sizes[one].astype(np.int64), sizes[other].astype(np.int64))
    possible = np.minimum(sizes[one], sizes[other]) >= needed
    if sketches is not None:
        possible[possible] = sketches.may_share(one[possible], other[possible], needed[possible])
    one, other, needed = one[possible], other[possible], needed[possible]
    close = sets.common(one, other) >= needed
    return one[close], other[close]
