from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

from src.analysis.topics.clusters import NO_TOPIC, OTHER, find_topics
from src.analysis.topics.keywords import keywords_for
from src.analysis.topics.term_weights import TermWeights, dataset_keywords

THEMES = {
    "cooking": "oven dough flour butter recipe bake kitchen yeast salt pastry knead crust",
    "astronomy": "telescope planet orbit star galaxy comet nebula eclipse lunar crater cosmic meteor",
    "tax": "income deduction invoice refund taxpayer audit return filing allowance penalty receipt declaration",
    "football": "goalkeeper striker penalty league stadium referee midfielder coach tournament offside pitch trophy",
    "garden": "soil compost tulip pruning seedling harvest greenhouse watering weeds fertiliser hedge bulb",
}
FILLER = [
    "Please",
    "explain",
    "how",
    "this",
    "works",
    "and",
    "tell",
    "me",
    "more",
    "about",
    "it",
    "because",
    "I",
    "would",
    "like",
    "to",
    "know",
    "the",
    "details",
]


def themed_texts(number: int, seed: int = 3) -> list[tuple[str, str]]:
    chance = random.Random(seed)
    texts = []
    for _ in range(number):
        theme = chance.choice(sorted(THEMES))
        words = chance.sample(THEMES[theme].split(), 6) + chance.sample(FILLER, 8)
        # One word of another theme, as real texts have.
        words += chance.sample(THEMES[chance.choice(sorted(THEMES))].split(), 1)
        chance.shuffle(words)
        texts.append((theme, " ".join(words) + "."))
    return texts


def purity(labels: list[int], themes: list[str]) -> float:
    groups: dict[int, Counter[str]] = {}
    for label, theme in zip(labels, themes, strict=True):
        groups.setdefault(label, Counter())[theme] += 1
    return sum(max(found.values()) for found in groups.values()) / len(labels)


def test_texts_of_one_theme_come_together_under_its_words() -> None:
    themed = themed_texts(400)
    found = find_topics(lambda: (text for _, text in themed), wanted=5)
    assert len(found.topics) == 5
    assert purity(found.labels.tolist(), [theme for theme, _ in themed]) >= 0.98
    for topic in found.topics:
        (theme,) = [theme for theme, words in THEMES.items() if set(topic.name.split(", ")) <= set(words.split())]
        (label,) = {int(found.labels[n]) for n, (other, _) in enumerate(themed) if other == theme} - {NO_TOPIC}
        assert found.topics[label] == topic
    assert sum(topic.texts for topic in found.topics) == 400
    assert [topic.texts for topic in found.topics] == sorted((topic.texts for topic in found.topics), reverse=True)


def test_alike_topics_become_one_when_too_many_are_tried() -> None:
    themed = themed_texts(600)
    found = find_topics(lambda: (text for _, text in themed))
    assert 5 <= len(found.topics) <= 12
    assert purity(found.labels.tolist(), [theme for theme, _ in themed]) >= 0.95
    assert len({topic.name for topic in found.topics}) == len(found.topics)


def test_the_same_texts_give_the_same_topics() -> None:
    texts = [text for _, text in themed_texts(120)]
    one, two = find_topics(lambda: texts), find_topics(lambda: texts)
    assert one.topics == two.topics
    assert np.array_equal(one.labels, two.labels)


@pytest.mark.parametrize("texts", [[], ["", "  "], ["und der die das"], ["one text alone about pumps"]])
def test_texts_without_common_words_have_no_topic(texts: list[str]) -> None:
    found = find_topics(lambda: texts)
    assert found.labels.tolist() == [NO_TOPIC] * len(texts)
    assert found.topics == ()


def test_a_text_of_other_words_belongs_to_no_topic() -> None:
    texts = [text for _, text in themed_texts(60)] + ["12345 67890", "zzyzx qwerty"]
    found = find_topics(lambda: texts)
    assert [found.name_of(place) for place in (60, 61)] == [OTHER, OTHER]
    assert found.name_of(0) != OTHER


def test_equal_texts_are_one_topic() -> None:
    found = find_topics(lambda: ["The pump moves water."] * 3 + ["Taxes rise in spring."] * 3, wanted=6)
    assert sorted(topic.texts for topic in found.topics) == [3, 3]


def test_keywords_of_a_stream_are_those_of_a_list() -> None:
    texts = [text for _, text in themed_texts(50)] + ["", "Die Pumpe fördert Wasser und noch mehr Wasser."]
    assert list(dataset_keywords(iter(texts), iter(texts))) == list(keywords_for(texts))


def test_words_beyond_the_limit_are_forgotten_and_the_frequent_ones_kept() -> None:
    def texts() -> Iterator[str]:
        for number in range(3000):
            yield f"common pump word{chr(97 + number % 26)}{chr(97 + number // 26 % 26)}{chr(97 + number // 676)}"

    weights = TermWeights(most_words=200)
    for text in texts():
        weights.learn(text)
    assert len(weights.texts_with) <= 201
    assert (weights.texts_with["pump"], weights.texts) == (3000, 3000)
    assert weights.keywords("pump wordxyz")[0] == "wordxyz"
