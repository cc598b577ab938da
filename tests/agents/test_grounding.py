"""The gate lets grounded exchanges through and names why others are refused."""

from __future__ import annotations

import pytest

from src.agents.grounding import find_quote, rejection, small_model_rejection

PASSAGE = "The pump runs for 12 hours. Close the valve before you\nopen the lid; it’s under 3.5 bar."


def test_a_grounded_exchange_passes() -> None:
    question, answer = "How long does the pump run?", "The pump runs for 12 hours."
    assert rejection(question, answer, PASSAGE) == ""
    assert small_model_rejection(question, answer, "The pump runs for 12 hours.") == ""


@pytest.mark.parametrize(
    ("question", "answer", "reason"),
    [
        ("Tell me about the pump.", "It runs for 12 hours.", "question without question mark"),
        ("What does the passage say?", "The pump runs.", "question speaks of the passage"),
        ("Does the pump run?", "Yes.", "answer is no statement"),
        ("Does the pump run?", "Who closes the valve?", "answer is no statement"),
        ("How long does the pump run?", "The pump runs for 14 hours.", "number not in the passage"),
    ],
)
def test_the_reason_for_a_refusal(question: str, answer: str, reason: str) -> None:
    assert rejection(question, answer, PASSAGE) == reason


@pytest.mark.parametrize(
    ("question", "answer", "reason"),
    [
        ("Why something is so?", "The pump runs.", "question is not about the passage"),
        ("Does the pump run?", "The pump does run.", "answer repeats the question"),
        ("Which pressure has the pump?", "The pump is under 3.5 bar.", "number not in the quote"),
        ("How does the pump work?", "Bananas grow quickly under tropical sunshine.", "answer says more than the quote"),
        ("How long does the pump run?", "It does because machines work.", "answer says more than the quote"),
    ],
)
def test_what_a_small_model_writes_must_stand_in_its_quote(question: str, answer: str, reason: str) -> None:
    assert small_model_rejection(question, answer, "The pump runs for 12 hours.") == reason


@pytest.mark.parametrize(
    ("quote", "stands_as"),
    [
        ("The pump runs for 12 hours.", "The pump runs for 12 hours"),
        ('"close the valve before you open the lid"', "Close the valve before you\nopen the lid"),
        ("it's under 3.5 bar", "it’s under 3.5 bar"),
    ],
)
def test_a_quote_is_found_whatever_its_white_space_and_marks(quote: str, stands_as: str) -> None:
    span = find_quote(quote, PASSAGE)
    assert span is not None
    assert PASSAGE[span.start : span.end] == stands_as


@pytest.mark.parametrize("quote", ["The pump runs for 14 hours.", "", "  ", "The", "(a+)+$"])
def test_a_quote_that_does_not_stand_there_is_not_found(quote: str) -> None:
    assert find_quote(quote, PASSAGE) is None
