"""The search finds what comparing every pair finds: no pair is missing, none is wrong."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.dataset.duplicates.near.near_pairs import DEFAULT_LIMITS, Limits, find_near_pairs
from src.dataset.duplicates.near.shingle_sets import ShingleSets
from tests.dataset.duplicates.planted import SEEDS, WORDS, groups_by_hand, make_texts, near_pairs, shingles

LIMITS = {
    "in memory": DEFAULT_LIMITS,
    "on disk, in parts": Limits(in_memory=64, entries=20),
    "with sketches": Limits(unsketched=0),
    "crowded rooms": Limits(compared=0),
    "some crowded rooms": Limits(compared=40, unsketched=0, in_memory=300, entries=50),
    "few pairs listed": Limits(listed=3),
}


def sets_of(texts: list[str], limits: Limits = DEFAULT_LIMITS, at_a_time: int = 7) -> ShingleSets:
    sets = ShingleSets(limits.in_memory)
    remaining = iter(texts)
    while some := list(islice(remaining, at_a_time)):
        sets.add(some)
    return sets


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS.keys())
@settings(deadline=None, max_examples=60)
@given(SEEDS, st.integers(1, 60), st.integers(2, len(WORDS)), st.sampled_from([3, 7, 9, 10]))
def test_pairs_and_groups_are_those_of_comparing_all(
    limits: Limits, seed: int, count: int, known: int, tenths: int
) -> None:
    texts = make_texts(random.Random(seed), count, WORDS[-known:])
    truth = near_pairs(texts, Fraction(tenths, 10))
    sets = sets_of(texts, limits)
    found = find_near_pairs(sets, np.ones(count, bool), Fraction(tenths, 10), limits)
    pairs = list(zip(found.one.tolist(), found.other.tolist(), strict=True))
    assert len(pairs) == len(set(pairs))
    assert found.roots.tolist() == groups_by_hand(count, truth)
    listed = {pair for pair in truth if not found.crowded[pair[0]] or not found.crowded[pair[1]]}
    assert listed <= set(pairs) <= set(truth)
    for (one, other), common in zip(pairs, found.common.tolist(), strict=True):
        assert common == len(shingles(texts[one]) & shingles(texts[other]))
    sets.close()


def test_only_chosen_sets_are_compared() -> None:
    texts = ["one two three four"] * 4
    found = find_near_pairs(sets_of(texts), np.array([True, False, True, False]), Fraction(7, 10))
    assert (found.one.tolist(), found.other.tolist()) == ([0], [2])


def test_a_pair_at_the_very_threshold_is_near() -> None:
    # 17 shingles each, 14 of them shared: 14 / 20 is 0.7.
    words = [f"w{number}" for number in range(19)]
    texts = [" ".join(words), " ".join([*words[:16], "x", "y", "z"])]
    assert near_pairs(texts, Fraction(7, 10)) == {(0, 1): Fraction(7, 10)}
    assert find_near_pairs(sets_of(texts), np.ones(2, bool), Fraction(7, 10)).common.tolist() == [14]


def test_nothing_has_no_pairs() -> None:
    assert len(find_near_pairs(ShingleSets(), np.ones(0, bool), Fraction(7, 10)).one) == 0


def test_a_template_with_thousands_of_variants_is_one_group_without_comparing_all() -> None:
    template = " ".join(f"w{number}" for number in range(40))
    texts = [f"{template} v{number}" for number in range(3000)]
    sets = sets_of(texts, at_a_time=4096)
    found = find_near_pairs(sets, np.ones(3000, bool), Fraction(7, 10), Limits(compared=100_000))
    assert not found.roots.any()
    assert found.crowded.all()
    assert len(found.one) < 100_000


def test_couples_in_a_crowd_are_found_though_nobody_leads_it() -> None:
    shared = " ".join(f"w{number}" for number in range(8))
    texts = []
    for couple in range(150):
        own = " ".join(f"c{couple}x{number}" for number in range(6))
        texts += [f"{shared} {own} {couple}a {couple}b", f"{shared} {own} {couple}c {couple}d"]
    truth = near_pairs(texts, Fraction(1, 2))
    assert len(truth) == 150
    found = find_near_pairs(sets_of(texts), np.ones(300, bool), Fraction(1, 2), Limits(compared=0))
    assert found.crowded.all()
    assert found.roots.tolist() == groups_by_hand(300, truth)
