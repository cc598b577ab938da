from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from src.providers import PROVIDERS
from src.providers.models.model_facts import ModelFacts
from src.providers.validation.file_rules import Totals, check_pair, check_totals, file_rule_source


def facts_of(provider: str, model: str = "") -> ModelFacts:
    judge = PROVIDERS[provider]
    return judge.facts(model or judge.get_models()[0])


def totals(
    rows: int,
    size: int = 10**6,
    tokens: int = 0,
    with_media: int = 0,
    formats: Mapping[str, tuple[int, int]] | None = None,
) -> Totals:
    return Totals(size, rows, tokens, with_media, formats or {})


def test_the_tokens_of_a_training_file_are_limited_where_a_limit_is_known() -> None:
    facts = replace(facts_of("openai"), max_training_tokens=1_000)
    found = list(check_totals(totals(50, tokens=1_001), facts, "train"))
    assert [one.rule for one in found] == ["too_many_training_tokens"]
    assert not list(check_totals(totals(50, tokens=1_001), facts, "validation"))
    assert not list(check_totals(totals(50, tokens=10**12), facts_of("openai"), "train"))


def test_examples_with_pictures_are_limited() -> None:
    facts = facts_of("openai")
    most = facts.max_media_examples
    assert most is not None
    assert not list(check_totals(totals(most + 1, with_media=most), facts, "train"))
    (found,) = check_totals(totals(most + 1, with_media=most + 1), facts, "train")
    assert found.rule == "too_many_media_examples" and file_rule_source(found.rule, facts, "train", "")


def test_formats_are_named_in_the_order_of_their_lines() -> None:
    formats = {"openai-preference": (3, 9), "openai-chat": (40, 1)}
    (found,) = check_totals(totals(43, formats=formats), facts_of("openai"), "train")
    assert found.rule == "mixed_formats"
    assert found.message.index("openai-chat (40, first on line 1)") < found.message.index("openai-preference (3")


def test_bedrock_counts_both_files_together() -> None:
    facts = facts_of("anthropic", "claude-3-haiku")
    assert not list(check_pair(totals(9_500), totals(500), facts))
    (found,) = check_pair(totals(9_500), totals(501), facts)
    assert (found.severity, found.rule) == ("error", "too_many_examples_together")


def test_many_validation_examples_may_be_at_most_a_share_of_googles_training_examples() -> None:
    facts = facts_of("google")
    assert not list(check_pair(totals(100), totals(1_000), facts))
    assert not list(check_pair(totals(10_000), totals(3_000), facts))
    (found,) = check_pair(totals(10_000), totals(3_001), facts)
    assert (found.severity, found.rule) == ("error", "validation_too_large")
    assert file_rule_source(found.rule, facts, "validation", "")


def test_mistrals_share_is_one_of_bytes_and_a_warning() -> None:
    facts = facts_of("mistral")
    assert not list(check_pair(totals(10, size=1_000), totals(5, size=50), facts))
    (found,) = check_pair(totals(10, size=1_000), totals(5, size=51), facts)
    assert (found.severity, found.rule) == ("warning", "validation_too_large")
