"""Questions: defaults, names and numbers, back, end of input."""

from __future__ import annotations

import io

import pytest

from src.cli.display import Screen
from src.cli.prompts import Asker, Back, EndOfInput, Option
from src.cli.split_questions import ask_ratio, ask_strategy, parse_ratio

FRUIT = (Option("a", "apple", "red"), Option("b", "banana", "yellow"))


def asker(*answers: str) -> tuple[Asker, io.StringIO]:
    out = io.StringIO()
    return Asker(Screen(out), io.StringIO("".join(f"{answer}\n" for answer in answers))), out


@pytest.mark.parametrize(("answer", "value"), [("1", "a"), ("2", "b"), ("Banana", "b"), ("", "b")])
def test_a_list_takes_numbers_names_and_enter(answer: str, value: str) -> None:
    ask, out = asker(answer)
    assert ask.choose("Fruit", FRUIT, "b") == value
    assert "  1. apple  - red\n  2. banana - yellow\nChoose [2]: " in out.getvalue()


def test_a_list_without_default_does_not_take_enter() -> None:
    ask, out = asker("", "3", "x", "1")
    assert ask.choose("Fruit", FRUIT) == "a"
    assert out.getvalue().count("Please answer with a number from 1 to 2, or b to go back.") == 3


@pytest.mark.parametrize(("answers", "value"), [(["1,000"], 1000), ([""], 5), (["0", "-3", "1.5", "2001", "7"], 7)])
def test_numbers_stay_within_their_bounds(answers: list[str], value: int) -> None:
    ask, out = asker(*answers)
    assert ask.number("Size", 5, 1, 2000) == value
    assert out.getvalue().count("a whole number from 1 to 2,000") == len(answers) - 1


def test_b_raises_back_and_the_end_raises_end_of_input() -> None:
    with pytest.raises(Back):
        asker("b")[0].yes_no("Sure?")
    with pytest.raises(EndOfInput):
        asker()[0].yes_no("Sure?")


@pytest.mark.parametrize(("answer", "value"), [("y", True), ("No", False), ("", True)])
def test_yes_and_no(answer: str, value: bool) -> None:
    assert asker(answer)[0].yes_no("Sure?") is value


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("80-20", (0.8, 0.2, 0.0)),
        ("80/15/5", (0.8, 0.15, 0.05)),
        ("66.5-33.5", (0.665, 0.335, 0.0)),
        ("70%-30%", (0.7, 0.3, 0.0)),
    ],
)
def test_a_ratio_of_ones_own(text: str, shares: tuple[float, float, float]) -> None:
    assert parse_ratio(text) == shares


@pytest.mark.parametrize("text", ["", "80", "80-30", "0-100", "a-b", "50-25-15-10", "-20-120"])
def test_a_ratio_that_does_not_add_up_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="add up to 100"):
        parse_ratio(text)


def test_the_current_ratio_and_strategy_are_the_defaults() -> None:
    assert ask_ratio(asker("")[0], (0.7, 0.3, 0.0)) == (0.7, 0.3, 0.0)
    assert ask_ratio(asker("", "")[0], (0.85, 0.1, 0.05)) == (0.85, 0.1, 0.05)
    assert ask_strategy(asker("")[0], "weighted", "keywords") == ("weighted", "keywords")


def test_several_are_chosen_by_numbers_and_names_and_an_unknown_one_is_named() -> None:
    more = [Option("q", "quince")]
    ask, out = asker("2, nut", "", "2,QUINCE,2")
    assert ask.choose_several("Fruit", FRUIT, ["a"], more) == ["a"]
    assert "'nut' is none of them" in out.getvalue() and "or by name: quince" in out.getvalue()
    assert ask.choose_several("Fruit", FRUIT, ["a"], more) == ["b", "q"]
