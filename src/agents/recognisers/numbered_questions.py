"""Find numbered questions with the answer below: "1. How long does it take?" and then text, or "A) text"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from src.agents.recognisers.conversation import Conversation, Line, Turn, lines_of, trimmed
from src.agents.recognisers.roles import Roles
from src.records import Document, Span

NAME = "numbered questions"
_NUMBER = re.compile(r"[ \t]{0,8}(?:#{1,6}[ \t]|\*\*)?(?P<number>\d{1,3})[.)][ \t]+(?=\S)")
_OPTION = re.compile(r"[ \t]{0,8}(?P<letter>[A-Za-z])\)[ \t]+(?=\S)")
_LONGEST_QUESTION = 3  # lines


def find_numbered_questions(document: Document, roles: Roles) -> Iterator[Conversation]:
    """Question and answer pairs of a numbered list in which at least two neighbours are answered questions.

    A list of multiple-choice options (A), B), ...) has no answer and is left alone.
    """
    lines = list(lines_of(document))
    found = list(_pairs(document, lines))
    numbers = {number for number, _ in found}
    for number, conversation in found:
        if number - 1 in numbers or number + 1 in numbers:
            yield conversation


def _pairs(document: Document, lines: Sequence[Line]) -> Iterator[tuple[int, Conversation]]:
    starts = [i for i, line in enumerate(lines) if _NUMBER.match(line.text)]
    for place, first in enumerate(starts):
        stop = starts[place + 1] if place + 1 < len(starts) else len(lines)
        question_end = _question_end(lines, first, stop)
        if question_end is None:
            continue
        answer = _answer(document, lines, question_end + 1, stop, is_last=place + 1 == len(starts))
        match = _NUMBER.match(lines[first].text)
        assert match is not None
        question = trimmed(document, lines[first].start + match.end(), _without_bold(lines[question_end]))
        if answer is not None and question is not None:
            turns = (Turn("user", (question,)), Turn("assistant", (answer,)))
            yield int(match["number"]), Conversation(turns, NAME)


def _question_end(lines: Sequence[Line], first: int, stop: int) -> int | None:
    """The line on which the question ends with a question mark, None when it is no question."""
    for i in range(first, min(first + _LONGEST_QUESTION, stop)):
        if i > first and lines[i].blank_before:
            return None
        if lines[i].text.rstrip().rstrip("*").endswith("?"):
            return i
    return None


def _without_bold(line: Line) -> int:
    text = line.text.rstrip()
    return line.start + len(text.rstrip("*"))


def _answer(document: Document, lines: Sequence[Line], first: int, stop: int, is_last: bool) -> Span | None:
    """The text below a question up to the next number or heading; the last one ends with its paragraph."""
    options = [match["letter"].upper() for line in lines[first:stop] if (match := _OPTION.match(line.text))]
    if first >= stop or lines[first].heading or len(options) > 1:
        return None
    end = first
    for i in range(first + 1, stop):
        if lines[i].heading or (is_last and lines[i].blank_before):
            break
        end = i
    option = _OPTION.match(lines[first].text) if options == ["A"] else None
    return trimmed(document, lines[first].start + (option.end() if option else 0), lines[end].end)
