"""Near-duplicates are found without comparing everything with everything."""

from __future__ import annotations

import random

from src.agents.grounding import question_key
from src.analysis.similarity import NearDuplicates, is_near


def index_of(*questions: str) -> NearDuplicates:
    index = NearDuplicates()
    for question in questions:
        index.add(question_key(question), question)
    return index


def test_questions_that_share_most_words_are_near() -> None:
    index = index_of("Which machine is right for me if I drink espresso?", "Which machine is heavy?")
    found = index.find(question_key("Which machine is right for you if I drink espresso?"))
    assert found == "Which machine is right for me if I drink espresso?"
    assert index.find(question_key("Which machine is the quiet one?")) is None


def test_another_number_or_negation_is_another_question() -> None:
    index = index_of("What is the price of part 17?", "Can I use tap water in it?")
    assert index.find(question_key("What is the price of part 18?")) is None
    assert index.find(question_key("Can I not use tap water in it?")) is None


def test_the_bands_find_what_comparing_all_pairs_finds() -> None:
    rng = random.Random(7)
    words = [f"w{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(200)]
    index = NearDuplicates()
    keys: list[str] = []
    missed = found = 0
    for _ in range(1500):
        if keys and rng.random() < 0.3:
            copy = rng.choice(keys).split()
            copy[rng.randrange(len(copy))] = rng.choice(words)
            key = " ".join(copy)
        else:
            key = " ".join(rng.sample(words, 12))
        near = [other for other in keys if is_near(set(key.split()), other)]
        hit = index.find(key)
        assert hit is None or near, "a hit that the exact comparison does not confirm"
        missed += bool(near) and hit is None
        found += bool(near) and hit is not None
        keys.append(key)
        index.add(key, key)
    assert found > 300 and missed <= found * 0.01
