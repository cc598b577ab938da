"""Identified samples are cut from the source and keep their context and place."""

from __future__ import annotations

from src.agents.identify_agent import IdentifyAgent
from tests.agents.support import CHAT, bench, document


def test_every_turn_equals_its_spans_in_the_source() -> None:
    doc = document(CHAT)
    samples = list(IdentifyAgent(bench()).run([doc], 10))
    assert len(samples) == 2
    for sample in samples:
        for turn, pieces in zip(sample.turns, sample.origin.turn_spans, strict=True):
            assert turn.content == "\n".join(doc.text[piece.start : piece.end] for piece in pieces)
        assert sample.origin.place == "line 1" and sample.origin.method == "identified"


def test_the_heading_above_becomes_the_system_message_only_when_asked_for() -> None:
    doc = document("Repairs\n\n" + CHAT)
    with_context = next(IdentifyAgent(bench()).run([doc], 10))
    without = next(IdentifyAgent(bench(identify={"include_context": False})).run([doc], 10))
    assert [m.role for m in with_context.messages] == ["system", "user", "assistant"]
    assert with_context.messages[0].content == "Repairs"
    assert [m.role for m in without.messages] == ["user", "assistant"]


def test_only_the_heading_and_the_sentence_below_it_are_context() -> None:
    doc = document("Prose about other things.\n\nRepairs\n\nAsk us.\n\n" + CHAT)
    assert next(IdentifyAgent(bench()).run([doc], 10)).messages[0].content == "Repairs\nAsk us."


def test_context_is_never_the_answer_of_another_conversation() -> None:
    samples = list(IdentifyAgent(bench()).run([document(CHAT)], 10))
    assert all(m.role != "system" for sample in samples for m in sample.messages)


def test_a_conversation_found_in_two_documents_is_kept_once() -> None:
    workbench = bench()
    samples = list(IdentifyAgent(workbench).run([document(CHAT), document(CHAT, "b.txt")], 10))
    assert len(samples) == 2
    assert workbench.report.dropped == {"repeated conversation": 2}


def test_more_than_asked_for_is_drawn_by_seed_in_order_and_counted() -> None:
    text = "\n\n".join(f"Q: Question {i}?\nA: Answer {i}." for i in range(30))
    drawn = []
    for _ in range(2):
        workbench = bench()
        samples = list(IdentifyAgent(workbench).run([document(text)], 10))
        drawn.append([sample.id for sample in samples])
        starts = [sample.origin.span.start for sample in samples if sample.origin.span]
        assert len(samples) == 10 and starts == sorted(starts)
        assert workbench.report.dropped == {"found beyond dataset_size": 20}
    assert drawn[0] == drawn[1]


def test_min_turns_leaves_short_exchanges_out() -> None:
    assert list(IdentifyAgent(bench(identify={"min_turns": 4})).run([document(CHAT)], 10)) == []
