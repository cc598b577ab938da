from __future__ import annotations

import dataclasses
from datetime import date

import pytest
import yaml

from src.providers import PROVIDERS
from src.providers.models import catalog
from src.providers.models.catalog import load_card
from src.providers.models.model_facts import ModelFacts
from src.providers.tokenizers import TOKENIZERS

NAMES = list(PROVIDERS)
NUMBERS = (
    "context_window", "max_tokens_per_example", "max_training_tokens", "min_examples", "recommended_examples",
    "max_examples", "max_validation_examples", "max_file_bytes", "max_validation_file_bytes", "usd_per_1m_train",
)  # fmt: skip


def all_models() -> list[ModelFacts]:
    return [facts for name in NAMES for facts in load_card(name).models]


@pytest.mark.parametrize("name", NAMES)
def test_every_provider_has_a_name_notes_and_models(name: str) -> None:
    card = load_card(name)
    assert card.display_name and len(card.format_notes) > 80
    assert card.models
    assert all(isinstance(model.display_name, str) and model.display_name for model in card.models)


@pytest.mark.parametrize("facts", all_models(), ids=lambda facts: facts.id)
def test_every_number_has_a_dated_source(facts: ModelFacts) -> None:
    sources = load_card(facts.provider).sources
    for name in NUMBERS:
        if getattr(facts, name) is not None:
            source = sources[facts.sources[name]]
            assert source.title and source.url.startswith("https://")
            assert type(source.read_on) is date and source.read_on >= date(2026, 1, 1)
            assert source.kind in ("provider", "third_party")


@pytest.mark.parametrize("facts", all_models(), ids=lambda facts: facts.id)
def test_numbers_are_positive_or_unknown(facts: ModelFacts) -> None:
    for name in NUMBERS:
        value = getattr(facts, name)
        assert value is None or (type(value) in (int, float) and value > 0), name
    assert facts.max_training_tokens is None
    assert facts.tokenizer in TOKENIZERS
    assert facts.longer_examples in ("truncated", "rejected", "unpublished")


@pytest.mark.parametrize("facts", all_models(), ids=lambda facts: facts.id)
def test_a_model_that_is_not_open_says_why_and_where_that_stands(facts: ModelFacts) -> None:
    life = facts.lifecycle
    assert life.status in ("open", "existing_users_only", "retired", "deprecated")
    assert all(day is None or type(day) is date for day in (life.tuning_ends, life.inference_ends))
    if life.status != "open":
        assert life.note
        assert facts.sources["lifecycle"] in load_card(facts.provider).sources
    if life.status == "retired":
        assert life.tuning_ends is not None


@pytest.mark.parametrize("name", NAMES)
def test_successors_are_models_of_the_same_provider_that_are_not_retired(name: str) -> None:
    models = {facts.id: facts for facts in load_card(name).models}
    for facts in models.values():
        for successor in facts.lifecycle.successors:
            assert models[successor].lifecycle.status != "retired"


def test_no_name_means_two_models() -> None:
    for name in NAMES:
        known = PROVIDERS[name].known_models()
        assert len(known) == len(set(known))


@pytest.mark.parametrize("name", NAMES)
def test_each_model_in_the_file_has_no_key_the_record_lacks(name: str) -> None:
    path = catalog.Path(catalog.__file__).with_name(f"{name}.yaml")
    fields = {field.name for field in dataclasses.fields(ModelFacts)} - {"provider"}
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert all({**content["shared"], **entry}.keys() == fields for entry in content["models"])


def test_the_figures_that_were_published() -> None:
    """Spot checks against the sources, so that a slip in a file is seen."""
    openai, haiku = PROVIDERS["openai"].facts("gpt-4o-mini"), PROVIDERS["anthropic"].facts("claude-3-haiku")
    gemini, nemo = PROVIDERS["google"].facts("gemini-2.5-flash"), PROVIDERS["mistral"].facts("open-mistral-nemo")
    assert (openai.max_tokens_per_example, openai.min_examples, openai.max_examples) == (65_536, 10, None)
    assert (haiku.max_tokens_per_example, haiku.min_examples, haiku.max_examples) == (32_000, 32, 10_000)
    assert haiku.max_validation_examples == 1_000
    assert (gemini.max_tokens_per_example, gemini.max_examples) == (131_072, 10_000_000)
    assert (gemini.recommended_examples, gemini.max_validation_examples) == (100, 5_000)
    assert (nemo.max_tokens_per_example, nemo.max_validation_file_bytes) == (None, 1_048_576)
    assert PROVIDERS["openai"].facts("gpt-3.5-turbo").max_tokens_per_example == 16_385
