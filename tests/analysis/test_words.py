from __future__ import annotations

from src.analysis.words import words_of


def test_words_have_no_case_and_no_punctuation() -> None:
    assert words_of("The  Red, red BUTTON!") == ["the", "red", "red", "button"]
    assert words_of("STRASSE straße") == ["strasse", "strasse"]


def test_scripts_without_spaces_give_pairs_of_characters() -> None:
    assert words_of("USBを挿す port") == ["usb", "を挿", "挿す", "port"]
    assert words_of("字") == ["字"]


def test_a_text_without_words_is_its_own_word() -> None:
    assert words_of(" ?! ") == ["?!"]
    assert words_of("") == [""]
