from __future__ import annotations

import json
import re
from typing import Any

import pytest

from src.cli.screens.curation_screen import ACTIONS
from src.errors import UsageError
from tests.cli.quality.working import Desk
from tests.providers.clients.stub_llm import Reply, StubLLM
from tests.workflows.support import in_order

INSTRUCTION = "Write every answer in capital letters."
ASKED = ("repair", "support", "--instruction", INSTRUCTION, "--include", "source_file == 'faq.txt'", "--yes")
FREE = {"price_per_million_input": 0.0, "price_per_million_output": 0.0}


def in_capitals(request: dict[str, Any]) -> str:
    """What a good model does; of espresso it says too little, of delivery there is nothing to change."""
    text = request["messages"][-1]["content"]
    assert INSTRUCTION in text
    found = re.search(r"<<<PASSAGE \w+\n(.*?)\nPASSAGE \w+>>>", text, re.DOTALL)
    assert found is not None
    messages = json.loads(found[1])["messages"]
    if "double basket?" in str(messages):
        return "I cannot."
    let_be = "delivery cost?" in str(messages)
    if not let_be:
        messages[-1]["content"] = messages[-1]["content"].upper()
    return json.dumps({"changed": "no" if let_be else "yes", "messages": messages})


def prompts(stub: StubLLM) -> list[str]:
    return [request["messages"][-1]["content"] for request in stub.requests]


def test_the_chosen_samples_are_repaired_and_both_versions_kept(desk: Desk) -> None:
    before = desk.samples()
    faq = [sample for sample in before if sample.origin.source_file == "faq.txt"]
    with StubLLM(in_capitals) as stub:
        desk.llm(stub.url, **FREE)
        answer = desk.do(*ASKED)
        assert len(stub.requests) == len(faq)
        # The model sees what stands around the sample in its document.
        asked = next(text for text in prompts(stub) if '"content": "How heavy is the Finch Duo?"' in text)
        assert "Can I see the machines before I order?" in asked and "passage is not at hand" not in asked
        assert (answer["chosen"], answer["malformed"], answer["unchanged"]) == (len(faq), 1, 1)
        assert answer["repaired"] == len(faq) - 2 and answer["reasons"] == {"the reply is no JSON": 1}
        assert in_order(desk.said, "are chosen", "openai / stub", "Estimate", "1 unchanged, 1 malformed", "LLM: ")
        after = desk.samples()
        changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
        assert len(changed) == answer["repaired"]
        for old, new in changed:
            assert new.messages[-1].content == old.messages[-1].content.upper()
            assert (new.origin.edited_from, new.origin.method, new.split) == (old.id, "edited", old.split)
        desk.do("undo", "support", *map(str, answer["changes"]))
        assert desk.samples() == before


def test_the_same_command_asks_again_only_what_it_did_not_change(desk: Desk) -> None:
    with StubLLM(in_capitals) as stub:
        desk.llm(stub.url, **FREE)
        first = desk.do(*ASKED)
        asked = len(stub.requests)
        again = desk.do(*ASKED)
        # What was refused or left alone is answered by the journal.
        assert len(stub.requests) == asked and again["repaired"] == 0
        assert f"{first['repaired']:,} of them were changed by this instruction before" in desk.said


def test_nothing_is_asked_where_it_costs_too_much_or_nobody_agrees(desk: Desk) -> None:
    before = desk.samples()
    dear = {"price_per_million_input": 1000.0, "price_per_million_output": 4000.0, "confirm_above_usd": 0.01}
    with StubLLM(in_capitals) as stub:
        desk.llm(stub.url, **dear)
        with pytest.raises(UsageError, match=r"Not started\. This may cost up to .* --confirm-above USD"):
            desk.do(*ASKED)
        with pytest.raises(UsageError, match="Nothing was changed"):
            desk.do(*ASKED[:-1], answers=["n"])
        assert "more than system.confirm_above_usd" in desk.said
        with pytest.raises(UsageError, match=r"The budget .* does not allow a call"):
            desk.do(*ASKED, "--budget-usd", "0.0001")
        assert stub.requests == [] and desk.samples() == before
        assert desk.do(*ASKED, "--confirm-above", "1000")["repaired"] > 10


def test_a_budget_stops_it_and_what_was_repaired_stays(desk: Desk) -> None:
    with StubLLM(in_capitals) as stub:
        desk.llm(stub.url, concurrency=1, **FREE)
        code, answer = desk.code_of(*ASKED, "--budget-tokens", "6000")
        assert code == 75 and "budget (6,000 tokens)" in answer["stopped"]
        done = sum(sample.origin.method == "edited" for sample in desk.samples())
        assert 0 < done == answer["repaired"] < answer["chosen"] - 2
        asked = len(stub.requests)
        rest = desk.do(*ASKED)
        assert done + rest["repaired"] == answer["chosen"] - 2
        assert asked + len(stub.requests) - asked <= answer["chosen"] + 1


def test_a_host_that_refuses_the_key_changes_nothing(desk: Desk) -> None:
    before = desk.samples()
    with StubLLM(lambda request: Reply(status=401)) as stub:
        desk.llm(stub.url, **FREE)
        with pytest.raises(Exception, match="key"):
            desk.do(*ASKED)
    assert desk.samples() == before


def test_only_what_a_figure_flags_is_repaired_from_the_screen(desk: Desk) -> None:
    with StubLLM(in_capitals) as stub:
        desk.llm(stub.url, **FREE)
        said = desk.open(ACTIONS["repair"], "", "personal_data", "", "", INSTRUCTION, "y")
        assert len(stub.requests) == 2
    assert in_order(said, "Only samples that fit", "2 samples fit.", "Repair 2 sample(s)?", "2 repaired")
