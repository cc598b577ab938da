"""Both halves have their share, top each other up and do not repeat each other."""

from __future__ import annotations

import json
from collections import Counter

from src.agents.hybrid_agent import HybridAgent
from src.records import Document
from tests.agents.support import CHAT, PROSE, bench, client_for, document
from tests.providers.clients.stub_llm import Reply

QUESTIONS = "\n\n".join(f"Q: What is item {i} good for?\nA: It is good for task {i}." for i in range(20))


def documents() -> list[Document]:
    return [document(QUESTIONS, "faq.txt"), document(PROSE, "manual.txt")]


def test_the_ratio_is_kept() -> None:
    with client_for() as (client, _):
        samples = list(HybridAgent(bench(client, hybrid={"generation_ratio": 0.4})).run(documents(), 10))
    assert Counter(sample.origin.method for sample in samples) == {"identified": 6, "created": 4}


def test_the_prompt_of_hybrid_mode_is_what_is_sent() -> None:
    with client_for() as (client, stub):
        samples = list(HybridAgent(bench(client)).run(documents(), 4))
    assert "beside real exchanges" in stub.requests[0]["messages"][0]["content"]
    assert {s.origin.prompt_id.split("-")[0] for s in samples if s.origin.method == "created"} == {"hybrid_mode"}


def test_too_few_identified_are_made_up_for_by_generated_ones() -> None:
    with client_for() as (client, _):
        samples = list(HybridAgent(bench(client)).run([document(CHAT), document(PROSE, "m.txt")], 6))
    assert Counter(sample.origin.method for sample in samples) == {"identified": 2, "created": 4}


def test_when_generating_fails_identified_ones_stand_in_and_the_error_is_reported() -> None:
    with client_for(lambda _: Reply(status=401, error={"message": "no"})) as (client, _):
        workbench = bench(client)
        samples = list(HybridAgent(workbench).run(documents(), 8))
    assert Counter(sample.origin.method for sample in samples) == {"identified": 8}
    assert [issue.severity for issue in workbench.report.issues] == ["error", "note"]
    assert len({sample.id for sample in samples}) == 8
    assert workbench.report.dropped["found beyond dataset_size"] == 12


def test_a_generated_question_never_repeats_an_identified_one() -> None:
    same = json.dumps(
        {"quote": PROSE.split(". ")[0], "question": "What is item 3 good for?", "answer": "The pump moves litres."}
    )
    passage = PROSE + " What is item 3 good for? Nobody knows what item is good."
    with client_for(lambda _: same) as (client, _):
        workbench = bench(client)
        samples = list(HybridAgent(workbench).run([document(QUESTIONS), document(passage, "m.txt")], 4))
    assert all(sample.origin.method == "identified" for sample in samples) and len(samples) == 4
    assert workbench.report.dropped["question asked before"] > 0
