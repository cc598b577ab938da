from __future__ import annotations

import random
import re
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from src.analysis.hashing import stirred
from src.analysis.words import words_of
from src.dataset.statistics.results import NotComputed, Vocabulary
from src.dataset.statistics.words.numbered import number_words
from src.dataset.statistics.words.sketches import DistinctCount, FrequentWords
from src.dataset.statistics.words.vocabulary import WINDOW, VocabularyTally


def tallied(texts: list[str]) -> Vocabulary:
    tally = VocabularyTally()
    for text in texts:
        tally.add(text)
    found = tally.vocabulary()
    assert isinstance(found, Vocabulary)
    return found


@given(st.lists(st.text("ab cÄß_9.", max_size=30), max_size=20))
def test_different_words_pairs_and_triples_are_those_of_the_texts(texts: list[str]) -> None:
    words = [[word for word in words_of(text) if any(c.isalnum() or c == "_" for c in word)] for text in texts]
    tally = VocabularyTally()
    for text in texts:
        tally.add(text)
    found = tally.vocabulary()
    if not any(words):
        assert isinstance(found, NotComputed)
        return
    assert isinstance(found, Vocabulary)
    for size, share in ((1, found.distinct_1), (2, found.distinct_2), (3, found.distinct_3)):
        runs = [tuple(text[at : at + size]) for text in words for at in range(len(text) - size + 1)]
        assert share == round(len(set(runs)) / max(1, len(runs)), 6)
    assert (found.words, found.error) == (sum(map(len, words)), 0)


_LONG = "long" * 9  # words of several times eight bytes, some alike in their first ones
_TEXTS = st.lists(
    st.one_of(
        st.text(st.characters(codec="ascii"), max_size=60),
        st.text("中文กข ÄßéA1_\u0301", max_size=20),
        st.lists(st.sampled_from([_LONG, _LONG[:-1], _LONG[1:], _LONG * 3, _LONG * 3 + "x", "a"])).map(" ".join),
        st.sampled_from(["\ud800 half", "!?", ""]),
    ),
    max_size=8,
)


@given(_TEXTS)
def test_words_of_all_texts_at_once_are_those_of_each(texts: list[str]) -> None:
    expected = [[word for word in words_of(text) if re.search(r"\w", word)] for text in texts]
    found = number_words(texts)
    assert found.in_text.tolist() == list(map(len, expected))
    flat = [word for words in expected for word in words]
    assert [found.word(place) for place in range(len(flat))] == flat
    assert len(set(found.hashes.tolist())) == len(set(flat))
    places, counts = found.different()
    assert {flat[place]: count for place, count in zip(places.tolist(), counts.tolist(), strict=True)} == Counter(flat)
    assert all(flat.index(flat[place]) == place for place in places.tolist())


def test_windows_go_on_from_text_to_text() -> None:
    rng = random.Random(1)
    windows = 150  # more than is counted at once
    words = [f"w{rng.randrange(4 * (1 + at // 100))}" for at in range(windows * WINDOW + 70)]
    texts = [" ".join(words[at : at + 37]) for at in range(0, len(words), 37)]
    different = sum(len(set(words[at : at + WINDOW])) for at in range(0, windows * WINDOW, WINDOW))
    expected = different / (windows * WINDOW)
    assert tallied(texts).type_token_ratio == round(expected, 4)
    assert tallied(texts[:5]).type_token_ratio is None


def test_the_order_of_words_makes_pairs_different() -> None:
    found = tallied(["tea milk tea milk"])
    assert (found.distinct_2, found.distinct_3) == (round(2 / 3, 6), 1)


def test_much_text_counts_as_little_text_does() -> None:
    texts = [f"alpha beta{n % 7} gamma delta" for n in range(40_000)]  # more than is counted at once
    found = tallied(texts)
    assert (found.words, found.distinct_words) == (160_000, 10)
    assert found.distinct_2 == round(15 / 120_000, 6)


def test_top_words_leave_out_the_common_words_of_the_languages_spoken() -> None:
    english = ["the invoice is for the customer and the invoice was sent to the customer"] * 20
    german = ["die Rechnung ist für den Kunden und die Rechnung wurde dem Kunden gesendet"] * 20
    words = [word for word, _ in tallied(english + german).top_words]
    assert words[:4] == ["customer", "invoice", "kunden", "rechnung"]
    assert not {"the", "die", "und", "den", "42"} & set(words)
    only_english = [word for word, _ in tallied(["the die was cast and the die broke"] * 20).top_words]
    assert "die" in only_english


@given(st.integers(0, 3_000), st.integers(1, 3))
def test_few_different_hashes_are_counted_exactly(different: int, times: int) -> None:
    count = DistinctCount(4096)
    for _ in range(times):
        count.add(stirred(np.arange(different, dtype=np.uint64)))
    assert (count.count(), count.is_exact, count.error) == (different, True, 0)


def test_many_different_hashes_are_counted_within_the_error_named() -> None:
    count = DistinctCount(4096)
    for start in range(0, 600_000, 50_000):
        hashes = stirred(np.arange(start, start + 50_000, dtype=np.uint64))
        count.add(hashes)
        count.add(hashes[::3])
    assert not count.is_exact and count.error == 0.0156
    assert abs(count.count() / 600_000 - 1) < 4 * count.error


def test_frequent_words_are_counted_within_the_bound_named() -> None:
    rng = random.Random(2)
    truth: Counter[str] = Counter()
    words = FrequentWords(kept=50)
    for _ in range(200):
        batch = Counter(f"w{int(rng.paretovariate(0.6))}" for _ in range(300))
        truth += batch
        ordered = list(batch)
        words.add([hash(word) for word in ordered], [batch[word] for word in ordered], ordered.__getitem__)
    counts = words.by_word()
    assert len(counts) <= 100 and words.short_by > 0
    assert words.short_by <= truth.total() / 50
    for word, count in truth.most_common(200):
        assert count - words.short_by <= counts[word] <= count
