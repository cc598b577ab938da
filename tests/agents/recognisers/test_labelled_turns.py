"""Labelled questions and answers: languages, forms of labels, what shares an answer, and where answers end."""

from __future__ import annotations

import pytest

from tests.agents.recognisers.support import block_document, found, pair, paragraphs, talks


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Q:", "A:"), ("Q.", "A."), ("Q)", "A)"), ("Q1:", "A1:"), ("Q 1.", "A 1."), ("q:", "a:"),
        ("QUESTION 12:", "ANSWER:"),
        ("Question #3:", "Answer:"), ("**Q:**", "**A:**"), ("**Q**:", "**A**:"), ("__Question:__", "__Answer:__"),
        ("- Q:", "- A:"),
        ("### Q:", "### A:"), ("1. Q:", "A:"), ("[Q]", "[A]"), ("> Q:", "> A:"), ("Frage:", "Antwort:"), ("F:", "A:"),
        ("Pregunta:", "Respuesta:"), ("P:", "R:"), ("Question :", "Réponse :"), ("Domanda:", "Risposta:"), ("D:", "R:"),
        ("Vraag:", "Antwoord:"), ("Pytanie:", "Odpowiedź:"), ("В:", "О:"), ("Вопрос:", "Ответ:"), ("問：", "答："),
        ("質問：", "回答："), ("问:", "答:"), ("질문:", "답변:"), ("سؤال:", "جواب:"), ("Fråga:", "Svar:"),
        ("Instruction:", "Response:"),
        ("### Instruction:", "### Response:"), ("Prompt:", "Completion:"),
    ],
)  # fmt: skip
def test_labels_in_many_forms_and_languages(question: str, answer: str) -> None:
    assert talks(f"{question} Who?\n{answer} Me.\n\n{question} Why?\n{answer} So.\n") == [
        pair("Who?", "Me."),
        pair("Why?", "So."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "**Question**\n\nWho?\n\n**Answer**\n\nMe.",
        "Question\nWho?\nAnswer\nMe.",
        "### Question 1\n\nWho?\n\n### Answer\n\nMe.",
        "**Q: Who?**\n\nA: Me.",
        "Question:\nWho?\n\nAnswer:\nMe.",
    ],
)
def test_labels_may_stand_alone_on_their_line(text: str) -> None:
    assert talks(text) == [pair("Who?", "Me.")]


def test_headings_that_are_labels() -> None:
    document = block_document(
        ("Question 1", "heading", "Question 1"),
        ("Who?", "paragraph", "Question 1"),
        ("Answer", "heading", "Answer"),
        ("Me.", "paragraph", "Answer"),
    )
    assert talks(document) == [pair("Who?", "Me.")]


def test_questions_one_below_the_other_share_their_answer() -> None:
    assert talks("Q: Who?\nQ: And why?\nA: Me, for fun.") == [pair("Who?\nAnd why?", "Me, for fun.")]


def test_numbers_tell_which_question_is_answered() -> None:
    assert talks("Q1: Lost?\nQ2: Who?\nA2: Me.") == [pair("Who?", "Me.")]


def test_an_answer_without_question_is_ignored() -> None:
    assert talks("A: Because.\nQ: Who?\nA: Me.") == [pair("Who?", "Me.")]


def test_the_input_of_an_instruction_belongs_to_it() -> None:
    text = "### Instruction:\nAdd.\n\n### Input:\n1 and 2\n\n### Response:\n3\n"
    assert talks(text) == [pair("Add.\n1 and 2", "3")]


LONG_ANSWER = """First a paragraph.

1. Open http://example.com:8080/ at 10:30.
   - nested: item
2. Then wait.

Note: it takes long.
Step 1: Do it.

```
Q: a label in code
# and a comment
```

    indented: code

That is all."""


def test_an_answer_with_lists_code_labels_and_times_is_whole() -> None:
    assert talks(f"Q: How?\n\nA: {LONG_ANSWER}\n\nQ: And?\n\nA: So.") == [
        pair("How?", LONG_ANSWER),
        pair("And?", "So."),
    ]


def test_the_last_answer_is_whole_too() -> None:
    assert talks(f"Q: And?\n\nA: So.\n\nQ: How?\n\nA: {LONG_ANSWER}\n\n# Next\n\nProse.")[-1] == pair(
        "How?", LONG_ANSWER
    )


@pytest.mark.parametrize(
    "end", ["# Next", "Next chapter\n============", "------------", "Next chapter", "2. Next chapter", "NEXT CHAPTER"]
)
def test_headings_and_rulers_end_an_answer(end: str) -> None:
    assert talks(f"Q: How?\n\nA: So.\n\n{end}\n\nProse here, and more.") == [pair("How?", "So.")]


def test_paragraphs_of_an_office_document_belong_to_the_answer_above() -> None:
    document = paragraphs("Q: How?", "A: In two steps.", "First this.", "Then that.", "Q: And?", "A: Done.")
    assert talks(document) == [pair("How?", "In two steps.\n\nFirst this.\n\nThen that."), pair("And?", "Done.")]


def test_a_page_number_inside_an_answer_is_left_out() -> None:
    document = block_document(
        ("Q: How?", "paragraph", "page 1"),
        ("A: First you turn", "paragraph", "page 1"),
        ("Page 1 of 2", "paragraph", "page 1"),
        ("the key.", "paragraph", "page 2"),
        ("Q: And?", "paragraph", "page 2"),
        ("A: Done.", "paragraph", "page 2"),
    )
    assert talks(document) == [pair("How?", "First you turn\nthe key."), pair("And?", "Done.")]
    assert len(found(document)[0].turns[1].pieces) == 2


def test_speaker_notes_end_what_stands_on_the_slide() -> None:
    document = block_document(
        ("Q: How?", "list_item", "slide 1"), ("A: So.", "list_item", "slide 1"), ("Say it slowly.", "note", "slide 1")
    )
    assert talks(document) == [pair("How?", "So.")]


def test_quoted_lines_are_said_without_their_marks() -> None:
    assert talks("> Q: How is\n> it?\n> A: Good.\n") == [pair("How is\nit?", "Good.")]


def test_the_heading_and_the_short_text_above_are_context() -> None:
    text = "## Doors\n\nAbout doors.\n\nQ: How?\nA: So.\n"
    assert [text[span.start : span.end] for span in found(text)[0].context] == ["## Doors", "About doors."]


def test_labels_are_shown_with_their_roles() -> None:
    assert found("Frage: Wer?\nAntwort: Ich.")[0].speakers == (("Frage", "user"), ("Antwort", "assistant"))


@pytest.mark.parametrize(
    "text",
    [
        "Q1. Which?\nA. one\nB. two\nC. three\n\nQ2. Which else?\nA. four\nB. five\n",
        "A. Scope\nB. Terms\nC. Law\nQ. Quorum\n",
        "P: 10 bar\nR: 4 ohm\n",
        "C: drive\nD: drive\nR: reads\nP: prints\n",
        "Answer. That is what he wanted. Question. That is what he had.\n",
        "Input: 3\nOutput: 4\nInput: 5\nOutput: 6\n",
        "```\nQ: in code\nA: in code\n```\n",
        "Response: 200 OK\nPrompt: $\n",
        "Question everything.\nAnswer nobody.\n",
    ],
)
def test_what_is_no_question_and_answer(text: str) -> None:
    assert talks(text) == []


def test_an_interview_with_initials_of_question_and_answer_is_one_conversation() -> None:
    text = "Interview with the bookbinder\n\nQ: How?\n\nA: So.\n\nQ: Why?\n\nA: For fun.\n"
    assert talks(text) == [[*pair("How?", "So."), *pair("Why?", "For fun.")]]


def test_a_deposition_without_line_numbers_is_one_conversation() -> None:
    text = """EXAMINATION

BY MR. HALE:
    Q.  Where do you live?
    A.  In Boston.
        MS. ORLOV:  Objection. Form.
        THE WITNESS:  I moved there
    in 1999.
BY MR. HALE:
    Q.  Alone?
    A.  Yes.
"""
    said = ("Where do you live?", "In Boston.", "Objection. Form.", "I moved there\n    in 1999.", "Alone?", "Yes.")
    assert talks(text) == [[("user" if i % 2 == 0 else "assistant", words) for i, words in enumerate(said)]]
    assert dict(found(text)[0].speakers)["THE WITNESS"] == "assistant"
