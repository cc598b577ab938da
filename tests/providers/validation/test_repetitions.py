from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from src.providers.validation import repetitions
from src.providers.validation.repetitions import Digests, Pairs

_NUMBERS = st.lists(st.integers(0, 9), max_size=40)


def digests(numbers: list[int]) -> Digests:
    made = Digests()
    made.add(array("Q", numbers).tobytes())
    return made


@given(numbers=_NUMBERS, most=st.integers(1, 5))
def test_a_repeated_example_is_told_with_its_first_line(numbers: list[int], most: int) -> None:
    pairs = [(n, numbers.index(one) + 1) for n, one in enumerate(numbers, 1) if one and numbers.index(one) + 1 < n]
    assert digests(numbers).repeats(most) == Pairs(len(pairs), tuple(pairs[:most]))


@given(numbers=_NUMBERS, others=_NUMBERS, most=st.integers(1, 5))
def test_an_example_in_both_files_is_told_with_its_line_there(numbers: list[int], others: list[int], most: int) -> None:
    pairs = [(n, others.index(one) + 1) for n, one in enumerate(numbers, 1) if one and one in others]
    assert digests(numbers).overlap(digests(others), most) == Pairs(len(pairs), tuple(pairs[:most]))


def test_many_lines_are_looked_at_in_several_goes_with_the_same_result() -> None:
    count = 2 * repetitions._TOGETHER + 10
    found = digests([*range(1, count + 1), 7, 5, count]).repeats(20)
    assert found == Pairs(3, ((count + 1, 7), (count + 2, 5), (count + 3, count)))


def test_beyond_the_most_lines_the_search_says_that_it_is_not_complete() -> None:
    found = Digests(array("Q", bytes(8 * (repetitions.MOST_LINES - 1))))
    found.add(array("Q", [1]).tobytes())
    assert len(found.numbers) == repetitions.MOST_LINES and not found.complete
    found.add(array("Q", [1]).tobytes())
    assert len(found.numbers) == repetitions.MOST_LINES
