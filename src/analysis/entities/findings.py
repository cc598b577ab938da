"""What is found in a text: entities with their place, relations with the sentence that says so."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass
from typing import Literal, get_args

EntityKind = Literal["person", "organisation", "place", "product", "date", "time", "money", "percent", "quantity"]
ENTITY_KINDS: tuple[EntityKind, ...] = get_args(EntityKind)


@dataclass(frozen=True, slots=True)
class Entity:
    """`text` is text[start:end] of the document. `value` is the same for the same thing: "2024-03-05", "12.5 kg".

    `confidence`, 0 to 1, is the rule's own, set by hand: a way to sort, not a probability.
    """

    kind: EntityKind
    start: int
    end: int
    text: str
    value: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Relation:
    """Subject, predicate and object, and the sentence text[start:end] that is the evidence.

    `predicate` is the verb as it stands there ("was founded by"), "with" for two that stand together without one.
    """

    subject: str
    predicate: str
    object: str
    start: int
    end: int
    confidence: float


class Taken:
    """Stretches of a text that are somebody's already."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    def take(self, start: int, end: int) -> bool:
        """Take a stretch; False, and nothing is taken, where another one lies over it."""
        at = bisect_left(self._spans, (start, end))
        before, after = self._spans[max(0, at - 1) : at], self._spans[at : at + 1]
        if any(one[0] < end and start < one[1] for one in (*before, *after)):
            return False
        insort(self._spans, (start, end))
        return True
