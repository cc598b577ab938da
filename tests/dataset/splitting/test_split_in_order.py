from __future__ import annotations

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from src.dataset.splitting.split_in_order import split_in_order

ROWS = st.lists(st.tuples(st.sampled_from([1.0, 2.0, 3.0, 4.0, float("nan")]), st.integers(0, 15)), max_size=50)
SHARES = st.sampled_from([(0.8, 0.15, 0.05), (0.8, 0.2, 0.0), (0.4, 0.3, 0.3)])


def split(rows: list[tuple[str, float, int]], shares: tuple[float, ...]) -> dict[str, int]:
    ids, times, groups = [r[0] for r in rows], np.array([r[1] for r in rows]), np.array([r[2] for r in rows], np.int64)
    numbered = np.unique(groups, return_inverse=True)[1] if rows else groups
    return dict(zip(ids, split_in_order(ids, shares, times, numbered).tolist(), strict=True))


@given(ROWS, SHARES, st.randoms(use_true_random=False))
def test_groups_come_in_order_of_their_newest_whatever_the_order_of_ids(
    drawn: list[tuple[float, int]], shares: tuple[float, ...], chance: random.Random
) -> None:
    rows = [(f"s{number}", time, group) for number, (time, group) in enumerate(drawn)]
    found = split(rows, shares)
    newest: dict[int, float] = {}
    where: dict[int, int] = {}
    for name, time, group in rows:
        newest[group] = max(newest.get(group, -1.0), -1.0 if np.isnan(time) else time)
        assert where.setdefault(group, found[name]) == found[name]
    for one in where:
        for other in where:
            assert newest[one] <= newest[other] or where[one] >= where[other]
    assert not where or 0 in where.values()
    assert len(where) < 2 or 1 in where.values()
    assert len(where) < 3 or shares[2] == 0 or 2 in where.values()
    chance.shuffle(rows)
    assert split(rows, shares) == found


def test_totals_are_exact_without_groups() -> None:
    ids = [f"s{number}" for number in range(200)]
    placed = split_in_order(ids, (0.8, 0.15, 0.05), np.arange(200.0), np.arange(200))
    assert placed.tolist() == [0] * 160 + [1] * 30 + [2] * 10


def test_ids_without_a_time_are_the_oldest() -> None:
    ids = [f"s{number}" for number in range(10)]
    times = np.array([5.0, 6, 7, 8, 9, 10, np.nan, np.nan, np.nan, np.nan])
    assert split_in_order(ids, (0.6, 0.4, 0.0), times, np.arange(10)).tolist() == [0, 0, 1, 1, 1, 1, 0, 0, 0, 0]


def test_frozen_ids_stay_and_the_rest_follows_in_order() -> None:
    ids = [f"s{number}" for number in range(10)]
    frozen = np.array([2, 0, 0, 0, -1, -1, -1, -1, -1, -1], np.int8)
    placed = split_in_order(ids, (0.6, 0.2, 0.2), np.arange(10.0), np.arange(10), frozen=frozen)
    assert placed.tolist() == [2, 0, 0, 0, 0, 0, 0, 1, 1, 2]
