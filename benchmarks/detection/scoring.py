"""Compare what was found in a file with its gold, turn by turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from benchmarks.detection.gold import Gold, Normal, Turn
from src.agents.recognisers.conversation import Conversation
from src.records import Document


@dataclass
class Score:
    """Counts of turns and conversations; scores of several files are added up."""

    gold_turns: int = 0
    found_turns: int = 0
    right_turns: int = 0
    gold_conversations: int = 0
    found_conversations: int = 0
    right_conversations: int = 0
    truncated: int = 0
    unproven: int = 0  # turns whose pieces do not stand in the document as promised
    seconds: float = 0.0
    bytes: int = 0
    misses: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)

    def add(self, other: Score) -> None:
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def precision(self) -> float:
        return self.right_turns / self.found_turns if self.found_turns else float(not self.gold_turns)

    @property
    def recall(self) -> float:
        return self.right_turns / self.gold_turns if self.gold_turns else 1.0

    @property
    def f1(self) -> float:
        return _f1(self.precision, self.recall)

    @property
    def conversation_f1(self) -> float:
        if not self.gold_conversations or not self.found_conversations:
            return float(self.gold_conversations == self.found_conversations)
        share = self.right_conversations
        return _f1(share / self.found_conversations, share / self.gold_conversations)


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def score(found: Sequence[Gold], gold: Sequence[Gold], normal: Normal) -> Score:
    """Turns count as right when role and normalised text are the same; each gold turn is used once."""
    wanted, got = _normal(gold, normal), _normal(found, normal)
    turns, found_turns = _turns(wanted), _turns(got)
    right = turns & found_turns
    result = Score(
        sum(turns.values()), sum(found_turns.values()), sum(right.values()), len(wanted), len(got),
        sum((Counter(wanted) & Counter(got)).values()),
    )  # fmt: skip
    missed, wrong = list((turns - right).elements()), list((found_turns - right).elements())
    result.truncated = sum(any(_truncates(turn, other) for other in missed) for turn in wrong)
    _explain(result, missed, wrong)
    return result


def _normal(conversations: Sequence[Gold], normal: Normal) -> list[Gold]:
    return [tuple(Turn(turn.role, normal(turn.text)) for turn in one) for one in conversations]


def _turns(conversations: Sequence[Gold]) -> Counter[Turn]:
    return Counter(turn for one in conversations for turn in one)


def _truncates(turn: Turn, other: Turn) -> bool:
    return bool(turn.text) and turn.text != other.text and other.text.startswith(turn.text)


def _explain(result: Score, missed: list[Turn], wrong: list[Turn]) -> None:
    """Say for each wrong turn what is wrong with it, and which turns were not found at all."""
    for turn in wrong:
        near = next((m for m in missed if m.text == turn.text), None)
        fault = "role" if near else ""
        if not near and (near := next((m for m in missed if _truncates(turn, m)), None)):
            fault = "truncated"
        if not near and (near := next((m for m in missed if m.text and m.text in turn.text), None)):
            fault = "too long"
        if not near and (near := next((m for m in missed if turn.text and turn.text in m.text), None)):
            fault = "part"
        fault = fault or "other text"
        result.faults[fault] += 1
        result.misses.append(f"{fault}: found {_shown(turn)}" + (f"\n      gold  {_shown(near)}" if near else ""))
        if near and fault != "part":
            missed.remove(near)
    result.faults["missing"] += len(missed)
    result.misses += [f"missing: {_shown(turn)}" for turn in missed]


def _shown(turn: Turn) -> str:
    text = turn.text if len(turn.text) <= 240 else f"{turn.text[:140]} [...] {turn.text[-90:]}"
    return f"{turn.role}: {text!r}"


def texts(conversations: Sequence[Conversation], document: Document) -> list[Gold]:
    """What the detector found, as turns with their texts."""
    return [tuple(Turn(turn.role, turn.text(document)) for turn in one.turns) for one in conversations]


def count_unproven(conversations: Sequence[Conversation], document: Document) -> int:
    """Turns that are empty, whose pieces are not in the document, are out of order, or share a character."""
    taken: list[tuple[int, int]] = []
    unproven = 0
    for turn in (turn for one in conversations for turn in one.turns):
        pieces = [(piece.start, piece.end) for piece in turn.pieces]
        inside = bool(pieces) and all(0 <= start < end <= len(document.text) for start, end in pieces)
        in_order = all(a[1] <= b[0] for a, b in pairwise(pieces))
        joined = "\n".join(document.text[start:end] for start, end in pieces)
        unproven += not (inside and in_order and joined == turn.text(document) and joined.strip())
        taken += pieces
    taken.sort()
    return unproven + sum(a[1] > b[0] for a, b in pairwise(taken))
