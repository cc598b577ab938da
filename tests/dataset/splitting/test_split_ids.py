"""The kernels that divide ids: exact, untorn, the same in any order, and never moving what is frozen."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from src.dataset.splitting.apportionment import apportion
from src.dataset.splitting.split_ids import FREE, split_ids

SHARES = st.sampled_from([(0.8, 0.15, 0.05), (0.8, 0.2, 0.0), (0.5, 0.25, 0.25), (0.34, 0.33, 0.33), (1.0, 0.0, 0.0)])
LABELS = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 12)), max_size=80)


def ids_of(count: int) -> list[str]:
    return [f"s{number:06d}" for number in range(count)]


def sizes(placed: Sequence[int]) -> tuple[int, ...]:
    counts = Counter(int(split) for split in placed)
    return counts[0], counts[1], counts[2]


@given(LABELS, SHARES, st.integers(0, 5))
def test_without_groups_totals_and_strata_are_exact(
    labels: list[tuple[str, int]], shares: tuple[float, ...], seed: int
) -> None:
    strata = [stratum for stratum, _ in labels]
    placed = split_ids(ids_of(len(labels)), shares, strata, seed=seed).tolist()
    totals = apportion(len(labels), shares, len(labels))
    assert sizes(placed) == totals
    for stratum, size in Counter(strata).items():
        for split in range(3):
            got = sum(one == stratum and at == split for one, at in zip(strata, placed, strict=True))
            assert abs(got - totals[split] * size / len(labels)) < 2


@given(LABELS, SHARES, st.booleans())
def test_groups_are_never_torn_and_exceed_no_share_by_the_largest(
    labels: list[tuple[str, int]], shares: tuple[float, ...], one_stratum_each: bool
) -> None:
    groups = [group for _, group in labels]
    strata = [group % 3 if one_stratum_each else ord(stratum) for stratum, group in labels]
    placed = split_ids(ids_of(len(labels)), shares, strata, groups).tolist()
    where = {group: {at for one, at in zip(groups, placed, strict=True) if one == group} for group in groups}
    assert all(len(splits) == 1 for splits in where.values())
    largest = max(Counter(groups).values(), default=0)
    for size, total in zip(sizes(placed), apportion(len(labels), shares, len(where)), strict=True):
        assert size <= total + largest


@given(LABELS, SHARES, st.randoms(use_true_random=False))
def test_the_order_of_the_ids_does_not_matter(
    labels: list[tuple[str, int]], shares: tuple[float, ...], chance: random.Random
) -> None:
    rows = list(zip(ids_of(len(labels)), labels, strict=True))

    def split(rows: list[tuple[str, tuple[str, int]]]) -> dict[str, int]:
        strata, groups = [row[1][0] for row in rows], [row[1][1] for row in rows]
        placed = split_ids([row[0] for row in rows], shares, strata, groups)
        return dict(zip([row[0] for row in rows], placed.tolist(), strict=True))

    first = split(rows)
    chance.shuffle(rows)
    assert split(rows) == first


@given(LABELS, SHARES, st.data())
def test_frozen_ids_stay_and_their_groups_go_with_them(
    labels: list[tuple[str, int]], shares: tuple[float, ...], data: st.DataObject
) -> None:
    frozen = np.array([data.draw(st.integers(FREE, 2)) for _ in labels], np.int8)
    groups = [group for _, group in labels]
    placed = split_ids(ids_of(len(labels)), shares, [s for s, _ in labels], groups, frozen=frozen)
    assert (placed >= 0).all() and (placed[frozen >= 0] == frozen[frozen >= 0]).all()
    for group in set(groups):
        members = np.array([one == group for one in groups])
        held = frozen[members & (frozen >= 0)].tolist()
        if held:
            counts = Counter(held)
            most = min(split for split, count in counts.items() if count == max(counts.values()))
            assert set(placed[members & (frozen < 0)].tolist()) <= {most}


def test_with_frozen_ids_the_whole_tends_to_the_shares() -> None:
    frozen = np.full(1000, FREE, np.int8)
    frozen[:300] = 0
    frozen[300:320] = 2
    assert sizes(split_ids(ids_of(1000), (0.8, 0.15, 0.05), frozen=frozen)) == (800, 150, 50)
    frozen[:300] = 1  # more than its share already
    assert sizes(split_ids(ids_of(1000), (0.8, 0.15, 0.05), frozen=frozen)) == (656, 300, 44)


def test_numbers_and_names_of_strata_and_groups_give_the_same() -> None:
    strata, groups = np.arange(500) % 7, np.arange(500) // 3
    names = [f"stratum {number}" for number in strata]
    far = groups.astype(np.int64) * 10**12 - 7
    first = split_ids(ids_of(500), (0.7, 0.2, 0.1), strata, groups)
    assert (split_ids(ids_of(500), (0.7, 0.2, 0.1), names, far) == first).all()


def test_integer_ids_are_drawn_too_and_seeds_differ() -> None:
    splits = {split_ids(np.arange(100), (0.8, 0.2, 0.0), seed=seed).tobytes() for seed in range(5)}
    assert len(splits) == 5


def test_ids_that_are_no_ascii_and_no_unicode_are_taken() -> None:
    assert sizes(split_ids(["ä", "字", "\ud800", "b", "c"], (0.6, 0.2, 0.2))) == (3, 1, 1)


def test_many_groups_of_one_stratum_each_keep_small_strata_near_their_shares() -> None:
    chance = np.random.default_rng(1)
    group_sizes = np.maximum(1, (200 / np.arange(1, 3001) ** 0.6).astype(int))
    likely = 1 / np.arange(1, 21)
    home = chance.choice(20, len(group_sizes), p=likely / likely.sum())
    groups = np.repeat(np.arange(len(group_sizes)), group_sizes)
    strata = home[groups]
    placed = split_ids(np.arange(len(groups)), (0.8, 0.1, 0.1), strata, groups)
    table = np.bincount(strata * 3 + placed, minlength=60).reshape(20, 3)
    assert np.abs(table / table.sum(axis=1, keepdims=True) - (0.8, 0.1, 0.1)).max() < 0.02


def test_groups_across_strata_keep_every_stratum_near_its_shares() -> None:
    chance = np.random.default_rng(2)
    groups = np.sort(chance.integers(0, 900, 40_000))
    # Two strata a group, so that a choice that does not look at strata shows.
    strata = (chance.integers(0, 12, 900)[groups] + chance.integers(0, 2, 40_000)) % 12
    placed = split_ids(np.arange(40_000), (0.8, 0.1, 0.1), strata, groups)
    table = np.bincount(strata * 3 + placed, minlength=36).reshape(12, 3)
    assert np.abs(table / table.sum(axis=1, keepdims=True) - (0.8, 0.1, 0.1)).max() < 0.02
    assert sizes(placed.tolist())[0] <= 32_000 + 80


def test_splits_that_large_groups_would_leave_empty_get_the_smallest() -> None:
    groups = ["a"] * 6 + ["b"] * 5 + ["c"] * 4
    for strata in (None, ["x", "y", "z"] * 5):
        assert sizes(split_ids(ids_of(15), (0.9, 0.05, 0.05), strata, groups)) in ((6, 4, 5), (6, 5, 4))


def test_no_ids_give_no_splits() -> None:
    assert split_ids([], (0.8, 0.2, 0.0), [], []).tolist() == []
