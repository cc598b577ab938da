"""Find the call that each answer of a tool belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from src.providers.formats.training_example import ToolCall, Turn

# A call's place: the turn that makes it and its number in that turn.
Place = tuple[int, int]


def calls_answered(turns: Sequence[Turn]) -> dict[int, Place] | None:
    """The place of the call for each turn of a tool; None when one answers no call of the turn before it.

    An answer is known by its id, else by its function's name, else by its place among the answers.
    """
    answered: dict[int, Place] = {}
    open_calls: list[Place] = []
    for index, turn in enumerate(turns):
        if turn.role != "tool":
            open_calls = [(index, number) for number in range(len(turn.tool_calls))]
            continue
        place = _place_of_call(turn, turns, open_calls)
        if place is None:
            return None
        open_calls.remove(place)
        answered[index] = place
    return answered


def call_at(turns: Sequence[Turn], place: Place) -> ToolCall:
    return turns[place[0]].tool_calls[place[1]]


def all_answered(turns: Sequence[Turn], answered: dict[int, Place]) -> bool:
    """Whether every call before the last turn has its answer."""
    places = set(answered.values())
    calls = ((index, number) for index, turn in enumerate(turns[:-1]) for number in range(len(turn.tool_calls)))
    return all(place in places for place in calls)


def _place_of_call(turn: Turn, turns: Sequence[Turn], open_calls: Sequence[Place]) -> Place | None:
    if turn.tool_call_id:
        for place in open_calls:
            if call_at(turns, place).id == turn.tool_call_id:
                return place
    # A call with an id waits for the answer that names it, as long as there is one without.
    named = [place for place in open_calls if turn.name in ("", call_at(turns, place).name)]
    without_id = [place for place in named if not call_at(turns, place).id]
    return next(iter(without_id or ([] if turn.tool_call_id else named)), None)
