"""Texts with planted duplicates, and what comparing every pair by hand says of them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from fractions import Fraction

from hypothesis import strategies as st

from src.analysis.words import words_of
from src.records import Message, Origin, Sample, Split

SEEDS = st.integers(0, 1 << 32)
WORDS = [
    "the", "pump", "is", "cleaned", "every", "day", "by", "12", "operators", "not", "a", "b", "Straße", "naïve",
    "machine", "x" * 70, "日本語の説明書です", "第3章", "ポンプ", "word_with_line", "été", "2026", "ＦＵＬＬ", "no",
]  # fmt: skip


def make_texts(chance: random.Random, count: int, words: Sequence[str] = WORDS) -> list[str]:
    bases = [
        [chance.choice(words) for _ in range(chance.choice([0, 1, 2, 3, 5, 12, 40]))] for _ in range(1 + count // 6)
    ]
    texts = []
    for _ in range(count):
        text = list(chance.choice(bases))
        for _ in range(chance.choice([0, 0, 1, 1, 2, 3])):
            if text:
                text[chance.randrange(len(text))] = chance.choice(words)
        texts.append(chance.choice([" ", "  ", ", "]).join(text))
    return texts


def shingles(text: str) -> set[tuple[str, ...]]:
    words = words_of(text)
    if not any(character.isalnum() or character == "_" for word in words for character in word):
        return set()
    if len(words) < 3:
        return {(word,) for word in words}
    return {tuple(words[start : start + 3]) for start in range(len(words) - 2)}


def near_pairs(texts: Sequence[str], threshold: Fraction) -> dict[tuple[int, int], Fraction]:
    """Every pair that is near enough, with its similarity."""
    sets = [shingles(text) for text in texts]
    found = {}
    for other in range(len(sets)):
        for one in range(other):
            union = len(sets[one] | sets[other])
            if union and (similarity := Fraction(len(sets[one] & sets[other]), union)) >= threshold:
                found[one, other] = similarity
    return found


def groups_by_hand(count: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """For each number the least one it is linked with."""
    root = list(range(count))
    for one, other in pairs:
        low, high = sorted((root[one], root[other]))
        root = [low if number == high else number for number in root]
    return root


def sample(
    sample_id: str, user: str, assistant: str = "", split: Split | None = None, system: str = "You help."
) -> Sample:
    messages = (Message("system", system), Message("user", user), Message("assistant", assistant))
    return Sample(sample_id, messages, Origin("a.txt", "created", "d", "page 1"), split=split)


def samples_of(texts: Iterable[str], answer: str = "") -> list[Sample]:
    return [sample(f"s{number:04d}", text, answer) for number, text in enumerate(texts)]
