"""Questions without labels: numbered ones, and headings or lines that ask, with the answer below."""

from __future__ import annotations

import pytest

from tests.agents.recognisers.support import block_document, found, pair, talks


def test_headings_that_ask() -> None:
    first = "# FAQ\n\n## How does it work?\n\nLike so.\n\n### In detail\n\nMore.\n\n"
    text = first + "## Contact\n\nCall us.\n\n## Is it free?\nYes.\n"
    assert talks(text) == [pair("How does it work?", "Like so.\n\n### In detail\n\nMore."), pair("Is it free?", "Yes.")]
    assert [text[span.start : span.end] for span in found(text)[0].context] == ["# FAQ"]


def test_headings_of_an_office_document() -> None:
    document = block_document(
        ("How does it work?", "heading", "How does it work?"),
        ("Like so.", "paragraph", "How does it work?"),
        ("And so.", "paragraph", "How does it work?"),
        ("Is it free?", "heading", "Is it free?"),
        ("Yes.", "paragraph", "Is it free?"),
    )
    assert talks(document) == [pair("How does it work?", "Like so.\n\nAnd so."), pair("Is it free?", "Yes.")]


@pytest.mark.parametrize(
    "form", ["### {n}. {q}", "### Q{n}: {q}", "**{n}. {q}**", "**Q{n}. {q}**", "#### {n}.1 {q}", "{n}. {q}\n-------"]
)
def test_numbers_and_marks_are_no_part_of_the_question(form: str) -> None:
    who, why = form.format(n=1, q="Who?"), form.format(n=2, q="Why?")
    assert talks(f"{who}\n\nI do.\n\n{why}\n\nFor fun.\n") == [pair("Who?", "I do."), pair("Why?", "For fun.")]


def test_lines_that_ask_below_the_title_of_an_faq() -> None:
    text = "Frequently Asked Questions\n\nIs it free?\n\nYes, it is.\n\nFor how long?\n\nFor ever.\n\nAnd then.\n"
    assert talks(text) == [pair("Is it free?", "Yes, it is."), pair("For how long?", "For ever.\n\nAnd then.")]


@pytest.mark.parametrize(
    "text",
    [
        "# Essay\n\n## What is truth?\n\nNobody knows.\n\n## The night\n\nDark.\n\n## The day\n\nLight.\n",
        "Some prose.\n\nBut what is truth?\n\nNobody knows it.\n\nAnd who asks?\n\nMore prose.\n",
        "1. What?\n\n1.1. Who is it?\n\n1.2. Why is it so?\n\n1.3. When was it?\n\n2. Where?\n",
        "Who is it?.......... 3\nWhy is it so?......... 4\nWhen was it?......... 5\n",
        "#!/bin/sh\n# who is that?\necho 1\n# who is this?\necho 2\n",
    ],
)
def test_questions_that_nobody_answers(text: str) -> None:
    assert talks(text) == []


@pytest.mark.parametrize("mark", ["{}. ", "{}) ", "({}) ", "Q{}. ", "Q{}: ", "Question {}: "])
def test_numbered_questions(mark: str) -> None:
    text = f"{mark.format(1)}Who is it?\nMe.\n\nOnly me.\n\n{mark.format(2)}Why\nso late?\nI missed\nthe bus.\n"
    assert talks(text) == [pair("Who is it?", "Me.\n\nOnly me."), pair("Why\nso late?", "I missed\nthe bus.")]


def test_a_numbered_list_inside_an_answer_is_part_of_it() -> None:
    text = "1. How do I open it?\n\n1. Press.\n2. Turn.\n\n2. Is it safe?\n\nYes.\n\n3. And clean?\n\nVery.\n"
    assert talks(text) == [
        pair("How do I open it?", "1. Press.\n2. Turn."),
        pair("Is it safe?", "Yes."),
        pair("And clean?", "Very."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "1. What is your name?\n________\n2. How old are you?\n________\n",
        "1. Do you smoke?\n[ ] yes\n[ ] no\n2. Do you drink?\n[ ] yes\n[ ] no\n",
        "1. Which?\n(a) one\n(b) two\n\n2. Which else?\n(a) three\n(b) four\n",
        "1. Who is it?\n2. Why is it?\n3. When is it?\n",
    ],
)
def test_forms_and_lists_of_questions_hold_no_answers(text: str) -> None:
    assert talks(text) == []


def test_many_lists_of_one_question_are_read_to_their_end() -> None:
    assert talks("1. a?\nb\n\n" * 20_000) == []


def test_lists_whose_numbers_begin_again_keep_their_own_answers_and_take_linear_time() -> None:
    text = "1. Is it on?\nYes.\n\n2. Is it off?\nNo.\n\n" * 3000  # a minute and more where the time is quadratic
    said = talks(text)
    assert len(said) == 6000
    assert said[:3] == [pair("Is it on?", "Yes."), pair("Is it off?", "No."), pair("Is it on?", "Yes.")]
