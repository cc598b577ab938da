"""Reading ease against textstat 0.7.8 (which looks syllables up): figures taken from it once."""

from __future__ import annotations

import pytest

from src.analysis.language.readability import reading_ease, syllables

TEXTSTAT = {
    "The cat sat on the mat. It was a warm day and the sun was out. She had milk.": 115.8,
    "The committee's deliberations concerning administrative reorganisation necessitated considerable "
    "interdepartmental communication.": -175.6,
    "Water is brought to the field through a long pipe. Each farmer may open the valve for two hours a day.": 95.5,
}


@pytest.mark.parametrize(("text", "expected"), TEXTSTAT.items())
def test_reading_ease_is_near_what_textstat_says(text: str, expected: float) -> None:
    found = reading_ease(text)
    assert found is not None
    assert found == pytest.approx(expected, abs=5)


def test_a_few_words_have_no_reading_ease() -> None:
    assert reading_ease("Yes, of course.") is None


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("file", 1),
        ("table", 2),
        ("created", 3),
        ("water", 2),
        ("places", 2),
        ("area", 3),
        ("whole", 1),
        ("people", 2),
        ("idea", 3),
    ],
)
def test_syllables_of_common_words(word: str, count: int) -> None:
    assert syllables(word) == count
