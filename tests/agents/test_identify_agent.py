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


def test_a_sample_begins_with_the_user_and_ends_with_the_assistant_and_the_rest_is_counted() -> None:
    text = "Agent: Welcome!\nCustomer: It leaks.\nAgent: Close the valve.\nCustomer: Thanks."
    workbench = bench()
    (sample,) = IdentifyAgent(workbench).run([document(text)], 10)
    assert [(turn.role, turn.content) for turn in sample.turns] == [
        ("user", "It leaks."), ("assistant", "Close the valve."),
    ]  # fmt: skip
    assert sample.origin.span is not None and document(text).text_of(sample.origin.span).startswith("It leaks.")
    assert workbench.report.dropped == {"turn before the user's first or after the assistant's last": 2}


def test_min_turns_counts_what_can_be_trained_on() -> None:
    text = "Agent: Welcome!\nCustomer: It leaks.\nAgent: Close the valve.\nCustomer: Thanks."
    workbench = bench(identify={"min_turns": 4})
    assert list(IdentifyAgent(workbench).run([document(text)], 10)) == []
    assert workbench.report.dropped == {"conversation with too few turns from a user's to an assistant's": 1}


TALK = "Marta Blum: Why does it rattle?\nJon Rao: A loose fan.\nMarta Blum: And then?\nJon Rao: Tighten it.\n"


def test_who_is_taken_for_whom_is_told_and_can_be_changed() -> None:
    told, changed = bench(), bench(identify={"roles": {"marta blum": "assistant", "Jon Rao": "user"}})

    (as_found,) = IdentifyAgent(told).run([document(TALK)], 10)
    (as_said,) = IdentifyAgent(changed).run([document(TALK)], 10)

    assert [str(issue) for issue in told.report.issues] == [
        "note: a.txt: speakers: Marta Blum = user, Jon Rao = assistant. Change it with agent.identify.roles"
    ]
    assert [turn.content for turn in as_found.turns] == [
        "Why does it rattle?", "A loose fan.", "And then?", "Tighten it.",
    ]  # fmt: skip
    assert [turn.content for turn in as_said.turns] == ["A loose fan.", "And then?"]


def test_only_what_was_drawn_is_held() -> None:
    samples = list(IdentifyAgent(bench()).find([document("\n\n".join(f"Q: {i}?\nA: {i}." for i in range(50)))]))
    agent = IdentifyAgent(bench())
    often = [0] * 50
    for seed in range(400):
        agent.bench.seed = seed
        for sample in agent.choose(iter(samples), 5):
            often[samples.index(sample)] += 1
    assert min(often) > 15 and max(often) < 75  # 40 each on average
