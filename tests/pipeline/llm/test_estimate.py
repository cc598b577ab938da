from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest

from src.pipeline.llm.estimate import (
    LEAST_OUTPUT_TOKENS,
    LIKELY_CALLS_PER_SAMPLE,
    Interval,
    PlannedRun,
    describe,
    estimate_run,
    likely_calls_per_sample,
)
from src.providers.clients.models.prices import LOCAL_PRICE, LongPrompt, Price, cost, with_override

PRICE = Price(0.25, 2.0, "a price list", date(2026, 11, 21), batch_discount=0.5)
RUN = PlannedRun(
    model="gpt-test",
    size=100,
    prompt_tokens=[700, 720, 710],
    max_tokens=500,
    most_calls=300,
    worst_prompt_tokens=4_000,
    worst_output_tokens=1_000,
    output_history=list(range(60, 160)),
)


def test_the_low_end_is_one_call_a_sample_and_the_high_end_has_the_refused_ones() -> None:
    estimate = estimate_run(RUN, PRICE)
    assert estimate.calls == Interval(100, 150)
    # The prompts are taken round and round: 33 times all three and one more.
    assert estimate.input_tokens == Interval(33 * 2_130 + 700, 50 * 2_130)
    # The 10th and the 90th percentile of 60..159.
    assert estimate.output_tokens == Interval(100 * 69, 150 * 149)


def test_the_cost_is_that_of_the_calls() -> None:
    estimate = estimate_run(RUN, PRICE)
    assert estimate.usd is not None and estimate.ceiling_usd is not None
    assert estimate.usd.low == pytest.approx(0.25 * estimate.input_tokens.low / 1e6 + 2.0 * 6_900 / 1e6)
    assert estimate.usd.high == pytest.approx(0.25 * estimate.input_tokens.high / 1e6 + 2.0 * 22_350 / 1e6)
    assert estimate.ceiling_usd == pytest.approx(300 * cost(PRICE, 4_000, 1_000))


def test_a_batch_takes_the_discount_off_every_figure() -> None:
    single, batch = estimate_run(RUN, PRICE), estimate_run(RUN, PRICE, batch=True)
    assert single.usd and batch.usd and single.ceiling_usd and batch.ceiling_usd
    assert batch.usd.high == pytest.approx(single.usd.high / 2)
    assert batch.ceiling_usd == pytest.approx(single.ceiling_usd / 2)


def test_without_history_an_answer_may_be_anything_up_to_the_limit() -> None:
    estimate = estimate_run(replace(RUN, output_history=()), PRICE)
    assert estimate.output_tokens == Interval(100 * LEAST_OUTPUT_TOKENS, 150 * 500)
    assert "none of this model yet" in estimate.note


def test_low_is_never_above_high_nor_high_above_the_ceiling() -> None:
    rng = random.Random(7)
    for _ in range(500):
        run = PlannedRun(
            model="m",
            size=rng.randint(1, 400),
            prompt_tokens=[rng.randint(1, 150_000) for _ in range(rng.randint(1, 30))],
            max_tokens=rng.randint(1, 2_000),
            most_calls=rng.randint(0, 900),
            worst_prompt_tokens=rng.randint(0, 9_000),
            worst_output_tokens=rng.randint(0, 4_000),
            calls_per_sample=rng.uniform(0.1, 5),
            output_history=[rng.randint(0, 3_000) for _ in range(rng.choice([0, 1, 2, 50]))],
        )
        price = replace(PRICE, long_prompt=rng.choice([None, LongPrompt(100_000, 1.0, 6.0)]))
        estimate = estimate_run(run, price, batch=rng.random() < 0.5)
        assert estimate.usd is not None and estimate.ceiling_usd is not None
        for interval in (estimate.calls, estimate.input_tokens, estimate.output_tokens, estimate.usd):
            assert 0 < interval.low <= interval.high
        assert estimate.usd.high <= estimate.ceiling_usd * (1 + 1e-9)
        assert run.size <= estimate.calls.high <= max(run.size, run.most_calls)


def test_an_unknown_price_is_unknown_and_never_zero() -> None:
    estimate = estimate_run(RUN, None)
    assert estimate.usd is None and estimate.ceiling_usd is None
    assert estimate.calls == Interval(100, 150)
    lines = describe(estimate)
    assert lines[1].startswith("cost unknown: no price for gpt-test is known; set system.price_per_million_input")
    assert "$" not in "".join(lines)


def test_a_run_without_samples_or_prompts_is_refused() -> None:
    for run in (replace(RUN, size=0), replace(RUN, prompt_tokens=[])):
        with pytest.raises(ValueError, match="nothing to estimate"):
            estimate_run(run, PRICE)


def test_the_screen_shows_calls_tokens_cost_ceiling_and_what_it_rests_on() -> None:
    assert describe(estimate_run(RUN, PRICE)) == [
        "100 to 150 calls; 70,000 to 110,000 tokens in, 6,900 to 23,000 out",
        "$0.03 to $0.08 (price of gpt-test: $0.25/$2.00 per 1M tokens, a price list, read 2026-11-21)",
        "$0.90 if every candidate were used and every answer at its limit; --budget-usd sets a hard stop",
        "answers taken as 69 to 149 tokens, from 100 earlier ones",
    ]


def test_amounts_are_rounded_outwards_and_never_to_a_false_zero() -> None:
    cheap = replace(PRICE, input_per_million=0.001, output_per_million=0.039)
    lines = describe(estimate_run(RUN, cheap))
    assert lines[1].startswith("under $0.01 (price of gpt-test: $0.001/$0.039 per 1M tokens")
    lines = describe(estimate_run(replace(RUN, size=1, most_calls=1), PRICE))
    assert lines[0] == "1 call; 700 tokens in, 69 to 150 out"


def test_a_batch_is_said_to_be_cheaper_or_not() -> None:
    assert "; as a batch 50% less)" in describe(estimate_run(RUN, PRICE, batch=True))[1]
    unknown = replace(PRICE, batch_discount=None)
    assert "; no batch discount is known)" in describe(estimate_run(RUN, unknown, batch=True))[1]


def test_what_is_free_is_said_to_be_free_and_why() -> None:
    assert describe(estimate_run(RUN, LOCAL_PRICE))[1] == "$0 (runs on this machine)"
    assert describe(estimate_run(RUN, with_override(None, 0.0, 0.0)))[1] == "$0 (your settings)"


def test_a_note_on_the_price_is_shown() -> None:
    noted = replace(PRICE, note="a router may ask more")
    assert "a router may ask more" in describe(estimate_run(RUN, noted))


def test_the_acceptance_rate_of_earlier_runs_replaces_the_default() -> None:
    assert likely_calls_per_sample(0, 0) == LIKELY_CALLS_PER_SAMPLE
    assert likely_calls_per_sample(25, 10) == LIKELY_CALLS_PER_SAMPLE
    assert likely_calls_per_sample(250, 100) == 2.5
    assert likely_calls_per_sample(90, 100) == 1.0
