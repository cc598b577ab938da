"""Columns of questions and answers are known in many spellings; glossaries and price lists are left alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from src.agents.recognisers.table_columns import find_table_conversations
from tests.agents.recognisers.exports.support import Turns, table_document, turns

ASKED, SAID = "Is it open on Sundays?", "Yes, it is open until nine."
HI = [("user", ASKED), ("assistant", SAID)]


def found(names: Sequence[str], *rows: Sequence[str]) -> Turns:
    return turns(find_table_conversations, table_document(names, rows))


@pytest.mark.parametrize(
    "names",
    [
        ("Frage", "Antwort"), ("Pregunta", "Respuesta"), ("Question", "Réponse"), ("Domanda", "Risposta"),
        ("问题", "回答"), ("質問", "答え"), ("Вопрос", "Ответ"), ("Câu hỏi", "Trả lời"),
        ("Customer question", "Agent's reply"),
        ("question_text", "answer_text"), ("questionText", "answerText"), ("Q", "A"), ("prompt", "chosen"),
        ("instruction", "response"), ("Question (EN)", "Answer (EN)"), ("user_message", "bot_response"),
        ("Question 1", "Answer 1"), ("Frequently asked question", "Answer"), ("query", "response"), ("input", "output"),
        ("user", "assistant"), ("Kunde", "Berater"), ("Expected answer", "Question"), ("FAQ", "Answer"),
        ("User prompt", "Model output"), ("Q.", "A."),
    ],
)  # fmt: skip
def test_names_of_columns(names: Sequence[str]) -> None:
    row = (SAID, ASKED) if names[0] == "Expected answer" else (ASKED, SAID)
    assert found(("id", *names, "source"), ("7", *row, "web")) == [HI]


def test_several_rounds_in_one_row() -> None:
    pairs = [("user", "a b"), ("assistant", "c d"), ("user", "e f"), ("assistant", "g h")]
    cells = [text for _, text in pairs]
    assert found(("user message 1", "bot reply 1", "user message 2", "bot reply 2"), cells) == [pairs]
    assert found(("question", "answer", "follow-up question", "follow-up answer"), cells) == [pairs]
    assert found(("Question 1", "Answer 1", "Question 2", "Answer 2"), cells) == [pairs[:2], pairs[2:]]


def test_the_first_of_several_answers_and_the_plainest_name_count() -> None:
    assert found(("question", "answer 1", "answer 2"), (ASKED, SAID, "No.")) == [HI]
    assert found(("question", "model response", "answer"), (ASKED, "No.", SAID)) == [HI]


def test_a_system_column_comes_first() -> None:
    assert found(("prompt", "completion", "system_prompt"), (ASKED, SAID, "Be brief.")) == [
        [("system", "Be brief."), *HI]
    ]


@pytest.mark.parametrize(
    ("names", "row"),
    [
        (("Term", "Definition"), ("pump", "A thing that moves water.")),
        (("Product", "Price"), ("pump", "9.00")),
        (("Customer", "Agent", "Date"), ("Ann Lee", "Bo Ray", "1 May")),
        (("Question", "Response count"), (ASKED, "12")),
        (("Question", "A", "B", "C", "Answer"), ("Which one?", "one", "two", "three", "B")),
        (("question_id", "answer_id"), ("q one two", "a one two")),
        (("Question", "Answer"), ("1", "C")),
        (("Request", "Response"), ("GET /a", "200 OK")),
        (("Input", "Output"), ("5 V", "3.3 V")),
        (("Command", "Response"), ("AT+CSQ get signal", "OK and the strength")),
        (("a", "b", "prompt"), ("one two", "three four", "five six")),
        (("User", "Model"), ("ann", "X200")),
    ],
)
def test_other_tables_are_left_alone(names: Sequence[str], row: Sequence[str]) -> None:
    assert found(names, row, row) == []


def test_a_table_without_header_whose_first_cells_are_questions() -> None:
    rows = [("Is it open?", "Yes."), ("Where is it?", "Here.")]
    assert found(("column 1", "column 2"), *rows) == [[("user", q), ("assistant", a)] for q, a in rows]
    assert found(("column 1", "column 2"), *rows, ("Total", "2")) == []
