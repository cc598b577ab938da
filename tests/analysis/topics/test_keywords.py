from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.analysis.topics.keywords import keywords_for


def test_words_frequent_here_and_rare_elsewhere_come_first() -> None:
    texts = [
        "The printer needs toner. Replace the toner when the printer warns you.",
        "The printer needs paper. Use recycled paper only.",
        "The printer has a warranty. The warranty covers the fuser.",
    ]
    assert [found[0] for found in keywords_for(texts)] == ["toner", "paper", "warranty"]


def test_one_text_alone_gives_its_most_frequent_words() -> None:
    assert list(keywords_for(["Rent is due monthly. Late rent costs a fee; the fee is fixed, rent is not."], 2)) == [
        ("rent", "fee")
    ]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Die Katze und der Hund sind im Haus, und die Katze schläft.", "katze"),
        ("Le chat est dans la maison avec une souris, et le chat dort.", "chat"),
        ("El contrato de alquiler es para la casa y el contrato termina.", "contrato"),
        ("Il contratto della casa non è ancora firmato, il contratto scade.", "contratto"),
        ("O contrato não foi assinado, mas o contrato está na mesa.", "contrato"),
        ("Договор аренды: договор подписан", "договор"),
        ("किताब और भाषा, किताब", "किताब"),
    ],
)
def test_common_words_of_the_language_are_no_topics(text: str, expected: str) -> None:
    (found,) = keywords_for([text], 1)
    assert found == (expected,)


def test_english_words_that_are_stopwords_elsewhere_stay() -> None:
    assert list(keywords_for(["The sole of the shoe wears out. Glue the sole to the shoe with care."], 2)) == [
        ("sole", "shoe")
    ]


def test_numbers_and_addresses_are_left_out() -> None:
    (found,) = keywords_for(["2024 2024 1,250.50 https://example.com/refund me@example.com invoice 3rd"], 9)
    assert found == ("invoice",)


def test_languages_without_spaces_give_pairs_of_characters() -> None:
    (found,) = keywords_for(["返品は返品窓口へ"], 1)
    assert found == ("返品",)


def test_text_without_words_has_no_keywords() -> None:
    assert list(keywords_for(["", "1 2 3", "the and of"])) == [(), (), ()]


@given(st.lists(st.text(), max_size=8), st.integers(0, 4))
def test_any_text_gives_lower_case_words_without_commas(texts: list[str], limit: int) -> None:
    found = list(keywords_for(texts, limit))
    assert len(found) == len(texts)
    assert found == list(keywords_for(texts, limit))
    for words in found:
        assert len(words) == len(set(words)) <= limit
        assert all(word and "," not in word and not word.isspace() for word in words)
