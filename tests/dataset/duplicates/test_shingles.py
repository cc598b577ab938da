"""Hashed words are the words of analysis/words.py, and shingles are three of them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from src.analysis.similarity import decides
from src.analysis.words import words_of
from src.dataset.duplicates.near.shingles import hash_words, shingle_texts
from tests.dataset.duplicates.planted import shingles

TEXTS = st.lists(
    st.text()
    | st.text("ab c_1-.\n", max_size=40)
    | st.text("日本語ポン プ12、。", max_size=20)
    | st.text("ﬁﬀßİ½Ａ é\u0301"),
    max_size=12,
)


@settings(deadline=None)
@given(TEXTS)
def test_words_are_those_of_words_of(texts: list[str]) -> None:
    hashed = hash_words(texts)
    number_of: dict[str, int] = {}
    for place, text in enumerate(texts):
        codes = hashed.codes[hashed.starts[place] : hashed.starts[place + 1]].tolist()
        words = words_of(text) if shingles(text) else []
        assert len(codes) == len(words)
        for word, code in zip(words, codes, strict=True):
            assert number_of.setdefault(word, code) == code
    assert len(set(number_of.values())) == len(number_of)


@settings(deadline=None)
@given(TEXTS)
def test_a_text_has_as_many_shingles_as_different_runs_of_three_words(texts: list[str]) -> None:
    made = shingle_texts(texts)
    assert made.counts.tolist() == [len(shingles(text)) for text in texts]
    assert len(made.values) == made.counts.sum()


def test_words_of_any_length_are_told_apart() -> None:
    words = ["a" * length for length in range(1, 200)] + ["a" * length + "b" for length in range(1, 200)]
    assert len(set(hash_words([" ".join(words)]).codes.tolist())) == len(words)


def test_numbers_and_negations_are_those_of_the_other_comparison() -> None:
    text = "the 12 a1b not never can cannot without no t don't x2 twelve _9"
    hashed = hash_words([text])
    known = words_of(text)
    assert [known[place] for place in hashed.decisive.tolist()] == [word for word in known if decides(word)]


def test_texts_with_the_same_numbers_have_the_same_code() -> None:
    codes = shingle_texts(
        ["order 12 of 7", "7 orders, 12 parcels", "order 12 of 8", "order", "no order"]
    ).numbers.tolist()
    assert codes[0] == codes[1]
    assert len(set(codes)) == 4
