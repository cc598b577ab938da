"""Refusals and stock phrases are found; answers that only sound like them are not."""

from __future__ import annotations

import pytest

from src.analysis.language.refusals import find_boilerplate, find_refusal


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I can't assist with that.",
        "I’m sorry, but I can’t help you with this request.",
        "I cannot provide instructions on how to do that.",
        "As an AI language model, I cannot give medical advice.",
        "I am not able to answer this question.",
        "It is not appropriate or ethical to make such claims.",
        "I do not have access to personal information.",
        "I must decline to answer.",
        "Es tut mir leid, aber dabei kann ich nicht helfen.",
        "Lo siento, pero no puedo ayudarte con eso.",
        "Désolé, je ne peux pas répondre à cette question.",
    ],
)
def test_refusals_are_found(answer: str) -> None:
    found = find_refusal(answer)
    assert found is not None
    assert found.kind == "refusal"
    assert 0 <= found.start < found.end <= len(answer)


@pytest.mark.parametrize("answer", ["The passage does not say when it was built.", "I do not have enough information."])
def test_not_knowing_is_told_apart_from_refusing(answer: str) -> None:
    found = find_refusal(answer)
    assert found is not None
    assert found.kind == "not known"


@pytest.mark.parametrize(
    "answer",
    [
        "The valve cannot be opened while the pump is running.",
        "We are sorry about the lavender; broken stems are replaced free of charge.",
        "No, the installed driver is kept unless a major version removes it.",
        "It is not recommended to use bleach on wood.",
        "Sorry to hear that! Please restart the router and wait five minutes.",
        "Guests cannot provide their own bedding.",
        "There is no reason to repaint the fence every year.",
        "It is illegal to park in front of a hydrant.",
        "",
    ],
)
def test_plain_answers_are_no_refusals(answer: str) -> None:
    assert find_refusal(answer) is None


def test_a_refusal_deep_in_an_answer_is_not_looked_for() -> None:
    assert find_refusal("The door is opened with the blue key. " * 10 + "I cannot help with that.") is None


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        ("As an AI language model, I see it so.", "As an AI"),
        ("Turn it left. I hope this helps!", "I hope this helps"),
        ("Based on the provided text, it opens at nine.", "Based on the provided text"),
        ("It opens at nine. " * 40 + "Let me know if you have any questions.", "Let me know if you have any"),
    ],
)
def test_stock_phrases_are_found_at_both_ends(answer: str, phrase: str) -> None:
    found = find_boilerplate(answer)
    assert found is not None
    assert answer[found.start : found.end] == phrase


@pytest.mark.parametrize(
    "answer",
    ["It was trained by a coach from Google Street.", "Let the dough rest, I hope you like it.", "Sure thing."],
)
def test_plain_answers_hold_no_stock_phrase(answer: str) -> None:
    assert find_boilerplate(answer) is None
