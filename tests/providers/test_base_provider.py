from __future__ import annotations

from dataclasses import replace

import pytest

from src.errors import UsageError
from src.providers import PROVIDERS, find_provider
from src.records import Message, Origin, Sample, make_sample
from tests.providers.conversations import TALK, rules


def samples(count: int) -> list[Sample]:
    origin = Origin("a.txt", "created", "d", "line 1")
    return [make_sample([Message("user", f"q{n}"), Message("assistant", f"a{n}")], origin) for n in range(count)]


def test_ids_and_aliases_name_the_same_facts() -> None:
    provider = PROVIDERS["openai"]
    assert provider.facts("gpt-4o") is provider.facts("gpt-4o-2024-08-06")
    assert provider.known_models()[: len(provider.get_models())] == provider.get_models()
    assert "gpt-4.1-mini" in provider.known_models() and "gpt-4.1-mini" not in provider.get_models()


def test_an_unknown_model_is_refused_with_the_accepted_ones() -> None:
    with pytest.raises(UsageError, match=r"'gemini-9' is not a model of google; use one of gemini-2\.5-flash"):
        PROVIDERS["google"].facts("gemini-9")


def test_an_unknown_provider_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="'cohere' is not a provider; use one of openai, anthropic, google"):
        find_provider("cohere")


def test_limits_nobody_publishes_are_none() -> None:
    assert PROVIDERS["openai"].get_token_limit("gpt-4o") == 65_536
    assert PROVIDERS["mistral"].get_token_limit("open-mistral-7b") is None
    assert PROVIDERS["openai"].get_max_training_tokens("gpt-4o") is None


def test_a_size_over_the_maximum_is_capped_and_both_numbers_are_said() -> None:
    decision = PROVIDERS["anthropic"].validate_dataset_size(25_000, "claude-3-haiku")
    assert decision.size == 10_000
    assert "25,000" in decision.message and "10,000" in decision.message


@pytest.mark.parametrize(("name", "size"), [("anthropic", 10_000), ("openai", 50_000_000), ("llama", 1)])
def test_a_size_that_fits_passes_without_a_word(name: str, size: int) -> None:
    decision = PROVIDERS[name].validate_dataset_size(size, PROVIDERS[name].get_models()[0])
    assert (decision.size, decision.message) == (size, "")


def test_a_retired_model_is_warned_of_with_dates_and_successors() -> None:
    warning = PROVIDERS["google"].lifecycle_warning("gemini-2.5-flash")
    assert "tuning ended on 2026-10-20" in warning
    assert "live successors: gemini-3.1-flash-lite, gemini-3.5-flash" in warning


def test_a_model_about_to_close_is_warned_of_with_the_day_it_ends() -> None:
    warning = PROVIDERS["openai"].lifecycle_warning("gpt-4.1")
    assert "existing users only" in warning and "tuning ends on 2027-01-06" in warning


def test_an_open_model_is_not_warned_of() -> None:
    assert PROVIDERS["google"].lifecycle_warning("gemini-3.5-flash") == ""
    assert PROVIDERS["llama"].lifecycle_warning("llama-3.1-8b") == ""


def test_too_few_and_too_many_examples_are_errors_and_a_small_set_a_warning() -> None:
    haiku, gemini = PROVIDERS["anthropic"], PROVIDERS["google"]
    assert rules(haiku.check_size(31, "claude-3-haiku", "train")) == {("", "too_few_examples")}
    assert haiku.check_size(32, "claude-3-haiku", "train") == []
    assert rules(haiku.check_size(10_001, "claude-3-haiku", "train")) == {("", "too_many_examples")}
    assert rules(gemini.check_size(99, "gemini-2.5-pro", "train"), "warning") == {("", "fewer_than_recommended")}
    assert gemini.check_size(100, "gemini-2.5-pro", "train") == []


def test_the_training_minimum_does_not_bind_validation_files() -> None:
    haiku = PROVIDERS["anthropic"]
    assert haiku.check_size(3, "claude-3-haiku", "validation") == []
    assert rules(haiku.check_size(1_001, "claude-3-haiku", "validation")) == {("", "too_many_examples")}


def test_a_dataset_is_judged_sample_by_sample_and_as_a_whole() -> None:
    bad = replace(samples(1)[0], messages=(TALK[1], TALK[0], TALK[2]))
    findings = PROVIDERS["google"].validate_dataset([*samples(4), bad], "gemini-2.5-flash")
    assert [(finding.line, finding.rule) for finding in findings] == [
        (5, "system_moved"),
        (0, "fewer_than_recommended"),
    ]


def test_only_training_samples_count_towards_the_minimum() -> None:
    ten = samples(10)
    held_out = [replace(sample, split="validation") for sample in ten[:2]]
    provider = PROVIDERS["openai"]
    assert provider.validate_dataset(ten, "gpt-4o") == []
    assert rules(provider.validate_dataset(ten[2:] + held_out, "gpt-4o")) == {("", "too_few_examples")}
