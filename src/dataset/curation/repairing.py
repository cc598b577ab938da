"""Repair samples by one instruction: what an LLM is asked, how its reply is read, and what came of each sample.

A reply is taken as it is or not at all: nothing is mended, and a malformed one changes nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from src.dataset.curation.editing import CountTokens, Objection, edit_sample, no_objection
from src.errors import UsageError
from src.records import Message, Sample

Ask = Callable[[Sequence[Message]], str]
MessagesFor = Callable[[Sample], Sequence[Message]]
Outcome = Literal["repaired", "unchanged", "malformed"]
# A repair that is many times as long as the sample was is another text.
LONGEST = 8
LEAST_ROOM = 2000
# What a reply must be: all messages of the sample, in its order and with its roles, and whether anything was changed.
REPLY_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "changed": {"type": "string", "enum": ["yes", "no"]},
        "messages": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "role": {"type": "string", "enum": ["system", "user", "assistant"]},
                    "content": {"type": "string"},
                },
                "required": ["role", "content"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["changed", "messages"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Repair:
    """What came of one sample. `after` is the repaired one; `reason` says why there is none."""

    before: Sample
    outcome: Outcome
    after: Sample | None = None
    reason: str = ""


@dataclass(slots=True)
class RepairTally:
    """How far a repair has come. `reasons` counts malformed replies by what was wrong with them."""

    total: int = 0
    done: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def count(self, repair: Repair) -> None:
        self.done += 1
        self.outcomes[repair.outcome] += 1
        if repair.outcome == "malformed":
            self.reasons[repair.reason] += 1


@dataclass(frozen=True, slots=True)
class RepairedBy:
    """The prompt and the LLM that repair: what stands in the origin of a repaired sample."""

    prompt_id: str
    model: str


def repair_samples(
    samples: Iterable[Sample],
    messages_for: MessagesFor,
    ask: Ask,
    by: RepairedBy,
    count_tokens: CountTokens,
    *,
    done: Collection[str] = (),
    objection: Objection = no_objection,
) -> Iterator[Repair]:
    """Ask about each sample, one after the other, but for those whose ids are in `done`: so a repair goes on.

    What is yielded should be stored before the next one is asked for; stopping in between loses nothing. An error of
    `ask` ends it.
    """
    for sample in samples:
        if sample.id not in done:
            yield read_repair(sample, ask(messages_for(sample)), by, count_tokens, objection)


def read_repair(
    sample: Sample,
    reply: str,
    by: RepairedBy,
    count_tokens: CountTokens,
    objection: Objection = no_objection,
    call_id: str = "",
) -> Repair:
    """What a reply makes of the sample."""
    problem, values = _parsed(reply)
    if not problem:
        problem = _difference(sample, values)
    if problem:
        return Repair(sample, "malformed", reason=problem)
    messages = [Message(one["role"], one["content"]) for one in values["messages"]]
    if tuple(messages) == sample.messages:
        return Repair(sample, "unchanged", reason="nothing to change")
    if values["changed"] == "no":
        return Repair(sample, "malformed", reason="the reply says it changed nothing, and changed something")
    try:
        after = edit_sample(
            sample, messages, count_tokens, objection, prompt_id=by.prompt_id, model=by.model, call_id=call_id
        )
    except UsageError as error:
        return Repair(sample, "malformed", reason=str(error).removeprefix(f"sample {sample.id}: "))
    return Repair(sample, "repaired", after)


def sample_as_json(sample: Sample) -> str:
    """The sample as it is shown to the LLM, and as its reply is to be."""
    messages = [{"role": message.role, "content": message.content} for message in sample.messages]
    return json.dumps({"messages": messages}, ensure_ascii=False, indent=1)


def _parsed(reply: str) -> tuple[str, Any]:
    """What is wrong with the reply as JSON, and its values. A code fence around all of it is taken off."""
    text = reply.strip()
    if text.startswith("```") and text.endswith("```") and "\n" in text:
        text = text[text.index("\n") : -3].strip()
    try:
        return "", json.loads(text, object_pairs_hook=_no_key_twice)
    except (ValueError, RecursionError):
        return "the reply is no JSON", None


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key stands there twice")
    return dict(pairs)


def _difference(sample: Sample, values: Any) -> str:
    """How the reply differs from what was asked for, "" when it does not."""
    if (
        not isinstance(values, dict)
        or values.keys() != {"changed", "messages"}
        or values["changed"] not in ("yes", "no")
    ):
        return "the reply has not the keys changed and messages alone"
    messages = values["messages"]
    if not isinstance(messages, list) or not all(_is_message(one) for one in messages):
        return "the reply's messages are not a list of role and content"
    if [one["role"] for one in messages] != [message.role for message in sample.messages]:
        return "the reply has other turns than the sample"
    before = sum(len(message.content) for message in sample.messages)
    if sum(len(one["content"]) for one in messages) > LONGEST * before + LEAST_ROOM:
        return "the reply is many times as long as the sample"
    return ""


def _is_message(one: Any) -> bool:
    return isinstance(one, dict) and one.keys() == {"role", "content"} and all(isinstance(v, str) for v in one.values())
