"""Edit a sample, or write a new one: checked, counted anew, and honest about where it comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import get_args

from src.errors import UsageError
from src.records import Message, Origin, Role, Sample, Split, make_sample

CountTokens = Callable[[Sequence[Message]], int]
# Says what is wrong with a sample, "" when nothing is: the provider's own check, for one.
Objection = Callable[[Sample], str]
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_ROLES: tuple[str, ...] = get_args(Role)


def no_objection(sample: Sample) -> str:
    return ""


def edit_sample(
    sample: Sample,
    messages: Sequence[Message],
    count_tokens: CountTokens,
    objection: Objection = no_objection,
    *,
    prompt_id: str = "",
    model: str = "",
    call_id: str = "",
) -> Sample:
    """The sample with these messages: with a new id, pointing to the one it was, and its tokens counted anew.

    It keeps document, place and span (what it is about) and claims no longer that its turns stand there word for word,
    or that the old call wrote it; `prompt_id`, `model` and `call_id` are those of the LLM that changed it, if one did.
    Raises UsageError when nothing is changed, or the messages are no conversation.
    """
    messages = tuple(messages)
    if messages == sample.messages:
        raise UsageError(f"sample {sample.id}: nothing is changed.")
    origin = replace(
        sample.origin,
        method="edited",
        turn_spans=(),
        prompt_id=prompt_id,
        model=model,
        call_id=call_id,
        edited_from=sample.id,
    )
    made = make_sample(messages, origin, sample.topic_keywords)
    return _checked(replace(made, split=sample.split), f"sample {sample.id}", count_tokens, objection)


def edit_facts(sample: Sample, *, topic_keywords: Sequence[str] | None = None, split: Split | None = None) -> Sample:
    """The sample with other keywords or another split. Its text is the same, so its id is, too."""
    keywords = sample.topic_keywords if topic_keywords is None else tuple(topic_keywords)
    changed = replace(sample, topic_keywords=keywords, split=split or sample.split)
    if changed == sample:
        raise UsageError(f"sample {sample.id}: nothing is changed.")
    return changed


def new_sample(
    messages: Sequence[Message],
    count_tokens: CountTokens,
    objection: Objection = no_objection,
    *,
    source_file: str = "",
    place: str = "",
    topic_keywords: Sequence[str] = (),
    split: Split | None = None,
) -> Sample:
    """A sample that a user wrote; `source_file` and `place` where they named what it is about. Raises UsageError."""
    origin = Origin(source_file, "added", document_id="", place=place)
    made = make_sample(tuple(messages), origin, topic_keywords)
    return _checked(replace(made, split=split), "the new sample", count_tokens, objection)


def with_turn(sample: Sample, number: int, content: str) -> tuple[Message, ...]:
    """The messages with another text in message `number`, counted from 1. Raises UsageError for a number it has not."""
    if not 1 <= number <= len(sample.messages):
        raise UsageError(f"sample {sample.id} has messages 1 to {len(sample.messages)}, not {number}.")
    messages = list(sample.messages)
    messages[number - 1] = Message(messages[number - 1].role, content)
    return tuple(messages)


def complaint_about(messages: Sequence[Message]) -> str:
    """What is wrong with the messages of a sample, "" when nothing is."""
    for number, message in enumerate(messages, 1):
        if message.role not in _ROLES:
            return f"message {number} has the role '{message.role}'; use one of {', '.join(_ROLES)}"
        if message.role == "system" and number > 1:
            return f"message {number} is a system message; only the first may be one"
        if not message.content.strip():
            return f"message {number} ({message.role}) is empty"
        if _HALF_CHARACTER.search(message.content):
            return f"message {number} has a character that is no text (half of a surrogate pair)"
    turns = [message.role for message in messages if message.role != "system"]
    if not turns or turns[0] != "user":
        return "the first turn must be the user's"
    if turns[-1] != "assistant":
        return "the last turn must be the assistant's"
    twice = next((number for number, pair in enumerate(pairwise(turns), 2) if len(set(pair)) == 1), 0)
    return f"turn {twice} has the role of the one before it ({turns[twice - 1]}); put them together" if twice else ""


def _checked(sample: Sample, where: str, count_tokens: CountTokens, objection: Objection) -> Sample:
    problem = complaint_about(sample.messages)
    if not problem:
        sample = replace(sample, token_length=count_tokens(sample.messages))
        problem = objection(sample)
    if problem:
        raise UsageError(f"{where}: {problem.rstrip('.')}.")
    return sample
