"""Rules for the order of the roles in a list of messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from src.providers.formats.findings import Finding, problem

Strictness = Literal["free", "advised", "required"]
# Longer conversations are judged anew each time, so that what is remembered stays small.
_REMEMBERED_LENGTH = 32


@dataclass(frozen=True, kw_only=True, eq=False)
class OrderRules:
    """What one format wants of the order of the roles. (Compared by identity, so that it can be a key.)

    `system`: system messages may stand anywhere, once, or once and first. `system_after_answer` is False where none may
    follow an assistant's or a tool's message. `alternate` asks for user and assistant in turn, user first; `answered`
    for an assistant message, `asked` for more than that one; `ends_with_assistant` and `ends_with_user` for the last.
    """

    system: Literal["anywhere", "once", "first"] = "anywhere"
    system_after_answer: bool = True
    alternate: Strictness = "free"
    answered: bool = True
    asked: bool = False
    ends_with_assistant: Strictness = "advised"
    ends_with_user: bool = False


def check_order(roles: Sequence[str], rules: OrderRules, path: str) -> Sequence[Finding]:
    """Objections to the order of the roles of a list at `path`."""
    if len(roles) > _REMEMBERED_LENGTH:
        return tuple(_check_order(roles, rules, path))
    return _remembered(tuple(roles), rules, path)


@lru_cache(maxsize=4096)
def _remembered(roles: tuple[str, ...], rules: OrderRules, path: str) -> tuple[Finding, ...]:
    # Most rows of a file have the same few orders.
    return tuple(_check_order(roles, rules, path))


def _check_order(roles: Sequence[str], rules: OrderRules, path: str) -> Iterator[Finding]:
    yield from _check_system(roles, rules, path)
    turns = [(index, role) for index, role in enumerate(roles) if role not in ("system", "developer")]
    # With tools the answer of a tool stands between two assistant messages.
    if rules.alternate != "free":
        yield from _check_turns(turns, "error" if rules.alternate == "required" else "warning", path)
    if rules.asked and [role for _, role in turns] == ["assistant"]:
        yield problem(path, "no_user", "holds an answer without a question; add the user's message.")
    place = f"{path}[{len(roles) - 1}].role"
    if "assistant" not in roles and rules.answered:
        yield problem(path, "no_assistant", "holds no assistant message; add the answer to be learnt.")
    elif roles[-1] != "assistant" and rules.ends_with_assistant != "free":
        severity: Literal["error", "warning"] = "error" if rules.ends_with_assistant == "required" else "warning"
        text = f"the last message is the {roles[-1]}'s; end with the assistant's."
        yield problem(place, "last_not_assistant", text, severity)
    if rules.ends_with_user and roles[-1] != "user":
        yield problem(place, "last_not_user", f"the last message is the {roles[-1]}'s; end with the user's.")


def _check_system(roles: Sequence[str], rules: OrderRules, path: str) -> Iterator[Finding]:
    places = [index for index, role in enumerate(roles) if role == "system"]
    if rules.system != "anywhere" and len(places) > 1:
        text = "a second system message; join it with the first."
        yield problem(f"{path}[{places[1]}].role", "system_repeated", text)
    elif rules.system == "first" and places and places[0] != 0:
        text = "the system message must be the first; move it to the front."
        yield problem(f"{path}[{places[0]}].role", "system_not_first", text)
    elif not rules.system_after_answer:
        for place in places:
            if place and roles[place - 1] in ("assistant", "tool"):
                text = f"a system message may not follow the {roles[place - 1]}'s; move it to the front."
                yield problem(f"{path}[{place}].role", "system_after_answer", text)


def _check_turns(
    turns: Sequence[tuple[int, str]], severity: Literal["error", "warning"], path: str
) -> Iterator[Finding]:
    if turns and turns[0][1] != "user":
        text = f"the first turn is the {turns[0][1]}'s; start with the user's."
        yield problem(f"{path}[{turns[0][0]}].role", "first_not_user", text, severity)
    for (_, before), (index, role) in pairwise(turns):
        if before == role and role in ("user", "assistant"):
            text = f"two {role} messages in a row; join them or put the other side's turn between."
            yield problem(f"{path}[{index}].role", "roles_not_in_turn", text, severity)
        elif (before, role) in (("tool", "user"), ("user", "tool")):
            text = f"a {role} message follows a {before} message; the assistant's turn must stand between."
            yield problem(f"{path}[{index}].role", "roles_not_in_turn", text, severity)
