from __future__ import annotations

from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from src.config.loader import read_yaml
from src.providers.clients.models import prices
from src.providers.clients.models.prices import (
    LOCAL_PRICE,
    LongPrompt,
    Price,
    cost,
    dollars,
    price_of,
    with_override,
    worst_case_input_tokens,
)
from src.providers.token_counter import counter_for
from src.records import Message

FILE = Path(prices.__file__).with_name("prices.yaml")
CONTENT = read_yaml(FILE)
AGENT_MODELS = read_yaml(FILE.with_name("agent_models.yaml"))
ROWS = [
    (provider, host, model, entry)
    for provider, card in CONTENT["providers"].items()
    for host in card["hosts"]
    for model, entry in host["models"].items()
]
PLAIN = Price(2.0, 8.0, "a test", date(2026, 11, 21), batch_discount=0.5)
SCHEMA = {"type": "object", "properties": {"quote": {"type": "string"}}, "required": ["quote"]}


@pytest.mark.parametrize("provider", AGENT_MODELS)
def test_the_default_model_of_each_provider_has_a_price_with_source_and_day(provider: str) -> None:
    price = price_of(provider, AGENT_MODELS[provider]["model"])
    assert price is not None
    assert price.input_per_million > 0 and price.output_per_million > 0
    assert price.source and price.url.startswith("https://")
    assert price.read_on is not None and price.read_on >= date(2026, 1, 1)


@pytest.mark.parametrize("provider", AGENT_MODELS)
def test_the_first_host_is_the_one_the_provider_is_called_at_by_default(provider: str) -> None:
    first = CONTENT["providers"][provider]["hosts"][0]["names"][0]
    assert urlsplit(AGENT_MODELS[provider]["base_url"]).hostname == first
    model = AGENT_MODELS[provider]["model"]
    assert price_of(provider, model, first.upper()) == price_of(provider, model)


@pytest.mark.parametrize(
    ("provider", "host", "model", "entry"), ROWS, ids=[f"{provider}-{model}" for provider, _, model, _ in ROWS]
)
def test_every_price_is_a_number_above_zero_from_a_dated_source(
    provider: str, host: dict[str, object], model: str, entry: dict[str, object]
) -> None:
    source = CONTENT["sources"][entry["source"]]
    assert source["kind"] in ("provider", "third_party") and type(source["read_on"]) is date
    for name in host["names"]:  # type: ignore[attr-defined]
        price = price_of(provider, model, name)
        assert price is not None
        assert 0 < price.input_per_million <= price.output_per_million, model
        if price.long_prompt:
            assert price.long_prompt.input_per_million > price.input_per_million
            assert price.long_prompt.output_per_million > price.output_per_million


def test_every_source_is_used_and_every_batch_discount_has_one() -> None:
    used = {entry["source"] for _, _, _, entry in ROWS}
    for card in CONTENT["providers"].values():
        if card["batch_discount"] is not None:
            assert 0 < card["batch_discount"] < 1
            used.add(card["batch_source"])
    assert used == set(CONTENT["sources"])


def test_batches_are_half_price_where_the_provider_says_so() -> None:
    discounts = {name: card["batch_discount"] for name, card in CONTENT["providers"].items()}
    assert discounts == {"openai": 0.5, "anthropic": 0.5, "mistral": 0.5, "google": None, "llama": None}


def test_an_unknown_model_has_no_price() -> None:
    assert price_of("openai", "gpt-99") is None
    assert price_of("nobody", "gpt-6-luna") is None
    assert price_of("llama", "meta-llama/llama-3.3-70b-instruct:free") is None


@pytest.mark.parametrize(
    ("provider", "dated", "plain"),
    [
        ("openai", "gpt-4.1-2025-04-14", "gpt-4.1"),
        ("anthropic", "claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("anthropic", "claude-haiku-4-5@20251001", "claude-haiku-4-5"),
        ("google", "models/gemini-3.5-flash-lite", "gemini-3.5-flash-lite"),
    ],
)
def test_a_dated_or_full_name_has_the_price_of_the_plain_one(provider: str, dated: str, plain: str) -> None:
    assert price_of(provider, dated) == price_of(provider, plain) is not None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "proxy.example.com", "eu.api.openai.com"])
def test_another_host_has_no_known_price(host: str) -> None:
    assert price_of("openai", "gpt-6-luna", host) is None
    assert price_of("llama", "meta-llama/llama-3.3-70b-instruct", host) is None


def test_the_same_llama_host_model_costs_what_its_host_asks() -> None:
    at = {host: price_of("llama", "openai/gpt-oss-120b", host) for host in ("openrouter.ai", "api.together.xyz")}
    assert at["openrouter.ai"] != at["api.together.xyz"]
    assert price_of("llama", "openai/gpt-oss-120b", "api.together.ai") == at["api.together.xyz"]


def test_the_embedded_model_is_free_and_says_why() -> None:
    price = price_of("local", "any.gguf")
    assert price == LOCAL_PRICE and price.note == "runs on this machine"
    assert cost(price, 10_000, 10_000) == 0


def test_a_call_costs_its_tokens() -> None:
    assert cost(PLAIN, 1_000_000, 0) == pytest.approx(2.0)
    assert cost(PLAIN, 500, 250) == pytest.approx(0.003)
    assert cost(PLAIN, 500, 250, batch=True) == pytest.approx(0.0015)


def test_a_batch_without_a_known_discount_costs_the_full_price() -> None:
    price = Price(2.0, 8.0, "a test", None)
    assert cost(price, 500, 250, batch=True) == cost(price, 500, 250)


def test_a_long_prompt_makes_the_whole_call_dearer() -> None:
    price = Price(0.1, 0.5, "a test", None, long_prompt=LongPrompt(100_000, 0.5, 2.5))
    assert cost(price, 100_000, 1_000) == pytest.approx(0.0105)
    assert cost(price, 100_001, 1_000) == pytest.approx(0.0525005)


def test_the_users_figures_win() -> None:
    known = price_of("openai", "gpt-6-luna")
    assert known is not None
    both = with_override(known, 1.0, 2.0)
    assert both is not None and (both.input_per_million, both.output_per_million) == (1.0, 2.0)
    assert both.source == "your settings" and both.read_on is None and both.batch_discount == 0.5
    one = with_override(known, None, 2.0)
    assert one is not None and (one.input_per_million, one.output_per_million) == (0.1, 2.0)
    assert with_override(known, None, None) == known


def test_an_unknown_price_becomes_known_by_two_figures_only() -> None:
    assert with_override(None, None, None) is None
    assert with_override(None, 1.0, None) is None
    own = with_override(None, 0.0, 0.0)
    assert own is not None and cost(own, 1_000, 1_000) == 0


TEXTS = [
    "What does the warranty cover?",
    "Wie heißt der Fluss?\nIn Köln, meine ich. 🌊\u2028",
    "保証期間は何年ですか。" * 20,
    "\ufdfa" * 30,
    "a1b2;{}[]<|endoftext|>\t" * 40,
    "",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(
    ("provider", "model"),
    [("openai", "gpt-4o"), ("google", "gemini-3.5-flash"), ("mistral", "open-mistral-7b"), ("llama", "llama-3.1-8b")],
)
def test_the_worst_case_is_never_below_what_a_vocabulary_counts(provider: str, model: str, text: str) -> None:
    messages = (Message("system", "You help."), Message("user", text), Message("assistant", text))
    assert worst_case_input_tokens(messages, None) >= counter_for(provider, model).count_messages(messages)


def test_the_worst_case_holds_the_schema_claudes_tool_prompt_and_letters_that_grow() -> None:
    bare = worst_case_input_tokens([], None)
    assert bare >= 804
    assert worst_case_input_tokens([], SCHEMA) - bare >= 2 * len(str(SCHEMA))
    # One character of 3 bytes that NFKC writes out as 18 letters.
    assert worst_case_input_tokens([Message("user", "\ufdfa")], None) >= bare + 33
    assert worst_case_input_tokens([Message("user", "\ud800")], None) > bare


def test_small_amounts_are_never_shown_as_nothing() -> None:
    assert [dollars(usd) for usd in (0, 0.0001, 0.01, 1.5, 1204.5)] == [
        "$0",
        "under $0.01",
        "$0.01",
        "$1.50",
        "$1,204.50",
    ]
