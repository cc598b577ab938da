from __future__ import annotations

import random
from collections import Counter

from src.analysis.topics.word_counts import WordCounts


def test_counts_are_those_of_a_counter_however_often_they_are_merged() -> None:
    chance = random.Random(5)
    words = [f"wörd{chance.randrange(300)}" for _ in range(5000)] + ["lone \udc80"]
    expected = Counter(words)
    asked = [*expected, "never added", ""]
    for at_a_time in (1, 37, 1 << 20):
        counts = WordCounts(at_a_time)
        for start in range(0, len(words), 11):
            counts.add(words[start : start + 11])
        assert counts.of(asked) == [expected[word] for word in asked]
        counts.add(["never added"])
        assert counts.of(["never added", "other"]) == [1, 0]


def test_nothing_counted_is_nothing() -> None:
    assert WordCounts().of(["a", "b"]) == [0, 0]
    assert WordCounts().of([]) == []
