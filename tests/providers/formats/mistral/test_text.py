from __future__ import annotations

import pytest

from src.providers.formats.mistral.text import MistralText
from src.providers.formats.training_example import TrainingExample, Turn
from tests.providers.formats.chat.examples import faults, rules_of

FORM = MistralText()


def test_both_names_of_the_text_are_read_and_one_is_written() -> None:
    for row in ({"text": "A book."}, {"content": "A book."}):
        assert list(FORM.check(row)) == []
        assert FORM.build(FORM.read(row)) == {"text": "A book."}


@pytest.mark.parametrize(
    ("row", "path", "rule"),
    [
        ("A book.", "", "not_an_object"),
        ({"book": "x"}, "text", "text_missing"),
        ({"text": "a", "content": "b"}, "content", "text_twice"),
        ({"text": None}, "text", "text_not_string"),
        ({"content": ["a"]}, "content", "text_not_string"),
        ({"text": " \n"}, "text", "text_empty"),
    ],
)
def test_each_broken_rule_is_named_with_its_place(row: object, path: str, rule: str) -> None:
    assert (path, rule) in faults(FORM, row)


def test_other_keys_are_warned_of_since_they_are_not_read() -> None:
    assert faults(FORM, {"text": "a", "url": "b"}) == set()
    assert faults(FORM, {"text": "a", "url": "b"}, "warning") == {("url", "unknown_key")}


def test_a_conversation_is_no_raw_text() -> None:
    fitted = FORM.fit(TrainingExample((Turn("user", "Hi"), Turn("assistant", "Hello"))))
    assert fitted.example is None and rules_of(fitted) == {"kind_not_expressible"}
