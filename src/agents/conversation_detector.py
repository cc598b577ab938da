"""Find the conversations that stand in a document, word for word."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

from src.agents.recognisers.conversation import Conversation
from src.agents.recognisers.labelled_turns import find_labelled_turns
from src.agents.recognisers.numbered_questions import find_numbered_questions
from src.agents.recognisers.roles import Roles
from src.agents.recognisers.table_columns import find_table_conversations
from src.records import Document, Span

Recogniser = Callable[[Document, Roles], Iterator[Conversation]]

# In order of trust: what an earlier one found is not given to a later one.
RECOGNISERS: tuple[Recogniser, ...] = (find_table_conversations, find_labelled_turns, find_numbered_questions)


def find_conversations(document: Document, min_turns: int = 2, roles: Roles | None = None) -> list[Conversation]:
    """The conversations of a document in the order of its text, none overlapping another.

    `min_turns` counts user and assistant turns. Every turn is a span of `document.text`; nothing is rewritten.
    `roles` is what the user chose for the speakers.
    """
    found: list[Conversation] = []
    for recognise in RECOGNISERS:
        taken = sorted((conversation.span for conversation in found), key=lambda span: span.start)
        found += [
            conversation
            for conversation in recognise(document, roles or Roles())
            if not overlaps(conversation.span, taken)
        ]
    long_enough = [c for c in found if sum(turn.role != "system" for turn in c.turns) >= min_turns]
    return sorted(long_enough, key=lambda conversation: conversation.span.start)


def overlaps(span: Span, taken: Sequence[Span]) -> bool:
    """Whether a span shares a character with one of `taken`, which are sorted and do not overlap each other."""
    place = bisect_left(taken, span.end, key=lambda other: other.start)
    return place > 0 and taken[place - 1].end > span.start
