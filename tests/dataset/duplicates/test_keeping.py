"""Of each group the best stays, and nothing goes that has no duplicate among those that stay."""

from __future__ import annotations

import random
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from src.dataset.duplicates.finding import find_duplicates
from src.dataset.duplicates.keeping import drop, keep_best
from src.dataset.duplicates.near.near_pairs import DEFAULT_LIMITS, Limits
from src.dataset.duplicates.sides import normalised
from tests.dataset.duplicates.planted import SEEDS, make_texts, near_pairs, sample, samples_of

LONG = (
    "the pump is cleaned once a week with warm water and a soft cloth before it is used again by the operator on duty"
)


def test_the_highest_score_stays_then_the_longest_answer_then_the_first() -> None:
    samples = [
        sample("a", LONG, "Yes."),
        sample("b", LONG, "Yes, it is."),
        sample("c", LONG, "Yes, he is."),
        sample("d", "Else?"),
    ]
    report = find_duplicates(samples, what="user")
    assert keep_best(report) == ["a", "c"]
    assert keep_best(report, {"a": 0.2, "c": 0.9}) == ["a", "b"]
    assert keep_best(report, {"a": 0.0}) == ["b", "c"]
    assert keep_best(report, {"a": float("nan"), "b": -1.0}) == ["a", "c"]
    assert [kept.id for kept in drop(samples, keep_best(report))] == ["b", "d"]


def test_a_chain_loses_only_what_is_like_one_that_stays() -> None:
    words = [f"w{number}" for number in range(24)]
    chain = [" ".join(["x", "y", "z", "v"][:step] + words[step:]) for step in range(5)]
    near = near_pairs(chain, Fraction(7, 10))
    assert {(0, 1), (1, 2), (2, 3), (3, 4)} <= near.keys()
    assert (0, 4) not in near
    assert keep_best(find_duplicates(samples_of(chain), what="user"), {"s0000": 1.0}) == [
        f"s{number:04d}" for number in range(1, 5) if (0, number) in near
    ]


@settings(deadline=None)
@given(SEEDS, st.integers(0, 60), st.booleans())
def test_what_goes_has_a_duplicate_that_stays_and_none_is_left(seed: int, count: int, tight: bool) -> None:
    chance = random.Random(seed)
    texts = make_texts(chance, count)
    samples = samples_of(texts)
    scores = {made.id: chance.random() for made in samples if chance.random() < 0.5}
    limits = Limits(in_memory=100, listed=2, compared=5, unsketched=0) if tight else DEFAULT_LIMITS
    dropped = keep_best(find_duplicates(samples, what="user", limits=limits), scores)
    plain = [normalised(text) for text in texts]
    pairs = {*near_pairs(texts, Fraction(7, 10))}
    pairs |= {(a, b) for b in range(count) for a in range(b) if plain[a] == plain[b] != ""}
    gone = {int(sample_id[1:]) for sample_id in dropped}
    assert dropped == sorted(set(dropped))
    for a, b in pairs:
        assert a in gone or b in gone
    for one in gone:
        mine = [b if a == one else a for a, b in pairs if one in (a, b) and not {a, b} <= gone]
        best = scores.get(f"s{one:04d}", -1.0)
        assert any(scores.get(f"s{other:04d}", -1.0) >= best for other in mine)


def test_only_exact_duplicates_may_go() -> None:
    report = find_duplicates(samples_of([LONG, LONG.upper(), LONG + " now"]), what="user")
    assert keep_best(report, kinds="exact") == ["s0001"]
    assert keep_best(report) == ["s0001", "s0002"]


def test_pairs_with_other_numbers_or_another_answer_may_be_spared() -> None:
    samples = [
        sample("a", f"{LONG} order 1", "Yes."),
        sample("b", f"{LONG} order 2", "Yes."),
        sample("c", f"{LONG} order 1", "No!!"),
        sample("d", f"{LONG} order 1.", "Yes."),
    ]
    report = find_duplicates(samples, what="user")
    assert keep_best(report) == ["b", "c", "d"]
    assert keep_best(report, spare=["numbers"]) == ["c", "d"]
    assert keep_best(report, spare=["other side"]) == ["b", "d"]
    assert keep_best(report, spare=["numbers", "other side"]) == ["d"]


def test_samples_that_share_an_id_are_not_all_dropped() -> None:
    assert keep_best(find_duplicates([sample("a", LONG), sample("a", LONG)])) == []
