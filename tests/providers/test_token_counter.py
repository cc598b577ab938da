from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from src.errors import UsageError
from src.providers import PROVIDERS
from src.providers.token_counter import FRAMES, TokenCounter, counter_for
from src.providers.tokenizers import TOKENIZERS
from src.records import Message
from tests.providers.conversations import TALK

SCRIPTS = "abc XYZ 019 .,!? \n\t äöüß éèñ жив αβγ 日本語 한국어 مرحبا हिन्दी 🌊🚀 {}[]\"'\\_"


def texts(count: int) -> list[str]:
    letters = random.Random(7)
    return ["".join(letters.choices(SCRIPTS, k=letters.randint(1, 200))) for _ in range(count)]


@pytest.mark.parametrize(("model", "published"), [("gpt-4o", 124), ("gpt-3.5-turbo", 129)])
def test_openai_counts_the_cookbooks_example_as_openai_says(model: str, published: int) -> None:
    """The conversation and figures of openai-cookbook, How_to_count_tokens_with_tiktoken.ipynb."""
    talk = [
        ("", "You are a helpful, pattern-following assistant that translates corporate jargon into plain English."),
        ("example_user", "New synergies will help drive top-line growth."),
        ("example_assistant", "Things working well together will increase revenue."),
        (
            "example_user",
            "Let's circle back when we have more bandwidth to touch base on opportunities for deeper leverage.",
        ),
        ("example_assistant", "Let's talk later when we're less busy about how to do better."),
        ("", "This late pivot means we don't have time to boil the ocean for the client deliverable."),
    ]
    counter = counter_for("openai", model)
    messages = [Message("system", text) for _, text in talk[:-1]] + [Message("user", talk[-1][1])]
    # A Message has no name; in the cookbook one costs its tokens and one more.
    names = sum(counter.count_text(name) + 1 for name, _ in talk if name)
    assert counter.count_messages(messages) + names == published


@pytest.mark.parametrize(("model", "encoding"), [("gpt-4.1", "o200k_base"), ("gpt-3.5-turbo", "cl100k_base")])
def test_openai_counts_agree_with_another_implementation(model: str, encoding: str) -> None:
    import quicktok

    other = quicktok.get_encoding(encoding)
    sample = texts(200)
    counter = counter_for("openai", model)
    assert counter.count(sample) == [len(other.encode(text)) for text in sample]


def test_a_role_is_one_token_in_both_vocabularies() -> None:
    for model in ("gpt-4o", "gpt-3.5-turbo"):
        assert counter_for("openai", model).count(["system", "user", "assistant"]) == [1, 1, 1]


def test_llama_counts_agree_with_another_implementation_on_english() -> None:
    import quicktok

    text = "The committee met on 14 March 2019; it adjourned at 17:45, having decided nothing."
    assert counter_for("llama", "llama-3.1-8b").count_text(text) == len(quicktok.get_encoding("llama3").encode(text))


def test_llama_knows_tokens_that_merging_alone_does_not_reach() -> None:
    assert counter_for("llama", "llama-3.1-8b").count([" jeho", "mektedir", " nhanh"]) == [1, 1, 1]


def test_llama_frame_is_the_template_written_out() -> None:
    """Llama 3.1's chat template, token by token: each <|...|> is one token, the rest is text."""
    counter = counter_for("llama", "llama-3.1-8b")
    text = counter.count_text
    header = 2 + text("user") + text("\n\n")
    dates = "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n"
    opening = 1 + 2 + text("system") + text("\n\n" + dates) + 1
    assert opening == 26 and header + 1 == 5
    question, answer = "How far is the moon?", "About 384,400 km."
    whole = opening + 2 * (header + 1) + text(question) + text(answer)
    assert counter.count_messages([Message("user", question), Message("assistant", answer)]) == whole


def test_llama_system_text_joins_the_block_that_is_there_anyway_and_texts_are_trimmed() -> None:
    counter = counter_for("llama", "llama-3.1-8b")
    system = Message("system", "Answer in French.")
    assert counter.count_messages([system]) == 26 + counter.count_text(system.content)
    assert counter.count_messages([Message("user", " Hi \n")]) == counter.count_messages([Message("user", "Hi")])


def test_claude_is_estimated_as_aws_does() -> None:
    counter = counter_for("anthropic", "claude-3-haiku")
    assert counter.count(["", "ab", "abc", "x" * 100]) == [0, 0, 1, 33]
    assert counter.count_messages([Message("system", "abcd"), Message("user", "abcde")]) == 2


@pytest.mark.parametrize("name", list(PROVIDERS))
def test_every_model_has_a_counter_that_says_how_exact_it_is(name: str) -> None:
    for model in PROVIDERS[name].known_models():
        counter = counter_for(name, model)
        expected = "exact" if name in ("openai", "llama") else "estimated"
        assert (counter.exactness, bool(counter.note)) == (expected, expected == "estimated")
        assert counter.tokenizer


def test_aliases_share_one_counter() -> None:
    assert counter_for("openai", "gpt-4o") is counter_for("openai", "gpt-4o-2024-08-06")


def test_unknown_models_are_refused() -> None:
    with pytest.raises(UsageError, match="is not a model of llama"):
        counter_for("llama", "gpt-4o")


def test_special_tokens_in_a_text_are_plain_text() -> None:
    for provider, model in (("openai", "gpt-4o"), ("openai", "gpt-3.5-turbo"), ("llama", "llama-3.1-8b")):
        assert counter_for(provider, model).count_text("<|endoftext|><|eot_id|>") > 4


@pytest.mark.parametrize(
    ("provider", "model"), [("openai", "gpt-4o"), ("openai", "gpt-3.5-turbo"), ("llama", "llama-3.1-8b")]
)
def test_a_huge_run_of_white_space_is_counted_and_does_not_break(provider: str, model: str) -> None:
    counter = counter_for(provider, model)
    words, gap = "one two", " " * 400_000
    assert counter.count_text(words + gap + words) > 2 * counter.count_text(words)


def test_many_threads_count_alike_from_the_first_call() -> None:
    counter = TokenCounter(TOKENIZERS["o200k_base"], FRAMES["openai"])
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: counter.count_messages(TALK), range(64)))
    assert set(counts) == {counter_for("openai", "gpt-4o").count_messages(TALK)}
