from __future__ import annotations

import pytest

from src.analysis.complexity import complexity_of

EASY = "The cat sat on the mat. It was wet. The dog ran to the cat. They are good friends now."
HARD = (
    "Notwithstanding the aforementioned contractual obligations, the administrating authorities retain discretionary "
    "responsibility for implementing supplementary regulations concerning environmental sustainability requirements."
)


def test_short_sentences_of_short_words_are_low_and_long_ones_high() -> None:
    assert complexity_of([EASY]).level == "low"
    assert complexity_of([HARD]).level == "high"


def test_lix_is_words_a_sentence_plus_the_percentage_of_long_words() -> None:
    # 10 words in 2 sentences, 2 of them longer than six letters: 5 + 20.
    assert complexity_of(["I wonder whether it may rain. We are waiting now."]).lix == 25.0


@pytest.mark.parametrize(
    "easy, hard",
    [
        (
            "Die Katze liegt im Bett. Sie ist müde. Der Hund ist auch da.",
            "Unbeschadet der vorstehenden vertraglichen Verpflichtungen behalten sich die zuständigen "
            "Verwaltungsbehörden entsprechende Durchführungsbestimmungen ausdrücklich vor.",
        ),
        (
            "Кот спит дома. Он очень рад. Мы тоже тут.",
            "Вышеупомянутые договорные обязательства предусматривают дополнительную ответственность "
            "административных учреждений относительно обеспечения экологической безопасности.",
        ),
        (
            "猫が寝る。犬も寝る。今日は雨。",
            "前述の契約上の義務にかかわらず行政当局は環境の持続可能性に関する要件について補足的な規則を実施するための裁量的な責任を"
            "保持しその履行状況を定期的に監督官庁へ報告しなければならないものと定められており違反した場合には罰則が適用される",
        ),
        ("यह घर है। वह बैठा है।", "कार्यान्वयन " * 30),
        ("الولد هنا. البيت كبير.", "المسؤوليات والاستراتيجيات " * 20),
    ],
)
def test_other_languages_are_told_apart_too(easy: str, hard: str) -> None:
    assert complexity_of([easy]).level == "low"
    assert complexity_of([hard]).lix > complexity_of([easy]).lix
    assert complexity_of([hard]).level != "low"


def test_a_handful_of_words_is_not_hard_for_one_long_word() -> None:
    assert complexity_of(["Question?", "Yes."]).level == "low"


def test_a_long_conversation_is_a_level_harder() -> None:
    assert complexity_of([EASY] * 6).level == "low"
    assert complexity_of([EASY] * 7).level == "medium"
    assert complexity_of([HARD] * 7).level == "high"


def test_diversity_is_the_share_of_different_words() -> None:
    assert complexity_of(["one two one Two"]).diversity == 0.5
    assert complexity_of([EASY]).turns == 1


@pytest.mark.parametrize("text", ["", "12 34 56", "?!", "| 1 | 2 |", "\x00", "🙂🙂"])
def test_texts_without_words_are_low(text: str) -> None:
    found = complexity_of([text])
    assert (found.lix, found.level, found.diversity) == (0.0, "low", 0.0)


def test_lists_and_code_are_no_endless_sentence() -> None:
    assert complexity_of(["Take:\n" + "- one red cup\n" * 40]).level == "low"
