"""Find numbered questions with the answer below: "1. How long does it take?" and then text, or "Q1." without "A1."."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from src.agents.recognisers.conversation import Conversation, Utterance, conversation_of
from src.agents.recognisers.labelled.layout import Layout
from src.agents.recognisers.labelled.runs import Habits, Mark, last_turn_end
from src.agents.recognisers.questions.question_lines import is_contents, is_question
from src.agents.recognisers.roles import Roles
from src.records import Span

NAME = "numbered questions"
_NUMBER = re.compile(
    r"\n(?P<lead>[ \t]{0,8}(?:>[ \t]?)?(?:#{1,6}[ \t]+)?(?:[-*•][ \t]+)?)(?P<open>\*\*|__|\*)?"
    r"(?:(?P<letter>Q(?:uestion)?|F(?:rage)?|P(?:regunta)?)[ .#]{0,2}(?P<named>\d{0,3})[.:)]"
    r"|\(?(?P<number>\d{1,3})(?:\.(?P<sub>\d{1,3}))?[.)]|(?P<round>[①-⑳]))"
    r"(?P<close>\*\*|__)?[ \t]+(?=\S)"
)  # fmt: skip
# Every line that may begin with a number, found faster than by _NUMBER.
_MAY_BE_NUMBER = re.compile(r"\n[ \t>#*•_-]*[QFP(\d①-⑳][uestionrag\d .#]{0,12}[.:)*_ \t]")
_OPTION = re.compile(
    r"\n[ \t]{0,8}(?:[-*•][ \t]+)?(?:\(?(?P<letter>[A-Za-z])[.)]|[☐□○◯]|\[[ xX]?\]|\([ xX]?\))[ \t]+(?=\S)"
)
_BLANKS = re.compile(r"[_.…]{4,}")
_LONGEST_QUESTION = 600
_QUESTION_LINES = 4


@dataclass(slots=True)
class _Item:
    """A numbered line; `asked` is where its question ends, None when it is none."""

    start: int
    text: int
    number: int
    indent: int
    opening: str
    asked: int | None
    blank_before: int


def find_numbered_questions(layout: Layout, roles: Roles) -> Iterator[Conversation]:
    """Question and answer pairs of a numbered list in which at least two neighbours are answered questions.

    A list of multiple-choice options (A), B), ...) or of lines to fill in has no answer and is left alone.
    """
    if not layout.asks("?？") or len(layout.question_ends) < 2:
        return
    starts = (match.start() for match in _MAY_BE_NUMBER.finditer(layout.scan))
    matches = [match for start in starts if (match := _NUMBER.match(layout.scan, start)) is not None]
    if len(matches) < 2:
        return
    items = [item for match in matches if (item := _item(layout, match)) is not None]
    for chain, limit in _chains(layout, items):
        if sum(item.asked is not None for item in chain) < 2:
            continue
        found = list(_pairs(layout, chain, limit))
        if sum(one is not None for one in found) >= 2:
            yield from (one for one in found if one is not None)


def _item(layout: Layout, match: re.Match[str]) -> _Item | None:
    start = match.start()
    if not layout.is_free(match.end() - 1):
        return None
    digits = match["number"] or match["named"] or ""
    number = int(match["sub"] or digits or 0) if not match["round"] else ord(match["round"]) - ord("①") + 1
    opening = (match["open"] or "") if not match["close"] else ""
    text = match.end() - 1
    indent = len(match["lead"].expandtabs(4)) - len(match["lead"].lstrip())
    return _Item(
        start, text, number, indent, opening, _question_end(layout.text, text), layout.blank_lines_before(start)
    )


def _question_end(text: str, start: int) -> int | None:
    """Where the question ends: at a question mark at a line's end, some lines below at most."""
    position = start
    for _ in range(_QUESTION_LINES):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        line = text[position:end]
        if not line.strip() or end - start > _LONGEST_QUESTION:
            return None
        if is_question(line):
            return end
        position = end + 1
    return None


def _chains(layout: Layout, items: Sequence[_Item]) -> Iterator[tuple[list[_Item], int]]:
    """Questions whose numbers count up, with the numbered line that ends each chain's last answer, and its limit.

    Other numbered lines between two questions are a list inside an answer.
    """
    chain: list[_Item] = []
    inner = 0
    for item in items:
        if not chain:
            if item.asked is not None:
                chain, inner = [item], 0
            continue
        expected = item.number == chain[-1].number + 1 or (item.number == 0 == chain[-1].number)
        if item.asked is not None and expected and item.indent <= chain[0].indent + 3:
            chain.append(item)
            inner = 0
        elif item.asked is None and item.number == inner + 1 and (inner or not expected):
            inner = item.number
        elif item.asked is None and expected and item.indent <= chain[0].indent + 1:
            yield [*chain, item], len(layout.text)
            chain, inner = [], 0
        elif item.asked is not None and item.number <= 1:
            yield chain, item.start
            chain, inner = [item], 0
    if chain:
        yield chain, len(layout.text)


def _pairs(layout: Layout, chain: Sequence[_Item], limit: int) -> Iterator[Conversation | None]:
    """A conversation for each question of a chain, None where it has no answer; the last answer ends at the limit."""
    # Without evidence the last answer ends with its paragraph: the list is over.
    habits = Habits(tight=all(item.blank_before == 0 for item in chain[1:]), strict=True)
    for place, item in enumerate(chain):
        if item.asked is None:
            continue
        following = chain[place + 1].start if place + 1 < len(chain) else limit
        answer_start = _after_blank(layout.text, item.asked, following)
        first = Mark(item.start, answer_start, answer_start, "", "", "assistant")
        end = _answer_end(layout, first, item, following, is_last=place + 1 == len(chain), habits=habits)
        yield _pair(layout, item, answer_start, end)


def _after_blank(text: str, start: int, limit: int) -> int:
    while start < limit and text[start].isspace():
        start += 1
    return start


def _answer_end(layout: Layout, mark: Mark, item: _Item, following: int, is_last: bool, habits: Habits) -> int:
    """Where an answer ends: at the next number, at a heading, or with its paragraph."""
    text = layout.text
    blank = text.find("\n\n", mark.text, following)
    body = following if blank < 0 else blank
    breaks = layout.between(item.asked or item.start, following)
    limit = next((one.start for one in breaks if one.start >= mark.text), following)
    if any(one.start <= mark.text < one.end for one in breaks):
        return mark.text  # a heading stands where the answer should
    if not is_last and limit == following:
        habits.several += blank >= 0 and bool(text[blank:following].strip())
        return limit
    return last_turn_end(layout, mark, min(body, limit), limit, habits)


def _pair(layout: Layout, item: _Item, start: int, end: int) -> Conversation | None:
    assert item.asked is not None
    said = layout.text[start:end]
    options = [match["letter"] for match in _OPTION.finditer("\n" + said)]
    if not any(map(str.isalnum, _BLANKS.sub("", said))):
        return None
    if _starts_with_option(said) and options not in (["A"], ["a"]):
        return None  # choices to tick
    if is_contents(said):
        return None
    match = _OPTION.match("\n" + said)
    if match and len(options) == 1 and options[0] in ("A", "a"):
        start += match.end() - 1
    question = _without_emphasis(layout, item)
    answer = layout.pieces(start, end)
    if not answer or not question:
        return None
    return conversation_of([Utterance("question", "user", question), Utterance("answer", "assistant", answer)], NAME)


def _starts_with_option(said: str) -> bool:
    return _OPTION.match("\n" + said) is not None


def _without_emphasis(layout: Layout, item: _Item) -> tuple[Span, ...]:
    assert item.asked is not None
    end = len(layout.text[: item.asked].rstrip()) if layout.text[item.asked - 1].isspace() else item.asked
    while end > item.text and layout.text[end - 1] in "*_" and item.opening:
        end -= 1
    return layout.pieces(item.text, end)
