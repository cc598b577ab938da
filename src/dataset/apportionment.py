"""Whole-number shares: how many samples of how many groups each split gets, exact in total."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

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


def apportion_groups(sizes: Sequence[int], totals: Quota) -> list[Quota]:
    """The totals divided over groups of the given sizes; rows add up to the sizes, columns to the totals.

    Each group's train count is its proportional part rounded down or up, and so is the way the rest of it
    is divided. Among equal remainders the earlier group is rounded up: shuffle the groups first.
    """
    train = _round_to_total(sizes, totals[0])
    held_out = [size - part for size, part in zip(sizes, train, strict=True)]
    validation = _round_to_total(held_out, totals[1])
    return [(t, v, h - v) for t, v, h in zip(train, validation, held_out, strict=True)]


def _round_to_total(sizes: Sequence[int], target: int) -> list[int]:
    """target * size / sum(sizes) for each size, rounded so that the parts add up to the target."""
    whole = sum(sizes)
    if not whole:
        return [0] * len(sizes)
    # Integers throughout: no float decides who is rounded up.
    parts = [size * target // whole for size in sizes]
    missing = target - sum(parts)
    by_remainder = sorted(range(len(sizes)), key=lambda group: -(sizes[group] * target % whole))
    for group in by_remainder[:missing]:
        parts[group] += 1
    return parts
