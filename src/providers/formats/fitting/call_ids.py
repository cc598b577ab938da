"""Give tool calls and the answers to them the ids and names that a format wants."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from string import ascii_letters, digits

from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities
from src.providers.formats.fitting.answers import Place, call_at, calls_answered
from src.providers.formats.training_example import Turn

_ID_CHARACTERS = ascii_letters + digits
_NINE = 9


def fit_call_ids(turns: Sequence[Turn], abilities: Abilities, choices: list[Finding]) -> list[Turn] | None:
    """The turns with ids and names as the format has them; None where an answer would not find its call again.

    `turns` are all turns of an example, and each answer among them has a call.
    """
    if abilities.call_ids == "none":
        turns = _in_order_of_calls(turns, choices)
    answered = calls_answered(turns) or {}
    ids = _ids(turns, abilities, choices)
    fitted = []
    for index, turn in enumerate(turns):
        calls = tuple(replace(call, id=ids[index, number]) for number, call in enumerate(turn.tool_calls))
        turn = replace(turn, tool_calls=calls)
        if turn.role == "tool":
            place = answered[index]
            name = _name(turn, call_at(turns, place).name, abilities, choices)
            turn = replace(turn, tool_call_id=ids[place], name=name)
        fitted.append(turn)
    _note_new_answers(turns, fitted, choices)
    return fitted if calls_answered(fitted) == answered else None


def nine_letters(call_id: str) -> str:
    """Nine letters and digits for an id: itself where it is that already, else always the same ones."""
    if len(call_id) == _NINE and call_id.isascii() and call_id.isalnum():
        return call_id
    number = int.from_bytes(hashlib.sha256(call_id.encode("utf-8", "surrogatepass")).digest(), "big")
    letters = []
    for _ in range(_NINE):
        number, place = divmod(number, len(_ID_CHARACTERS))
        letters.append(_ID_CHARACTERS[place])
    return "".join(letters)


def _in_order_of_calls(turns: Sequence[Turn], choices: list[Finding]) -> list[Turn]:
    """Without ids the answers must follow in the order of their calls."""
    answered = calls_answered(turns) or {}
    ordered: list[Turn] = []
    for is_tool, group in groupby(range(len(turns)), key=lambda index: turns[index].role == "tool"):
        indexes = list(group)
        in_order = sorted(indexes, key=lambda index: answered[index]) if is_tool else indexes
        if in_order != indexes:
            text = "the answers of tools are put in the order of their calls: the format has no ids to tell them by."
            choices.append(problem("", "answers_reordered", text, "note"))
        ordered += [turns[index] for index in in_order]
    return ordered


def _ids(turns: Sequence[Turn], abilities: Abilities, choices: list[Finding]) -> Mapping[Place, str]:
    """The id of each call."""
    old = {(i, n): call.id for i, turn in enumerate(turns) for n, call in enumerate(turn.tool_calls)}
    if abilities.call_ids == "none":
        if any(old.values()):
            text = "the format has no call ids: answers follow their calls in order."
            choices.append(problem("", "call_ids_dropped", text, "note"))
        return dict.fromkeys(old, "")
    ids = dict(_numbered(old))
    if ids != old:
        text = "calls without an id of their own are numbered, and their answers with them."
        choices.append(problem("", "call_ids_made", text, "note"))
    if abilities.call_ids == "nine" and any(id_ != nine_letters(id_) for id_ in ids.values()):
        text = "call ids are written as nine letters and digits made from the old ones, as the format asks."
        choices.append(problem("", "call_ids_rewritten", text, "note"))
        ids = {place: nine_letters(id_) for place, id_ in ids.items()}
    return ids


def _numbered(ids: Mapping[Place, str]) -> Iterator[tuple[Place, str]]:
    """call_1, call_2, ... for calls that have no id, or the id of another call in the same turn."""
    seen: set[tuple[int, str]] = set()
    free = (f"call_{number}" for number in range(1, 2 * len(ids) + 1))
    for place, id_ in ids.items():
        if not id_ or (place[0], id_) in seen:
            id_ = next(made for made in free if made not in ids.values())
        seen.add((place[0], id_))
        yield place, id_


def _name(turn: Turn, called: str, abilities: Abilities, choices: list[Finding]) -> str:
    if abilities.tool_names:
        # Without ids the name is what an answer is known by.
        return called if abilities.call_ids == "none" else turn.name
    if turn.name:
        text = "a tool's answer has no name in this format: its call says which function it was."
        choices.append(problem("", "tool_name_dropped", text, "note"))
    return ""


def _note_new_answers(turns: Sequence[Turn], fitted: Sequence[Turn], choices: list[Finding]) -> None:
    pairs = list(zip(turns, fitted, strict=True))
    if any(new.tool_call_id and not old.tool_call_id for old, new in pairs):
        text = "answers of tools that named no call are given the id of theirs."
        choices.append(problem("", "answers_linked", text, "note"))
