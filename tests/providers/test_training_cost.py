from __future__ import annotations

from dataclasses import replace

import pytest

from src.errors import UsageError
from src.providers import PROVIDERS
from src.providers.models.training_cost import EPOCHS, training_costs
from src.providers.token_counter import counter_for
from src.records import Message, Sample
from tests.dataset.example_samples import make_example

SAMPLES = [make_example(number) for number in range(20)]


def tokens(samples: list[Sample], provider: str, model: str) -> int:
    counter = counter_for(provider, model)
    return sum(counter.count_messages(sample.messages) for sample in samples)


def test_the_datasets_own_model_comes_first_and_costs_its_tokens_times_epochs_times_price() -> None:
    own = training_costs(SAMPLES, "openai", "gpt-4.1-mini")[0]
    assert (own.provider, own.model) == ("openai", "gpt-4.1-mini-2025-04-14")
    assert own.tokens == tokens(SAMPLES, "openai", "gpt-4.1-mini") > 0
    assert (own.epochs, own.usd_per_1m) == (EPOCHS, 5.0)
    assert own.usd == pytest.approx(own.tokens * EPOCHS * 5.0 / 1e6)
    assert "2026-11-21" in own.source and "https://" in own.source
    assert "existing users only" in own.note


def test_each_other_provider_is_counted_with_its_own_tokenizer() -> None:
    costs = training_costs(SAMPLES, "openai", "gpt-4.1-mini")
    for cost in costs:
        assert cost.tokens == tokens(SAMPLES, cost.provider, cost.model)
    assert len({cost.tokens for cost in costs}) > 1


def test_of_the_others_the_cheapest_model_that_can_be_tuned_is_shown() -> None:
    costs = {cost.provider: cost for cost in training_costs(SAMPLES, "mistral", "open-mistral-7b")}
    assert costs["openai"].model == "gpt-4o-mini-2024-07-18"  # gpt-4.1-nano was cheaper and is retired
    assert costs["llama"].model == "llama-3.1-8b-instruct"
    assert costs["llama"].usd == pytest.approx(costs["llama"].tokens * EPOCHS * 0.34 / 1e6)


def test_an_unpublished_price_is_unknown_and_never_zero() -> None:
    costs = training_costs(SAMPLES, "mistral", "open-mistral-7b")
    own, google = costs[0], next(cost for cost in costs if cost.provider == "google")
    for cost in (own, google):
        assert cost.usd is None and cost.usd_per_1m is None and cost.source == ""
        assert "no training price is published" in cost.note
    assert PROVIDERS["google"].facts(google.model).lifecycle.status == "open"
    assert all(cost.usd is None or cost.usd > 0 for cost in costs)


def test_a_retired_model_is_named_only_where_the_dataset_is_its_own() -> None:
    bedrock = next(cost for cost in training_costs(SAMPLES, "openai", "gpt-4o") if cost.provider == "anthropic")
    assert bedrock.model == "nova-lite" and bedrock.usd is None
    own = training_costs(SAMPLES, "anthropic", "claude-3-haiku")[0]
    assert own.model == "claude-3-haiku" and own.usd is None and "retired" in own.note


def test_only_training_samples_count() -> None:
    split = [replace(sample, split="train" if number < 12 else "validation") for number, sample in enumerate(SAMPLES)]
    assert training_costs(split, "openai", "gpt-4o")[0].tokens == tokens(SAMPLES[:12], "openai", "gpt-4o")


def test_epochs_multiply_the_cost_and_not_the_tokens() -> None:
    once, twice = (training_costs(SAMPLES, "openai", "gpt-4o", epochs)[0] for epochs in (1, 2))
    assert once.tokens == twice.tokens and once.usd and twice.usd == pytest.approx(2 * once.usd)


def test_what_a_provider_cuts_off_or_drops_is_not_paid_for() -> None:
    huge = replace(SAMPLES[0], messages=(Message("user", "Say it."), Message("assistant", "word " * 140_000)))
    assert training_costs([huge], "openai", "gpt-4o")[0].tokens == 65_536  # truncated there
    assert training_costs([huge], "google", "gemini-2.5-flash")[0].tokens == 0  # left out there


def test_no_samples_cost_nothing_and_an_unknown_model_is_refused() -> None:
    assert training_costs([], "openai", "gpt-4o")[0].usd == 0
    with pytest.raises(UsageError):
        training_costs(SAMPLES, "openai", "gpt-99")
