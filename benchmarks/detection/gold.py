"""What must be found in a file: turns with roles, and how texts are compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from benchmarks.detection.talks import Talk

_LIST_MARKS = re.compile(r"^(?:(?:[-*•–◦▪]|\d{1,2}[.)]|\([a-z]\))[ \t]+)+")
_HYPHEN = re.compile(r"[-\u00ad\u2010]\s*")


class Turn(NamedTuple):
    role: str
    text: str


Gold = tuple[Turn, ...]
Normal = Callable[[str], str]


def gold_of(talk: Talk, first_is_user: bool = False) -> Gold:
    """The talk's turns with roles: who asks is the user, or (where only names are known) who speaks first."""
    swapped = first_is_user and not talk.said[0].asks
    return joined((("user" if said.asks != swapped else "assistant"), said.text) for said in talk.said)


def joined(turns: Iterable[tuple[str, str]]) -> Gold:
    """Turns with those of one role in a row joined by a newline, as the program promises."""
    found: list[Turn] = []
    for role, text in turns:
        if found and found[-1].role == role:
            found[-1] = Turn(role, f"{found[-1].text}\n{text}")
        else:
            found.append(Turn(role, text))
    return tuple(found)


def pairs_of(talk: Talk) -> list[Gold]:
    """Each question with its answer as a conversation of its own."""
    turns = gold_of(talk)
    return [turns[i : i + 2] for i in range(0, len(turns), 2)]


def exact(text: str) -> str:
    """Only white space is normalised."""
    return " ".join(text.split())


def without_marks(text: str) -> str:
    """For formats in which list marks and code fences are markup, so that a reader may show them or not."""
    lines = (line.strip() for line in text.split("\n"))
    return exact("\n".join(_LIST_MARKS.sub("", line) for line in lines if not line.startswith("```")))


def without_hyphens(text: str) -> str:
    """For wrapped pages: a hyphen at a line's end cannot be told from one in the word."""
    return exact(_HYPHEN.sub("", text))
