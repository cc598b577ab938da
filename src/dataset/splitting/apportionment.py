"""Whole-number shares: how many samples of how many groups each split gets, exact in total."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Quota = tuple[int, int, int]


def apportion(total: int, shares: Sequence[float], units: int) -> Quota:
    """`total` divided by the shares of train, validation and test with the largest-remainder method.

    Train is never 0 unless the total is. A held-out split with a share gets at least 1 as long as there are
    enough `units` (things that cannot be torn apart) to leave one for train: validation from 2, test from 3.
    """
    exact = [Fraction(share).limit_denominator(10**9) for share in shares]
    ideal = [total * share / sum(exact) for share in exact]
    counts = [int(value) for value in ideal]
    by_remainder = sorted(range(3), key=lambda split: counts[split] - ideal[split])
    for split in by_remainder[: total - sum(counts)]:
        counts[split] += 1
    wanted = wanted_splits(shares, units)
    for split in wanted:
        if counts[split] == 0:
            counts[most_to_spare(counts, wanted)] -= 1
            counts[split] = 1
    return counts[0], counts[1], counts[2]


def wanted_splits(shares: Sequence[float], units: int) -> list[int]:
    """The indices of the splits that must not stay empty: train, then those with a share while units last."""
    return [0, *(split for split in (1, 2) if shares[split] > 0)][:units]


def most_to_spare(counts: Sequence[int], wanted: Sequence[int]) -> int:
    """The split that can best do without one: a wanted split keeps its last."""
    return max(range(3), key=lambda split: counts[split] - (split in wanted))


def apportion_groups(sizes: Sequence[int] | NDArray[np.int64], totals: Quota) -> NDArray[np.int64]:
    """The totals divided over groups of the given sizes: a row for each group that adds up to its size.

    The columns add up to the totals. Each group's train count is its proportional part rounded down or up, and so is
    the way the rest of it is divided. Among equal remainders the earlier group is rounded up: shuffle them first.
    """
    import numpy as np

    whole = np.asarray(sizes, dtype=np.int64)
    train = _round_to_total(whole, totals[0])
    validation = _round_to_total(whole - train, totals[1])
    return np.stack([train, validation, whole - train - validation], axis=1)


def _round_to_total(sizes: NDArray[np.int64], target: int) -> NDArray[np.int64]:
    """target * size / sum(sizes) for each size, rounded so that the parts add up to the target."""
    import numpy as np

    whole = int(sizes.sum())
    if not whole:
        return np.zeros_like(sizes)
    # Integers throughout: no float decides who is rounded up. Below 3 * 10^9 samples nothing overflows.
    parts, remainders = np.divmod(sizes * target, whole)
    by_remainder = np.argsort(-remainders, kind="stable")
    parts[by_remainder[: target - int(parts.sum())]] += 1
    return parts
