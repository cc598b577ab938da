"""Faster engines give tiktoken's figures, whatever the text."""

from __future__ import annotations

import random

import pytest

from src.providers.tokenizers.cores import on_all_cores
from src.providers.tokenizers.engines import VocabularyEngine
from src.providers.tokenizers.fast_engines import fast_engine

ALPHABET = [*"abcDEF 's'LL 019.,!?/\n\t\r ßéИж漢字かなหนู한\u0301\u200d🚀", "  ", "\n\n"]
# New in Unicode 17.
NEW = ["\u088f", "\u1acf", "\ua7ce", "\U00010940", "\U00016ea0", "\U00018d80", "\U0001e6c0"]


def strange_texts(count: int) -> list[str]:
    pick = random.Random(11)
    texts = ["".join(pick.choices(ALPHABET, k=pick.randint(0, 40))) for _ in range(count)]
    return texts + [f"{new}'s {text}{new}" for new in NEW for text in texts[:40]]


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base", "tekken"])
def test_the_fast_engine_counts_as_tiktoken_does(name: str) -> None:
    exact = VocabularyEngine(name)
    asked: list[str] = []

    def watched(texts: list[str]) -> list[int]:
        asked.extend(texts)
        return exact(texts)

    fast = fast_engine(name, watched)
    assert fast is not None
    texts = strange_texts(2000)
    assert fast(texts) == exact(texts)
    assert asked == texts[2000:]  # the others really went the fast way


def test_half_a_surrogate_pair_is_mended_as_tiktoken_does() -> None:
    exact = VocabularyEngine("o200k_base")
    texts = ["plain", "half \ud83d of a pair", "\udc00", "\ud83d\ude00 whole", "\u088f's"]
    for name in ("o200k_base", "tekken"):
        exact = VocabularyEngine(name)
        fast = fast_engine(name, exact)
        assert fast is not None and fast(texts) == exact(texts)


def test_llama_has_no_fast_engine() -> None:
    exact = VocabularyEngine("llama3")
    assert fast_engine("llama3", exact) is None


def test_an_engine_changes_over_without_changing_a_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("src.providers.tokenizers.engines.MUCH_TEXT", 5_000)
    texts = strange_texts(300)
    engine = VocabularyEngine("cl100k_base")
    before = engine(texts[:50])
    assert engine(texts)[:50] == before
    assert engine._fast is not None


def test_all_cores_keep_the_order() -> None:
    pick = random.Random(3)
    texts = ["x" * pick.choice([1, 10, 1000, 30_000]) for _ in range(500)]
    assert on_all_cores(len, texts) == list(map(len, texts))
    assert on_all_cores(len, ["x" * 900_000, "", "y"]) == [900_000, 0, 1]
    assert on_all_cores(len, []) == []
