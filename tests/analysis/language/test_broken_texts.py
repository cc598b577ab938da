"""Broken characters, cut ends and leftovers are found; what only looks like them is not."""

from __future__ import annotations

import pytest

from src.analysis.language.encoding_faults import find_encoding_faults
from src.analysis.language.prompt_echo import PromptEcho
from src.analysis.language.truncation import find_cut_off


@pytest.mark.parametrize(
    ("text", "kind", "piece"),
    [
        ("the cafÃ© is open", "mojibake", "Ã©"),
        ("it isnâ€™t far", "mojibake", "â€™"),
        ("10 Â°C", "mojibake", "Â°"),
        ("Ð¿ is broken Cyrillic", "mojibake", "Ð¿"),
        ("lost \ufffd\ufffd letters", "replacement character", "\ufffd\ufffd"),
        ("a bell \x07 rings", "control character", "\x07"),
        ("zero\u200bwidth", "unseen character", "\u200b"),
        ("soft\u00adhyphen", "unseen character", "\u00ad"),
        ("an icon \ue123 here", "private use", "\ue123"),
    ],
)
def test_broken_characters_are_found_where_they_are(text: str, kind: str, piece: str) -> None:
    (found,) = find_encoding_faults(text)
    assert (found.kind, text[found.start : found.end]) == (kind, piece)


@pytest.mark.parametrize(
    "text",
    [
        "plain text\nwith\ttabs\r\n",
        "café – “naïve” 10 °C Ærø Ângela não NÃO À «bien» Ü",
        "“IRMÔ e “CAFÉ»",
        "نمی‌خواهم",
        "👩‍👩‍👧 ❤️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "هذا نص \u200fبالعربية",
        "Ôtez-vous de là, dit-il. Ûber",
        "每周检查一次水位",
    ],
)
def test_sound_characters_are_no_fault(text: str) -> None:
    assert find_encoding_faults(text) == []


def test_a_text_full_of_faults_lists_the_first_of_a_kind() -> None:
    assert len(find_encoding_faults("a\x00" * 1000)) == 20


@pytest.mark.parametrize(
    "answer",
    [
        "The filter is rinsed under running water and then dried with a",
        "First comes the base coat. After it has dried for a day, the second coat is put on with a soft roller, and "
        "all of the windows stay open for as long as the smell",
        "Here is the code:\n```python\nprint(1)",
        "The list of parts you will need for the shelf contains boards, screws, brackets,",
    ],
)
def test_answers_that_stop_too_early_are_found(answer: str) -> None:
    assert find_cut_off(answer) is not None


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "Paris",
        "about 35 kilometres",
        "The filter is rinsed with water.",
        "He said: “It is done.”",
        "Use these:\n- hammer\n- nails\n- a long board of pine",
        "See https://example.org/a/very/long/path for all the details of the matter that you asked about",
        "```\nx = 1\n```",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "水位每周检查一次。",
    ],
)
def test_answers_that_end_are_left_alone(answer: str) -> None:
    assert find_cut_off(answer) is None


def test_eight_words_of_a_prompt_are_an_echo() -> None:
    echo = PromptEcho(["Write one question and its answer from the passage that stands below."])
    text = "It says: write one question, and its answer from the passage. So be it."
    found = echo.find(text)
    assert found is not None
    assert found.kind == "prompt"
    assert text[found.start : found.end] == "write one question, and its answer from the"
    assert echo.find("Write one question and its solution from the passage.") is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Done.<|im_end|>", "template mark"),
        ("[INST] do it [/INST]", "template mark"),
        ("### Response:\nDone.", "template mark"),
        ("Dear [your name], hello", "blank"),
        ("Dear {{name}}, hello", "blank"),
        ("Lorem ipsum dolor", "blank"),
    ],
)
def test_marks_and_blanks_are_leftovers(text: str, kind: str) -> None:
    found = PromptEcho().find(text)
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize("text", ["a < b and [1, 2]", "### Instructions for use\nOpen it.", "f{x}", "Insert the key."])
def test_ordinary_brackets_are_no_leftovers(text: str) -> None:
    assert PromptEcho().find(text) is None
