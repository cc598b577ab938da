from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from src.dataset.curation.repairing import (
    LEAST_ROOM,
    RepairedBy,
    RepairTally,
    read_repair,
    repair_samples,
    sample_as_json,
)
from src.errors import LLMError
from src.records import Message, Sample
from tests.dataset.example_samples import make_example

SAMPLE = make_example(1)
BY = RepairedBy("repair_mode-12", "m-2")


def count(messages: Sequence[Message]) -> int:
    return len(messages)


def reply(*contents: str, changed: str = "yes", roles: Sequence[str] = ("system", "user", "assistant")) -> str:
    messages = [{"role": role, "content": content} for role, content in zip(roles, contents, strict=True)]
    return json.dumps({"changed": changed, "messages": messages})


GOOD = reply("You help.", "Question 1?", "Corrected answer.")


def test_a_good_reply_becomes_a_new_version_that_names_the_call() -> None:
    for text in (GOOD, f"```json\n{GOOD}\n```", f"\n {GOOD}  "):
        repair = read_repair(SAMPLE, text, BY, count, call_id="c1")
        assert repair.outcome == "repaired"
        assert repair.after is not None
        assert repair.after.messages[-1].content == "Corrected answer."
        origin = repair.after.origin
        assert (origin.method, origin.prompt_id, origin.model, origin.call_id) == ("edited", BY.prompt_id, "m-2", "c1")
        assert (origin.edited_from, repair.before) == (SAMPLE.id, SAMPLE)


def test_a_sample_that_needs_nothing_is_unchanged() -> None:
    same = [message.content for message in SAMPLE.messages]
    for changed in ("yes", "no"):
        repair = read_repair(SAMPLE, reply(*same, changed=changed), BY, count)
        assert (repair.outcome, repair.after) == ("unchanged", None)


@pytest.mark.parametrize(
    "text, reason",
    [
        ("", "no JSON"),
        ("Sure! " + GOOD, "no JSON"),
        (GOOD[:-3], "no JSON"),
        (GOOD + GOOD, "no JSON"),
        ("[" * 100_000, "no JSON"),
        ('{"changed": "yes", "changed": "no", "messages": []}', "no JSON"),
        ("[]", "keys changed and messages"),
        ('{"messages": []}', "keys changed and messages"),
        (GOOD.replace('"changed": "yes"', '"changed": true'), "keys changed and messages"),
        (GOOD.replace('"messages": [', '"note": "x", "messages": ['), "keys changed and messages"),
        ('{"changed": "yes", "messages": {"role": "user"}}', "list of role and content"),
        (GOOD.replace('"Corrected answer."', "7"), "list of role and content"),
        (GOOD.replace('"role": "user"', '"role": "user", "x": "y"'), "list of role and content"),
        (reply("a", "b", roles=("user", "assistant")), "other turns"),
        (reply("a", "b", "c", roles=("system", "assistant", "user")), "other turns"),
        (reply("You help.", "Question 1?", " \n"), "message 3 (assistant) is empty"),
        (reply("You help.", "Question 1?", "half \ud83d"), "no text"),
        (reply("You help.", "Question 1?", "x" * (LEAST_ROOM + 999)), "many times as long"),
        (reply("You help.", "Question 1?", "Other.", changed="no"), "says it changed nothing"),
    ],
)
def test_a_malformed_reply_changes_nothing(text: str, reason: str) -> None:
    repair = read_repair(SAMPLE, text, BY, count)
    assert (repair.outcome, repair.after, repair.before) == ("malformed", None, SAMPLE)
    assert reason in repair.reason


def test_what_the_provider_refuses_is_not_taken() -> None:
    repair = read_repair(SAMPLE, GOOD, BY, count, lambda sample: "it is too long")
    assert (repair.outcome, repair.reason) == ("malformed", "it is too long.")


def test_a_repair_goes_on_where_it_stopped_and_is_counted() -> None:
    samples = [make_example(number) for number in range(6)]
    asked: list[str] = []

    def ask(messages: Sequence[Message]) -> str:
        asked.append(messages[0].content)
        if len(asked) == 4:
            raise LLMError("no credit")
        number = len(asked) + 10
        return "nonsense" if len(asked) == 2 else reply("You help.", "Question?", f"Corrected {number}.")

    def messages_for(sample: Sample) -> list[Message]:
        return [Message("user", sample_as_json(sample))]

    tally, done = RepairTally(total=6), set()
    with pytest.raises(LLMError):
        for repair in repair_samples(samples, messages_for, ask, BY, count):
            tally.count(repair)
            done.add(repair.before.id)
    assert (tally.done, tally.outcomes) == (3, {"repaired": 2, "malformed": 1})
    assert tally.reasons == {"the reply is no JSON": 1}
    rest = list(repair_samples(samples, messages_for, ask, BY, count, done=done))
    assert [repair.before.id for repair in rest] == ["s000003", "s000004", "s000005"]
    assert json.loads(asked[0]) == {"messages": [{"role": m.role, "content": m.content} for m in samples[0].messages]}
