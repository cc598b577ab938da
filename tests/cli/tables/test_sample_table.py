from __future__ import annotations

from dataclasses import replace

from src.cli.tables.sample_table import beside, difference_lines, head_of, plain
from src.persistence.edits.records import ChangedSample
from src.records import Message
from tests.dataset.example_samples import make_example


def test_text_of_a_document_cannot_steer_the_terminal() -> None:
    assert plain("a\x1b[2Jb\tc\nd\u202e") == "a\\x1b[2Jb c\nd\\u202e"


def test_two_columns_stand_beside_each_other() -> None:
    assert beside(["one", "three"], ["two"], 6) == ["one    | two", "three  |"]


def test_a_long_question_is_cut_to_one_line() -> None:
    sample = replace(make_example(1), messages=(Message("user", "why " * 40), Message("assistant", "So.")))
    assert len(head_of(sample)) == 60 and head_of(sample).endswith("...") and "\n" not in head_of(sample)


def test_only_what_differs_is_told() -> None:
    one = make_example(1, keywords=("pump",), split="train")
    other = replace(one, messages=(*one.messages[:2], Message("assistant", "No.")), split="test")
    assert difference_lines(ChangedSample(1, one, other)) == [
        "- assistant: Answer 1.", "+ assistant: No.", "split: train -> test",
    ]  # fmt: skip
    assert difference_lines(ChangedSample(1, one, None)) == ["it was deleted"]
    keyed = replace(one, topic_keywords=("valve",))
    assert difference_lines(ChangedSample(1, one, keyed)) == ["- keywords: pump", "+ keywords: valve"]
