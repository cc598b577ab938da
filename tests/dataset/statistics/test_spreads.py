from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from src.dataset.statistics.outliers import NAMED, Extremes
from src.dataset.statistics.results import Spread
from src.dataset.statistics.spreads import fences, histogram, spread_of

numbers = st.lists(st.integers(0, 100_000), max_size=300)


def sorted_array(values: list[int]) -> np.ndarray:
    return np.sort(np.array(values, np.int64))


@given(numbers)
def test_intervals_hold_every_number_once_without_gaps(values: list[int]) -> None:
    found = histogram(sorted_array(values))
    assert sum(part.samples for part in found) == len(values)
    assert all(one.end == other.start for one, other in pairwise(found))
    assert not found or (found[0].samples and found[-1].samples)
    for part in found:
        assert part.samples == sum(part.start <= value < part.end for value in values)
        assert part.start < part.end <= max(part.start + 1, part.start * 1.26)


@given(numbers)
def test_percentiles_are_numbers_at_their_rank(values: list[int]) -> None:
    found = spread_of(sorted_array(values))
    if not values:
        assert found == Spread()
        return
    for share, value in ((0.01, found.p1), (0.05, found.p5), (0.25, found.p25), (0.75, found.p75), (0.95, found.p95)):
        assert sum(one <= value for one in values) >= share * len(values) - 1e-9
        assert sum(one < value for one in values) < share * len(values) + 1e-9


def test_fences_widen_with_the_middle_half_and_never_stand_close() -> None:
    assert fences(Spread(p25=100, p75=400)) == (100 / 8, 400 * 8)
    assert fences(Spread(p25=10, p75=10)) == (5, 20)
    assert fences(Spread()) == (0.5, 2)


@given(st.lists(st.integers(1, 5_000), min_size=1, max_size=200))
def test_outliers_are_all_counted_and_the_most_extreme_ones_named(values: list[int]) -> None:
    extremes = Extremes()
    for place, value in enumerate(values):
        extremes.add(f"s{place}", value)
    ordered = sorted_array(values)
    spread = spread_of(ordered)
    low, high = fences(spread)
    found = extremes.outliers(ordered, spread)
    assert found.below == sum(value < low for value in values)
    assert found.above == sum(value > high for value in values)
    longest = sorted((value for value in values if value > high), reverse=True)[:NAMED]
    assert [one.value for one in found.longest] == longest
    assert [one.value for one in found.shortest] == sorted(value for value in values if value < low)[:NAMED]
    assert all(values[int(one.sample_id[1:])] == one.value for one in (*found.longest, *found.shortest))


def test_of_equal_outliers_the_first_ones_are_named() -> None:
    extremes = Extremes()
    values = [10] * 500 + [900] * 60
    for place, value in enumerate(values):
        extremes.add(f"s{place}", value)
    found = extremes.outliers(sorted_array(values), spread_of(sorted_array(values)))
    assert [one.sample_id for one in found.longest] == [f"s{place}" for place in range(500, 500 + NAMED)]
    assert found.above == 60
