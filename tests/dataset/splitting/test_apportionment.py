from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from src.dataset.splitting.apportionment import apportion, apportion_groups


@given(st.lists(st.integers(0, 50), max_size=20), st.data())
def test_rows_add_up_to_the_groups_and_columns_to_the_totals(sizes: list[int], data: st.DataObject) -> None:
    train = data.draw(st.integers(0, sum(sizes)))
    validation = data.draw(st.integers(0, sum(sizes) - train))
    totals = (train, validation, sum(sizes) - train - validation)
    rows = apportion_groups(sizes, totals)
    assert [sum(row) for row in rows] == sizes
    assert tuple(sum(row[split] for row in rows) for split in range(3)) == totals
    assert all(part >= 0 for row in rows for part in row)


def test_shares_that_floats_cannot_hold_are_exact() -> None:
    assert apportion(100, (0.29, 0.57, 0.14), 100) == (29, 57, 14)
    assert apportion(1000, (0.7, 0.2, 0.1), 1000) == (700, 200, 100)


def test_largest_remainder_is_rounded_up() -> None:
    assert apportion(7, (0.8, 0.1, 0.1), 7) == (5, 1, 1)
    assert apportion(9, (0.8, 0.2, 0.0), 9) == (7, 2, 0)
