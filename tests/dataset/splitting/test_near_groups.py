"""Groups of near-duplicates are those of the plain rule, compared pair by pair."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from src.analysis.similarity import is_near
from src.analysis.words import words_of
from src.dataset.splitting.first_words import DEFAULT_LIMITS, Limits
from src.dataset.splitting.near_groups import near_groups

WORDS = [*(f"w{chr(97 + number)}" for number in range(14)), "not", "17", "18"]


# So little that everything lies in files and is done in many parts.
LITTLE = Limits(held=40, met=30, compared=8, few=2, unsketched=0)


def make_texts(chance: random.Random, count: int, words: list[str], longest: int = 24) -> list[str]:
    texts: list[str] = []
    for _ in range(count):
        if texts and chance.random() < 0.4:
            copy = chance.choice(texts).split()
            for _ in range(chance.randrange(4)):
                copy[chance.randrange(len(copy))] = chance.choice(words)
            texts.append(" ".join(copy))
        else:
            texts.append(" ".join(chance.choices(words, k=chance.randint(1, longest))))
    return texts


def pair_by_pair(texts: list[str]) -> list[int]:
    group = list(range(len(texts)))
    keys = [" ".join(words_of(text)) for text in texts]
    for one in range(len(texts)):
        for other in range(one):
            if is_near(set(keys[one].split()), keys[other]) and group[one] != group[other]:
                old, new = group[one], group[other]
                group = [new if number == old else number for number in group]
    return group


def renumbered(groups: list[int]) -> list[int]:
    numbers: dict[int, int] = {}
    return [numbers.setdefault(group, len(numbers)) for group in groups]


@given(st.randoms(use_true_random=False), st.integers(0, 70), st.integers(3, len(WORDS)))
def test_groups_are_those_of_comparing_all_pairs(chance: random.Random, count: int, known: int) -> None:
    texts = make_texts(chance, count, WORDS[-known:])
    expected = renumbered(pair_by_pair(texts))
    assert renumbered(near_groups(texts).tolist()) == expected
    assert renumbered(near_groups(iter(texts), LITTLE).tolist()) == expected


def test_words_that_very_many_texts_share_are_no_obstacle() -> None:
    chance = random.Random(3)
    for words, longest in ((8, 8), (14, 10)):
        texts = make_texts(chance, 300, WORDS[:words], longest)
        for limits in (DEFAULT_LIMITS, LITTLE):
            assert renumbered(near_groups(texts, limits).tolist()) == renumbered(pair_by_pair(texts))


def test_case_punctuation_and_ways_of_writing_do_not_matter() -> None:
    groups = near_groups(["Press the RED button!", "press the red button", "Ｐress the red  button…", "Press it."])
    assert renumbered(groups.tolist()) == [0, 0, 0, 1]


def test_another_number_is_another_text() -> None:
    family = [f"What does part number {number} of the large machine in the hall cost?" for number in range(50)]
    assert len(set(near_groups(family).tolist())) == 50


def test_numbers_in_other_scripts_are_numbers() -> None:
    family = [f"ما هو سعر القطعة رقم {number} من الآلة الكبيرة" for number in ("٣", "٤", "3", "4")]
    assert renumbered(near_groups(family).tolist()) == [0, 1, 0, 1]


def test_texts_in_scripts_without_spaces_are_compared_by_pairs_of_characters() -> None:
    first = "打印机卡纸时请先关闭电源然后打开后盖取出纸张"
    groups = near_groups([first, first.replace("请先", "请"), "今天的天气非常好我们去公园散步吧"])
    assert renumbered(groups.tolist()) == [0, 0, 1]


def test_texts_without_words_are_the_same_only_when_equal() -> None:
    assert renumbered(near_groups(["?!", "...", " ?! ", ""]).tolist()) == [0, 1, 0, 2]


def test_long_texts_are_compared_too() -> None:
    chance = random.Random(4)
    vocabulary = [f"word{chr(97 + a)}{chr(97 + b)}{chr(97 + c)}" for a in range(9) for b in range(9) for c in range(9)]
    texts = [" ".join(chance.sample(vocabulary, 400)) for _ in range(12)]
    near = " ".join([*texts[0].split()[30:], *chance.sample(vocabulary, 30)])
    assert renumbered(near_groups([*texts, near]).tolist()) == [*range(12), 0]
