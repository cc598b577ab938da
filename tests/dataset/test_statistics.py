from __future__ import annotations

import json
import statistics

from hypothesis import given
from hypothesis import strategies as st

from src.dataset.statistics import compute_statistics
from tests.dataset.example_samples import make_example


@given(st.lists(st.integers(0, 300), min_size=1, max_size=150))
def test_token_figures_are_those_of_the_sorted_lengths(lengths: list[int]) -> None:
    found = compute_statistics((make_example(n, tokens=length) for n, length in enumerate(lengths)), "exact")
    ordered = sorted(lengths)
    assert (found.samples, found.total_tokens) == (len(lengths), sum(lengths))
    assert (found.tokens.min, found.tokens.max) == (ordered[0], ordered[-1])
    assert found.tokens.median == statistics.median(lengths)
    assert abs(found.tokens.mean - statistics.mean(lengths)) <= 0.005 + 1e-9
    assert sum(length <= found.tokens.p90 for length in lengths) >= 0.9 * len(lengths)
    assert sum(length < found.tokens.p90 for length in lengths) < 0.9 * len(lengths)
    assert sum(length < found.tokens.p99 for length in lengths) < 0.99 * len(lengths)


def test_parts_count_samples_and_tokens_largest_first() -> None:
    samples = [
        make_example(1, source="b.pdf", split="train", tokens=5, keywords=("tax", "law")),
        make_example(2, source="a.pdf", split="train", tokens=7, keywords=("law", "law")),
        make_example(3, source="a.pdf", tokens=1, method="identified"),
    ]
    found = compute_statistics(samples, "estimated").to_json()
    assert json.loads(json.dumps(found)) == found
    assert found["token_exactness"] == "estimated"
    assert list(found["by_source"].items()) == [  # type: ignore[attr-defined]
        ("a.pdf", {"samples": 2, "tokens": 8}),
        ("b.pdf", {"samples": 1, "tokens": 5}),
    ]
    assert found["by_split"] == {"train": {"samples": 2, "tokens": 12}, "none": {"samples": 1, "tokens": 1}}
    assert found["by_keyword"] == {"law": {"samples": 2, "tokens": 12}, "tax": {"samples": 1, "tokens": 5}}
    assert found["by_method"] == {"created": {"samples": 2, "tokens": 12}, "identified": {"samples": 1, "tokens": 1}}


def test_turns_leave_the_system_message_out() -> None:
    assert compute_statistics([make_example(1)], "exact").turns == {2: 1}


def test_no_samples_give_zeros() -> None:
    found = compute_statistics([], "exact")
    assert (found.samples, found.tokens.max, found.tokens.mean, found.by_split) == (0, 0, 0.0, {})
