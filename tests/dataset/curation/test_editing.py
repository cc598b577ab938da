from __future__ import annotations

from collections.abc import Sequence

import pytest

from src.dataset.curation.editing import complaint_about, edit_facts, edit_sample, new_sample, with_turn
from src.dataset.curation.passages import passage_of
from src.errors import UsageError
from src.persistence.models import row_to_sample, sample_to_row
from src.records import Block, Document, Message, Role, Sample, Span, make_sample
from tests.dataset.example_samples import make_example


def count(messages: Sequence[Message]) -> int:
    return sum(len(message.content) for message in messages)


def test_an_edited_sample_has_a_new_id_and_points_to_the_old_one() -> None:
    sample = make_example(4, method="identified", keywords=("tax",), split="test")
    edited = edit_sample(sample, with_turn(sample, 3, "Another answer."), count)
    assert edited.messages == (*sample.messages[:2], Message("assistant", "Another answer."))
    assert edited.id != sample.id
    assert edited.id == make_sample(edited.messages, edited.origin).id
    assert edited.token_length == count(edited.messages)
    assert (edited.split, edited.topic_keywords) == ("test", ("tax",))
    origin = edited.origin
    assert (origin.method, origin.edited_from, origin.turn_spans) == ("edited", sample.id, ())
    assert (origin.prompt_id, origin.model, origin.call_id) == ("", "", "")
    # What it is about stays known.
    assert (origin.source_file, origin.span, origin.document_id) == ("guide.pdf", Span(4, 9), "d" * 8)
    assert row_to_sample(sample_to_row(edited), "create") == edited


def test_an_edit_back_is_another_sample() -> None:
    sample = make_example(4)
    there = edit_sample(sample, with_turn(sample, 3, "Other."), count)
    back = edit_sample(there, sample.messages, count)
    assert back.messages == sample.messages
    assert len({sample.id, there.id, back.id}) == 3


def test_an_unedited_sample_is_stored_as_ever() -> None:
    assert "edited_from" not in sample_to_row(make_example(4)).origin


@pytest.mark.parametrize(
    "turns, complaint",
    [
        ([("user", "a"), ("assistant", "b")], ""),
        ([("system", "s"), ("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d")], ""),
        ([], "the first turn must be the user's"),
        ([("system", "s")], "the first turn must be the user's"),
        ([("assistant", "b"), ("user", "a")], "the first turn must be the user's"),
        ([("user", "a")], "the last turn must be the assistant's"),
        ([("user", "a"), ("assistant", " \n")], "message 2 (assistant) is empty"),
        ([("user", "a"), ("bot", "b")], "message 2 has the role 'bot'; use one of system, user, assistant"),
        ([("user", "a"), ("system", "s"), ("assistant", "b")], "message 2 is a system message"),
        ([("user", "a"), ("assistant", "half \ud83d")], "message 2 has a character that is no text"),
        ([("user", "a"), ("user", "b"), ("assistant", "c")], "turn 2 has the role of the one before it (user)"),
    ],
)  # fmt: skip
def test_messages_are_checked(turns: list[tuple[Role, str]], complaint: str) -> None:
    messages = [Message(*turn) for turn in turns]
    assert complaint_about(messages).startswith(complaint) and bool(complaint_about(messages)) == bool(complaint)
    if complaint:
        with pytest.raises(UsageError, match="sample s000001: "):
            edit_sample(make_example(1), messages, count)


def test_what_the_provider_refuses_is_refused() -> None:
    def objection(sample: Sample) -> str:
        return "too long." if sample.token_length > 60 else ""

    sample = make_example(1)
    with pytest.raises(UsageError, match=r"sample s000001: too long\.$"):
        edit_sample(sample, with_turn(sample, 3, "x" * 100), count, objection)
    assert edit_sample(sample, with_turn(sample, 3, "x"), count, objection).token_length == 21


def test_nothing_and_a_turn_that_is_not_there_are_told() -> None:
    sample = make_example(1)
    with pytest.raises(UsageError, match="nothing is changed"):
        edit_sample(sample, sample.messages, count)
    with pytest.raises(UsageError, match="nothing is changed"):
        edit_facts(sample, topic_keywords=())
    for number in (0, 4, -1):
        with pytest.raises(UsageError, match="messages 1 to 3"):
            with_turn(sample, number, "x")


def test_other_facts_keep_the_id() -> None:
    changed = edit_facts(make_example(1), topic_keywords=["law"], split="test")
    assert (changed.id, changed.topic_keywords, changed.split) == ("s000001", ("law",), "test")


def test_a_new_sample_says_that_a_user_wrote_it() -> None:
    messages = [Message("user", "Why?"), Message("assistant", "Because.")]
    sample = new_sample(messages, count, source_file="a.pdf", place="page 3", topic_keywords=["why"], split="train")
    assert (sample.origin.method, sample.origin.source_file, sample.origin.place) == ("added", "a.pdf", "page 3")
    assert (sample.token_length, sample.split, sample.topic_keywords) == (12, "train", ("why",))
    with pytest.raises(UsageError, match="the new sample: the last turn"):
        new_sample(messages[:1], count)


def document(text: str) -> Document:
    return Document("d" * 8, "guide.pdf", (Block(text, "paragraph", "page 2", 0),))


def test_the_passage_stands_beside_the_sample() -> None:
    text = "0123456789" * 20
    passage = passage_of(make_example(30), document(text), around=10)
    assert passage is not None
    assert (passage.place, passage.before, passage.marked, passage.after) == (
        "page 2",
        text[20:30],
        "01234",
        text[35:45],
    )
    chunked = passage_of(make_example(30, chunk_id="abcdefabcdef:25-50"), document(text))
    assert chunked is not None
    assert (chunked.before, chunked.after) == (text[25:30], text[35:50])
    # A chunk that does not hold the span says nothing.
    assert passage_of(make_example(30, chunk_id="abcdefabcdef:90-95"), document(text), around=10) == passage


def test_no_passage_of_another_document_or_beyond_its_end() -> None:
    assert passage_of(make_example(30), Document("other", "x", ())) is None
    assert passage_of(make_example(300), document("short")) is None
    edited = new_sample([Message("user", "a"), Message("assistant", "b")], count)
    assert passage_of(edited, document("short")) is None
