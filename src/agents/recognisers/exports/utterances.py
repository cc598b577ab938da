"""What is said in a chat, ticket or thread, and how utterances become conversations: threads, silences, roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from src.agents.recognisers.conversation import Conversation, Utterance, conversation_of
from src.agents.recognisers.roles import Roles, plain_name
from src.records import Role, Span

# After this much silence the next message opens a new conversation: longer than a working day or a night's
# sleep pause within one talk, shorter than the night between two days.
SILENCE = 8 * 3600.0  # seconds


@dataclass(frozen=True, slots=True)
class Said:
    """What one speaker says at once: pieces of the text. `role` where the source itself tells it.

    `at` is the time in seconds, None where the source gives none.
    """

    speaker: str
    pieces: tuple[Span, ...]
    role: Role | None = None
    at: float | None = None


def in_order(said: Sequence[Said]) -> Sequence[Said]:
    """Oldest first: exports that list the newest message first are turned around."""
    times = [one.at for one in said if one.at is not None]
    newest_first = len(times) > 1 and times[0] > times[-1] and all(a >= b for a, b in pairwise(times))
    return said[::-1] if newest_first else said


def between_silences(said: Sequence[Said], silence: float = SILENCE) -> Iterator[list[Said]]:
    """Cut a long chat where nobody spoke for `silence`; a question nobody answered yet is not cut off."""
    group: list[Said] = []
    last: float | None = None
    for one in said:
        quiet = one.at is not None and last is not None and abs(one.at - last) > silence
        if quiet and len({other.speaker for other in group}) > 1:
            yield group
            group = []
        group.append(one)
        last = one.at if one.at is not None else last
    if group:
        yield group


def speakers_of(said: Sequence[Said], roles: Roles) -> dict[str, Role]:
    """A role for each speaker: the user's choice, what the source tells, a role word, else by who speaks first."""
    told: dict[str, Role] = {}
    names = {plain_name(one.speaker) for one in said}
    by_letter = "a" in names and not names & {"q", "question"}  # "A" and "B" talk, nobody asks and answers
    for one in said:
        if by_letter and plain_name(one.speaker) == "a":
            continue
        if one.role is not None:
            told.setdefault(one.speaker, one.role)
    chosen = {plain_name(name): role for name, role in roles.chosen.items()}
    told = {name: chosen.get(plain_name(name), role) for name, role in told.items()}
    if "assistant" not in told.values() and "user" in told.values():
        # Dialogue systems call their own side SYSTEM; a system prompt comes before the user speaks.
        first = next(number for number, one in enumerate(said) if told.get(one.speaker) == "user")
        answering = {one.speaker for one in said[first:] if told.get(one.speaker) == "system"}
        told.update(dict.fromkeys(answering, "assistant"))
    others = dict.fromkeys(one.speaker for one in said if one.speaker not in told)
    if not told and not by_letter:
        return roles.assign(others)
    for name in others:
        rest: Role = "assistant" if "user" in told.values() else "user"
        told[name] = chosen.get(plain_name(name)) or (None if by_letter else roles.of_label(name)) or rest
    return told


def conversation(
    said: Sequence[Said],
    roles: Roles,
    recogniser: str,
    context: tuple[Span, ...] = (),
    speakers: Mapping[str, Role] | None = None,
) -> Conversation | None:
    """What was said as turns, those of one role in a row joined; None unless both sides speak.

    `speakers` are the roles when they were settled for more than this conversation.
    """
    assigned = speakers if speakers is not None else speakers_of(said, roles)
    utterances = [Utterance(one.speaker, assigned[one.speaker], one.pieces) for one in said]
    return conversation_of(utterances, recogniser, context)


def conversations(
    groups: Sequence[Sequence[Said]], roles: Roles, recogniser: str, context: tuple[Span, ...] = ()
) -> Iterator[Conversation]:
    """A conversation for each group in which both sides speak.

    Two people keep their roles through all groups, whoever opens one; among more, whoever opens is the user.
    """
    everyone = [one for group in groups for one in group]
    shared = speakers_of(everyone, roles) if len({one.speaker for one in everyone}) == 2 else None
    for group in groups:
        found = conversation(group, roles, recogniser, context, shared)
        if found is not None:
            yield found
