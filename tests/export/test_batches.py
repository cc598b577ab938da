from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from src.export.batches import batches_of
from tests.dataset.example_samples import make_example


@pytest.fixture
def collector() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def collections_while_batches_pass() -> int:
    samples = [make_example(n) for n in range(1000)]
    before = sum(generation["collections"] for generation in gc.get_stats())
    for batch in batches_of(samples):
        assert len(batch.messages) == len(batch)
    return sum(generation["collections"] for generation in gc.get_stats()) - before


def test_the_garbage_collector_does_not_look_at_every_batch(collector: None) -> None:
    gc.set_threshold(700, 10, 10)
    assert collections_while_batches_pass() == 0
    assert gc.get_threshold() == (20_000, 10, 10)


@pytest.mark.parametrize("threshold", [0, 50_000])
def test_a_garbage_collector_that_waits_longer_or_is_off_stays_so(collector: None, threshold: int) -> None:
    gc.set_threshold(threshold, 10, 10)
    next(batches_of([make_example(1)]))
    assert gc.get_threshold() == (threshold, 10, 10)
