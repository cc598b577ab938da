"""Conversations are found as they stand, and nothing that merely looks like one."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.agents.conversation_detector import find_conversations
from src.records import Block, Cell, Document


def text_document(text: str) -> Document:
    return Document("d" * 64, "a.txt", (Block(text, "paragraph", "line 1", 0),))


def turns(document: Document, min_turns: int = 2) -> list[list[tuple[str, str]]]:
    found = find_conversations(document, min_turns)
    return [[(turn.role, turn.text(document)) for turn in conversation.turns] for conversation in found]


def pair(question: str, answer: str) -> list[tuple[str, str]]:
    return [("user", question), ("assistant", answer)]


def test_questions_and_answers_with_labels() -> None:
    text = "Intro.\n\nQ: What is it?\nA: A pump.\nIt moves water.\n\nQ2. Why?\nA2. Because.\n"
    assert turns(text_document(text)) == [pair("What is it?", "A pump.\nIt moves water."), pair("Why?", "Because.")]


def test_an_answer_of_several_paragraphs_is_not_cut() -> None:
    text = "Q: How?\n\nA: First this.\n\nThen that.\n\nQ: And?\n\nA: Done."
    assert turns(text_document(text)) == [pair("How?", "First this.\n\nThen that."), pair("And?", "Done.")]


def test_prose_after_the_last_answer_stays_outside() -> None:
    text = "Q: How?\nA: So.\n\nOur office is open from nine to five on weekdays."
    assert turns(text_document(text)) == [pair("How?", "So.")]


def test_a_list_below_the_last_answer_belongs_to_it() -> None:
    text = "Q: How?\nA: In steps:\n\n- one\n- two"
    assert turns(text_document(text)) == [pair("How?", "In steps:\n\n- one\n- two")]


def test_chats_go_on_for_many_turns_and_end_at_a_ruler() -> None:
    text = "User: hi\nAssistant: hello\nUser: a\nb\nAssistant: bye\n\n---\n\nHuman: x\nAI: y"
    expected = [("user", "hi"), ("assistant", "hello"), ("user", "a\nb"), ("assistant", "bye")]
    assert turns(text_document(text)) == [expected, pair("x", "y")]


def test_all_turns_are_given_whoever_speaks_first_and_last() -> None:
    text = "Agent: Welcome!\nCustomer: It leaks.\nAgent: Close the valve.\nCustomer: Thanks."
    expected = [("assistant", "Welcome!"), *pair("It leaks.", "Close the valve."), ("user", "Thanks.")]
    assert turns(text_document(text)) == [expected]


def test_turns_of_one_speaker_in_a_row_are_joined() -> None:
    text = "User: one\nUser: two\nAssistant: three"
    assert turns(text_document(text)) == [pair("one\ntwo", "three")]


@pytest.mark.parametrize(
    "text",
    [
        "**Question**: Who?\n**Answer**: Me.",
        "**Question:** Who?\n\n**Answer:** Me.",
        "**Question**\nWho?\n\n**Answer**\nMe.",
        "**Q: Who?**\nA: Me.",
        "- Q: Who?\n- A: Me.",
        "### Question: Who?\n### Answer: Me.",
        "QUESTION 12: Who?\nANSWER: Me.",
    ],
)
def test_markdown_forms_of_question_and_answer(text: str) -> None:
    assert turns(text_document(text)) == [pair("Who?", "Me.")]


def test_a_question_without_answer_is_not_given_the_next_one() -> None:
    text = "Q: Lost?\n\nQ: Who?\nA: Me."
    assert turns(text_document(text)) == [pair("Who?", "Me.")]


def test_numbered_questions_with_wrapped_lines() -> None:
    text = "1. How do I clean it when it\nis old?\nWith water.\n\n2) What now?\n\nNothing.\n\nMore prose."
    assert turns(text_document(text)) == [
        pair("How do I clean it when it\nis old?", "With water."),
        pair("What now?", "Nothing."),
    ]


def test_multiple_choice_is_no_conversation() -> None:
    assert turns(text_document("1. Which?\nA) one\nB) two\n2. Which else?\nA) one\nB) two\n")) == []


@pytest.mark.parametrize(
    "text",
    [
        "Note: be careful.\nWarning: hot.\nPackage: foo\nReturn type: int\n",
        "A. Scope\nB. Terms\nA. Again\n",
        "1. Introduction\nText.\n2. Methods\nText.\n",
        "Superuser: root\nWhat is this? Nothing.\n",
        "The agent: a person who acts. The customer: a person who buys.",
    ],
)
def test_what_only_looks_like_talk_is_left_alone(text: str) -> None:
    assert turns(text_document(text)) == []


def test_min_turns_counts_user_and_assistant_turns() -> None:
    text = "User: a\nAssistant: b\n\n---\n\nUser: a\nAssistant: b\nUser: c\nAssistant: d"
    assert [len(found) for found in turns(text_document(text), min_turns=4)] == [4]


def row(cells: dict[str, str]) -> Document:
    text, marks = "", []
    for name, value in cells.items():
        text += ("\n" if text else "") + f"{name}: "
        marks.append(Cell(name, len(text), len(text) + len(value)))
        text += value
    return Document("d" * 64, "a.csv", (Block(text, "row", "row 2", 0, tuple(marks)),))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"id": "1", "Question": "Who?", "Answer": "Me.\nOnly me."}, pair("Who?", "Me.\nOnly me.")),
        ({"prompt": "Who?", "completion": "Me."}, pair("Who?", "Me.")),
        ({"instruction": "Add.", "input": "1 and 2", "output": "3"}, pair("Add.\n1 and 2", "3")),
        ({"instruction": "Greet.", "input": "", "output": "Hello"}, pair("Greet.", "Hello")),
    ],
)
def test_columns_of_a_table(cells: dict[str, str], expected: list[tuple[str, str]]) -> None:
    assert turns(row(cells)) == [expected]


@pytest.mark.parametrize(
    "cells", [{"question": "Who?", "answer": " "}, {"question": "Who?"}, {"name": "x", "age": "3"}]
)
def test_rows_without_both_columns_are_left_alone(cells: dict[str, str]) -> None:
    assert turns(row(cells)) == []


@given(st.lists(st.sampled_from(["Q: ", "A: ", "User: ", "Agent:", "1. x?", "\n", "text", "**", " ", "Q", "# h"])))
def test_whatever_the_text_turns_are_spans_of_it_and_do_not_overlap(parts: list[str]) -> None:
    document = text_document("\n".join(parts))
    end = 0
    for conversation in find_conversations(document):
        roles = [turn.role for turn in conversation.turns if turn.role != "system"]
        assert {"user", "assistant"} <= set(roles)
        assert all(one != other for one, other in pairwise(roles))
        assert conversation.span.start >= end
        end = conversation.span.end
        for turn in conversation.turns:
            assert all(document.text_of(piece).strip() for piece in turn.pieces)


@pytest.mark.parametrize(
    ("unit", "found"),
    [
        ("User:\n", 0),
        ("Q:\n\n", 0),
        ("1. a\n", 0),
        ("**", 0),
        ("A) \n", 0),
        ("Q: a\nA: b\n", 20_000),
        ("- " * 20 + "Q", 0),
        ("Tom: hi?\nAnn: you\n", 1),
        ("Tom Fisher ", 0),
        ("> ", 0),
        ("A" * 997 + ". ", 0),
        ("[10:32] ", 0),
        ("```\n", 0),
        ("---\n\nQ: a?\nA: b\n\n", 11_764),
        ("# h?\n\na.\n\n", 0),
        ("<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n\n\n", 3_076),
        ("          TOM\n     Hi?\n\n          ANN\n     You!\n\n", 1),
        (" 1   Q.  a?\n 2   A.  b\n", 0),
    ],
)
def test_hostile_text_is_read_to_its_end(unit: str, found: int) -> None:
    """A quadratic or exponential pattern would keep this test from ending."""
    assert len(find_conversations(text_document(unit * (200_000 // len(unit))))) == found


def test_a_fortune_files_percent_sign_parts_riddles() -> None:
    text = "Q:\tAre we men?\nA:\tWe are Vaxen.\n%\nNo riddle.\n%\nQ:\tHow so?\nA:\tSo,\n\tthat is.\n%\nEnd.\n"
    assert turns(text_document(text)) == [pair("Are we men?", "We are Vaxen."), pair("How so?", "So,\n\tthat is.")]
