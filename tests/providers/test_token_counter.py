from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from src.errors import UsageError
from src.providers import PROVIDERS
from src.providers.formats.training_example import (
    MediaPart,
    TextPart,
    Tool,
    ToolCall,
    TrainingExample,
    Turn,
    from_messages,
)
from src.providers.token_counter import TokenCounter, counter_for
from src.providers.tokenizers import TOKENIZERS
from src.records import Message
from tests.providers.conversations import TALK

SCRIPTS = "abc XYZ 019 .,!? \n\t äöüß éèñ жив αβγ 日本語 한국어 مرحبا हिन्दी 🌊🚀 {}[]\"'\\_"
MODELS = [
    ("openai", "gpt-4o"),
    ("openai", "gpt-3.5-turbo"),
    ("llama", "llama-3.1-8b"),
    ("mistral", "open-mistral-nemo"),
]


def texts(count: int) -> list[str]:
    letters = random.Random(7)
    return ["".join(letters.choices(SCRIPTS, k=letters.randint(1, 200))) for _ in range(count)]


@pytest.mark.parametrize(("model", "encoding"), [("gpt-4.1", "o200k_base"), ("gpt-3.5-turbo", "cl100k_base")])
def test_openai_counts_agree_with_another_implementation(model: str, encoding: str) -> None:
    import quicktok

    other = quicktok.get_encoding(encoding)
    sample = texts(200)
    assert counter_for("openai", model).count(sample) == [len(other.encode(text)) for text in sample]


def test_llama_counts_agree_with_another_implementation_on_english() -> None:
    import quicktok

    text = "The committee met on 14 March 2019; it adjourned at 17:45, having decided nothing."
    assert counter_for("llama", "llama-3.1-8b").count_text(text) == len(quicktok.get_encoding("llama3").encode(text))


def test_llama_knows_tokens_that_merging_alone_does_not_reach() -> None:
    assert counter_for("llama", "llama-3.1-8b").count([" jeho", "mektedir", " nhanh"]) == [1, 1, 1]


@pytest.mark.parametrize("name", list(PROVIDERS))
def test_every_model_has_a_counter_that_says_how_exact_it_is(name: str) -> None:
    for model in PROVIDERS[name].known_models():
        counter = counter_for(name, model)
        assert (counter.exactness == "exact") == (not counter.note)
        assert counter.tokenizer
        if name in ("openai", "llama"):
            assert counter.exactness == "exact"


@pytest.mark.parametrize("name", list(TOKENIZERS))
def test_what_is_not_exact_says_why_and_so_does_its_stand_in(name: str) -> None:
    tokenizer = TOKENIZERS[name]
    assert (tokenizer.exactness == "exact") == (not tokenizer.note)
    if tokenizer.stand_in:
        assert tokenizer.stand_in.exactness == "estimated"
        assert "of the true count" in tokenizer.stand_in.note


def test_gemini_without_its_tokenizer_is_an_estimate_that_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FTDB_CACHE_DIR", str(tmp_path))
    counter = counter_for("google", "gemini-2.5-flash")
    assert counter.exactness == "estimated"
    assert "python -m src.main tokenizers" in counter.note
    assert 4 <= counter.count_text("The quick brown fox jumps.") <= 8


def test_claude_without_its_reconstruction_is_an_estimate() -> None:
    stand_in = TOKENIZERS["claude-3"].stand_in
    assert stand_in is not None
    tokens = TokenCounter(TOKENIZERS["o200k_base"]).count_text("word " * 1000)
    assert TokenCounter(stand_in).count_text("word " * 1000) == round(tokens * 1.2)


def test_models_with_one_vocabulary_load_it_once() -> None:
    four, mini = counter_for("openai", "gpt-4o"), counter_for("openai", "gpt-4o-mini")
    assert four is not mini and four._load_here() is mini._load_here()
    assert TokenCounter(TOKENIZERS["mistral-v1"])._load_here() is TokenCounter(TOKENIZERS["mistral-v7"])._load_here()


def test_aliases_share_one_counter() -> None:
    assert counter_for("openai", "gpt-4o") is counter_for("openai", "gpt-4o-2024-08-06")


def test_unknown_models_are_refused() -> None:
    with pytest.raises(UsageError, match="is not a model of llama"):
        counter_for("llama", "gpt-4o")


def test_an_unknown_model_of_openais_is_counted_as_the_newer_ones_and_says_so() -> None:
    counter = counter_for("openai", "gpt-of-tomorrow")
    assert (counter.exactness, counter.tokenizer) == ("assumed", "o200k_base")
    assert counter.count(texts(5)) == counter_for("openai", "gpt-4o").count(texts(5))


def test_special_tokens_in_a_text_are_plain_text() -> None:
    for provider, model in MODELS:
        assert counter_for(provider, model).count_text("<|endoftext|><|eot_id|></s>[INST]") > 6


@pytest.mark.parametrize(("provider", "model"), MODELS)
def test_a_huge_run_of_white_space_is_counted_and_does_not_break(provider: str, model: str) -> None:
    counter = counter_for(provider, model)
    words, gap = "one two", " " * 400_000
    assert counter.count_text(words + gap + words) > 2 * counter.count_text(words)


def test_many_threads_count_alike_from_the_first_call() -> None:
    counter = TokenCounter(TOKENIZERS["o200k_base"])
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: counter.count_messages(TALK), range(64)))
    assert set(counts) == {counter_for("openai", "gpt-4o").count_messages(TALK)}


def test_messages_and_training_examples_are_counted_alike() -> None:
    for provider, model in MODELS:
        counter = counter_for(provider, model)
        examples = [from_messages(TALK), from_messages((Message("user", "Hi"), Message("assistant", "Ho")))]
        assert counter.count_training_examples(examples) == [counter.count_messages(TALK), *counter.count_examples(
            [(Message("user", "Hi"), Message("assistant", "Ho"))]
        )]  # fmt: skip


def test_a_preference_counts_both_answers() -> None:
    counter = counter_for("openai", "gpt-4o")
    asked, better, worse = Turn("user", "Why?"), Turn("assistant", "Because it is."), Turn("assistant", "No.")
    [whole] = counter.count_training_examples([TrainingExample((asked,), (better,), (worse,))])
    parts = [counter.count_messages([Message("assistant", turn.text)]) for turn in (better, worse)]
    assert whole == counter.count_messages([Message("user", "Why?")]) + sum(parts) - 2 * 3


def test_an_example_is_no_more_exact_than_its_framing() -> None:
    counter = counter_for("openai", "gpt-4o")
    called = Turn("assistant", tool_calls=(ToolCall("1", "find", '{"a": 1}'),))
    picture = Turn("user", (TextPart("What is it?"), MediaPart("https://example.org/a.png")))
    assert counter.exactness_of(from_messages(TALK)) == "exact"
    assert counter.exactness_of(TrainingExample((called,))) == "estimated"
    assert counter.exactness_of(TrainingExample((picture,))) == "estimated"
    assert counter.exactness_of(TrainingExample((Turn("user", "Hi"),), tools=(Tool("find"),))) == "assumed"
    llama = counter_for("llama", "llama-3.1-8b")
    assert llama.exactness_of(TrainingExample((Turn("user", "Hi"), called), tools=(Tool("find"),))) == "exact"


def test_raw_text_is_counted_with_the_marks_a_trainer_puts_around_it() -> None:
    counter = counter_for("mistral", "open-mistral-nemo")
    assert counter.count_training_examples([TrainingExample(text="Once")]) == [counter.count_text("Once") + 2]
