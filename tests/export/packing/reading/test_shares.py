from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.errors import UsageError
from src.export.packing.reading.shares import Share, checked_rank, current_share


@given(records=st.integers(0, 10**12), world=st.integers(1, 40), workers=st.integers(1, 9))
def test_shares_of_ranks_and_workers_follow_each_other_and_cover_everything(
    records: int, world: int, workers: int
) -> None:
    shares = [Share(rank, world, worker, workers) for rank in range(world) for worker in range(workers)]
    bounds = [share.bounds(records, equal=False) for share in shares]

    assert (bounds[0][0], bounds[-1][1]) == (0, records)
    assert all(before[1] == after[0] for before, after in pairwise(bounds))
    sizes = [end - begin for begin, end in bounds]
    assert max(sizes) - min(sizes) <= 1


@given(records=st.integers(0, 10**12), world=st.integers(1, 40), workers=st.integers(1, 9))
def test_equal_shares_are_equal_and_lose_less_than_a_record_each(records: int, world: int, workers: int) -> None:
    shares = [Share(rank, world, worker, workers) for rank in range(world) for worker in range(workers)]
    bounds = [share.bounds(records, equal=True) for share in shares]

    assert all(before[1] <= after[0] for before, after in pairwise(bounds))
    assert bounds[-1][1] <= records
    assert {end - begin for begin, end in bounds} == {records // len(shares)}


@given(records=st.integers(0, 10**6), world=st.integers(1, 9), rank=st.integers(0, 8), workers=st.integers(1, 9))
def test_the_number_of_workers_does_not_change_what_a_rank_has(
    records: int, world: int, rank: int, workers: int
) -> None:
    rank %= world
    first, last = Share(rank, world, 0, workers), Share(rank, world, workers - 1, workers)

    begin, end = Share(rank, world, 0, 1).bounds(records, equal=False)
    assert (first.bounds(records, equal=False)[0], last.bounds(records, equal=False)[1]) == (begin, end)


def test_without_torch_and_rank_the_share_is_everything() -> None:
    assert current_share(checked_rank(None, None)) == Share(0, 1, 0, 1)
    assert current_share(checked_rank(1, 2)) == Share(1, 2, 0, 1)


@pytest.mark.parametrize(("rank", "world_size"), [(0, None), (None, 2), (2, 2), (-1, 2), (0, 0)])
def test_a_rank_and_a_world_that_do_not_fit_are_refused(rank: int | None, world_size: int | None) -> None:
    with pytest.raises(UsageError, match="rank"):
        checked_rank(rank, world_size)
