"""The parts figures are made of, against values known from elsewhere."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from src.analysis.language.detection import heuristic_detector
from src.config.qa_settings import Limits, ThresholdSettings
from src.dataset.quality.bias.terms import Named, without_groups
from src.dataset.quality.bias.wilson import wilson_interval
from src.dataset.quality.checks.languages import Languages
from src.dataset.quality.checks.relevance import why_unanswered
from src.dataset.quality.checks.support import support_of
from src.dataset.quality.judging.grading import grade, judge_tasks
from src.dataset.quality.judging.rubric import CRITERIA, RUBRIC, read_grades
from src.dataset.quality.measuring.flag_book import FlagBook
from src.dataset.quality.measuring.view import View
from src.dataset.quality.scores import ScoreSheet
from src.dataset.quality.sources import passage_text, passages_from
from src.dataset.quality.variety.fixed_sample import FixedSample
from src.dataset.quality.variety.frequent import Frequent
from src.dataset.quality.variety.self_bleu import self_bleu
from src.records import Block, Document, Message, Origin, Sample, Span, make_sample

# Computed once with sacrebleu 2.5: sentence_bleu(tokenize="none", use_effective_order=True), the mean of all.
SELF_BLEU = 25.82
PASSAGE = "The mill was built in March 1884 by the Sonnleitner family. It ground 1,200 tons of rye a year until 1931."


def exchange(question: str, answer: str) -> Sample:
    return make_sample([Message("user", question), Message("assistant", answer)], Origin("a", "created", "d", "p"))


def book() -> FlagBook:
    return FlagBook(ScoreSheet(), 10, lambda note: note)


def test_support_is_whole_for_words_of_the_passage_and_none_for_others() -> None:
    assert support_of("It ground 1,200 tons of rye a year", PASSAGE).score == 1.0
    other = support_of("Penguins breed on islands near Antarctica", PASSAGE)
    assert other.score == 0.0


@pytest.mark.parametrize(
    ("answer", "figures"),
    [
        ("It ground 1200 tons of rye.", ()),
        ("It was built in 1884.", ()),
        ("It was built in 1885.", ("1885",)),
        ("It was built in April 1884.", ("April",)),
        ("1. It was built.\n2. It ground rye.", ()),
        ("It ground rye for 47 years.", ("47",)),
    ],
)
def test_numbers_and_dates_that_are_not_in_the_passage_are_named(answer: str, figures: tuple[str, ...]) -> None:
    assert support_of(answer, PASSAGE, "When was the mill built?").figures == figures


def test_a_number_of_the_question_is_known() -> None:
    assert support_of("After 1931 it stood still, until 1950.", PASSAGE, "What happened until 1950?").figures == ()


def test_names_that_are_not_in_the_passage_are_named() -> None:
    assert support_of("It belonged to the Sonnleitners and later to Brandauer.", PASSAGE).names == ("Brandauer",)


@pytest.mark.parametrize(
    ("question", "answer", "why"),
    [
        ("When does the pool open?", "", "no answer"),
        ("When does the pool open?", "When does the pool open?", "it repeats the question"),
        ("When does the pool open?", "Do you mean the outdoor one?", "it asks back"),
        ("When does the pool open?", "At seven.", ""),
        ("When does the pool open?", "The pool opens at seven.", ""),
        ("Why?", "Because water expands when it freezes to solid ice.", ""),
        (
            "When does the swimming pool open?",
            "Comets have two tails, one of dust and another one of ionised gas.",
            "nothing in common with the question",
        ),
    ],
)
def test_what_counts_as_no_answer(question: str, answer: str, why: str) -> None:
    assert why_unanswered(question, answer) == why


def test_self_bleu_is_what_sacrebleu_says() -> None:
    texts = [
        "the valve is opened slowly by the operator",
        "the valve is closed quickly by the operator in an emergency",
        "a log is kept for every shift",
        "the pump is opened slowly",
    ]
    assert self_bleu([text.split() for text in texts]) == pytest.approx(SELF_BLEU, abs=0.01)
    assert self_bleu([["same", "words", "here", "again"]] * 3) == pytest.approx(100)
    assert self_bleu([["alone"]]) is None


def test_wilson_intervals_are_those_of_the_textbook() -> None:
    """R: prop.test(8, 50, correct = FALSE)."""
    low, high = wilson_interval(8, 50)
    assert (round(low, 4), round(high, 4)) == (0.0834, 0.2851)
    assert wilson_interval(0, 0) == (0.0, 1.0)


def test_the_most_frequent_of_a_long_stream_is_found_in_little_room() -> None:
    found = Frequent(width=100)
    for number in range(10_000):
        found.add("often" if number % 4 == 0 else f"once {number}")
    assert found.most_common(1) == [("often", 2500)]
    assert len(found.counts()) < 300


def test_a_fixed_sample_does_not_depend_on_the_order() -> None:
    def chosen(keys: list[str]) -> list[str]:
        sample: FixedSample[str] = FixedSample(5)
        for key in keys:
            rank = sample.wants(key)
            if rank is not None:
                sample.add(rank, key)
        return sample.items()

    keys = [f"s{number}" for number in range(200)]
    assert chosen(keys) == chosen(keys[::-1])
    assert len(chosen(keys)) == 5


def test_groups_are_named_by_their_words() -> None:
    assert Named("She met Muslims and disabled people in Kenya.").groups == {"Muslims", "disabled people"}
    assert Named("She met them in Kenya.").regions == {"Africa"}
    assert not Named("We ate turkey and polish the silver.")
    assert (
        without_groups("Are women good at chess?") == without_groups("Are men good at chess?") == "are # good at chess?"
    )
    assert without_groups("Is the valve open?") is None


def test_languages_told_without_the_library_say_so() -> None:
    check = Languages(book(), ThresholdSettings(), heuristic_detector(), "auto")
    sample = exchange("What is checked every week by the operator?", "The level of the water in the tank is checked.")
    check.book.scores.add(sample.id)
    check.look(View(sample, 0))
    language = check.finish()[0]
    assert "heuristic" in language.note
    assert "requirements-qa.txt" in language.note


def test_answers_of_the_judge_are_read_or_refused_never_repaired() -> None:
    good = {**dict.fromkeys(CRITERIA, 4), "reason": "fine"}
    found = read_grades(json.dumps(good))
    assert found is not None
    assert found.mean == 4
    for bad in (
        "",
        "4",
        "{}",
        json.dumps({**good, "clear": 9}),
        json.dumps({**good, "clear": "4"}),
        json.dumps(good)[:-3],
    ):
        assert read_grades(bad) is None


def test_what_the_judge_is_asked_holds_the_rubric_and_fences_the_sample() -> None:
    samples = [exchange(f"What is number {number}?", f"Number {number} is a valve.") for number in range(30)]
    tasks = judge_tasks(samples, 10, lambda sample: "The passage")
    assert len(tasks) == 10
    assert tasks == judge_tasks(samples[::-1], 10, lambda sample: "The passage")
    assert tasks[0].messages[0].content == RUBRIC
    assert tasks[0].messages[1].content.count("<<") == 2


def test_grades_that_cannot_be_read_are_told_and_not_made_up() -> None:
    samples = [exchange(f"What is number {number}?", f"Number {number} is a valve.") for number in range(10)]
    none = grade(samples, 10, lambda sample: None, lambda tasks: ["no JSON"] * len(tasks), book(), Limits(warn=3.5))
    assert (none.state, none.value) == ("not computed", None)
    reply = json.dumps({**dict.fromkeys(CRITERIA, 5), "reason": ""})
    some = grade(
        samples, 10, lambda sample: None, lambda tasks: [reply, *[None] * (len(tasks) - 1)], book(), Limits(warn=3.5)
    )
    assert (some.value, some.of) == (5.0, 1)
    assert "9 of 10" in some.note


def test_the_passage_of_a_sample_is_cut_from_its_document() -> None:
    document = Document(
        "f" * 64,
        "a.txt",
        (Block("First paragraph.", "paragraph", "page 1", 0), Block(PASSAGE, "paragraph", "page 2", 20)),
    )
    created = Origin("a.txt", "created", document.id, "page 2", chunk_id=f"{document.short_id}:20-{20 + len(PASSAGE)}")
    sample = make_sample([Message("user", "?"), Message("assistant", "!")], created)
    assert passage_text(sample, document) == PASSAGE
    identified = replace(created, method="identified", span=Span(0, 5), chunk_id="")
    assert passage_text(replace(sample, origin=identified), document) == "First"
    assert passage_text(replace(sample, origin=replace(created, chunk_id="c1")), document) is None
    of = passages_from({document.id: document}.__getitem__)
    assert of(sample) == PASSAGE
    assert of(replace(sample, origin=replace(created, document_id="e" * 64))) is None
