from __future__ import annotations

from itertools import pairwise

from src.analysis.words import number_words, words_of


def test_words_have_no_case_and_no_punctuation() -> None:
    assert words_of("The  Red, red BUTTON!") == ["the", "red", "red", "button"]
    assert words_of("STRASSE straße") == ["strasse", "strasse"]


def test_scripts_without_spaces_give_pairs_of_characters() -> None:
    assert words_of("USBを挿す port") == ["usb", "を挿", "挿す", "port"]
    assert words_of("字") == ["字"]


def test_a_text_without_words_is_its_own_word() -> None:
    assert words_of(" ?! ") == ["?!"]
    assert words_of("") == [""]


def test_numbered_words_are_the_words() -> None:
    texts = ["b a b", "", "c a"]
    numbered = number_words(texts)
    spoken = [numbered.vocabulary[number] for number in numbered.words.tolist()]
    bounds = numbered.starts.tolist()
    assert [spoken[a:b] for a, b in pairwise(bounds)] == [words_of(text) for text in texts]
    text, word = numbered.distinct()
    assert list(zip(text.tolist(), word.tolist(), strict=True)) == [(0, 0), (0, 1), (1, 2), (2, 1), (2, 3)]
