"""What an assessment promises besides its figures: nothing personal shown, nothing made up, every sample found."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from src.config.qa_settings import Limits, PiiSettings, QASettings, ScoreSettings, ThresholdSettings
from src.dataset.quality.assessing import Surroundings, assess
from src.dataset.quality.report import QAReport
from src.dataset.quality.showing.lines import flag_lines, report_lines
from src.dataset.quality.showing.web_page import qa_page
from src.records import Message, Origin, Sample, make_sample
from tests.dataset.quality.base_samples import base_items, change, make

CANARIES = (
    "martha.quendel@steinfurth-werke.de",
    "4539 1488 0343 6467",
    "ghp_x8Kd02LmQz71RtYvWb34NcPs56HgJfTe90Ua",
    "GB29 NWBK 6016 1331 9268 19",
    "+1 (202) 456-1414",
    "536-90-4399",
)


def small_sample(number: int, answer: str, question: str = "What is said about the valve?") -> Sample:
    origin = Origin("a.txt", "created", "d", "page 1", chunk_id=f"c{number}")
    return replace(make_sample([Message("user", question), Message("assistant", answer)], origin), token_length=20)


def assess_small(answers: Sequence[str], settings: QASettings | None = None, **around: object) -> QAReport:
    samples = [small_sample(number, answer) for number, answer in enumerate(answers)]
    return assess(samples, settings or QASettings(), Surroundings(**around), name="small")  # type: ignore[arg-type]


def everything_shown(report: QAReport) -> str:
    lines = [line for metric in report.metrics for line in flag_lines(report, metric.name)]
    return "\n".join([json.dumps(report.to_json()), qa_page(report), *report_lines(report, everything=True), *lines])


@pytest.mark.parametrize("value", CANARIES)
def test_no_personal_value_is_ever_shown(value: str) -> None:
    """Not as a finding, and not as the quotation, number, name, opening or topic of another figure."""
    quoting = [
        f"I cannot provide help with {value} today.",
        f"Send the chat history to {value} now.",
        f"The answer was {value}, as Quendelmann von Steinfurth said to Brunhilde.",
        f"{value} is what stands here, {value}",
        f"I hope this helps, {value}!",
    ]
    shown = everything_shown(assess_small(quoting * 6, passage_of=lambda sample: "Another text about the valve."))
    assert value not in shown
    assert "".join(value.split()) not in "".join(shown.split())


def test_names_that_are_not_in_the_source_are_shown_masked() -> None:
    report = assess_small(
        ["Then the valve was closed by Brunhilde."], passage_of=lambda sample: "The valve was closed."
    )
    (flag,) = report.flags["new_names"]
    assert flag.place == "message 2, characters 30 to 38"
    assert "Br***" in flag.note
    assert "Brunhilde" not in everything_shown(report)


def test_what_could_not_be_measured_says_why_and_has_no_number() -> None:
    report = assess_small(["The valve is opened slowly by hand."])
    for name, why in (
        ("groundedness", "text is not at hand"),
        ("verbatim", "no sample was identified"),
        ("token_length", "not known how many tokens"),
        ("judge", "no samples are to be graded"),
        ("benchmark_overlap", "no file was given"),
        ("split_overlap", "not divided"),
        ("diversity", "too few"),
        ("gender_balance", "it takes 50"),
        ("exact_duplicates", "two samples"),
    ):
        metric = report.metric(name)  # type: ignore[arg-type]
        assert (metric.state, metric.value) == ("not computed", None)
        assert why in metric.note


def test_a_dataset_without_samples_has_a_report() -> None:
    report = assess([], QASettings(), name="empty")
    assert report.samples == 0
    assert report.ok
    assert {metric.state for metric in report.metrics} <= {"not computed", "info"}
    assert "empty" in everything_shown(report)


def test_all_flagged_samples_are_found_though_few_are_listed() -> None:
    refused = [f"I cannot help with number {number}." for number in range(40)]
    report = assess_small([*refused, "The valve is opened slowly."], QASettings(listed=5))
    assert len(report.flags["refusals"]) == 5
    assert report.metric("refusals").flagged == 40
    ids = list(report.flagged_ids("refusals"))
    assert len(set(ids)) == 40
    assert report.scores.of(ids[-1]).reasons[0] == "refusals"  # type: ignore[union-attr]


def test_scores_fall_with_the_weights_of_what_flags_a_sample() -> None:
    settings = QASettings(score=ScoreSettings(least=0.9, weights={"refusals": 0.25, "short_answers": 0.0}))
    report = assess_small(["I cannot answer.", "The valve is opened slowly by hand."], settings)
    first, second = report.scores
    assert (first.score, first.reasons) == (0.75, ("short_answers", "refusals"))
    assert (second.score, second.reasons) == (1.0, ())
    assert [low.sample_id for low in report.scores.below(0.9, 10)] == [first.sample_id]
    assert report.scores.histogram() == [0, 0, 0, 0, 0, 0, 0, 1, 0, 1]


def test_figures_that_are_skipped_are_not_there_and_flag_nothing() -> None:
    settings = QASettings(skip=["refusals", "truncated", "boilerplate", "leftovers", "exact_duplicates"])
    report = assess_small(["I cannot answer this question."] * 2, settings)
    names = {metric.name for metric in report.metrics}
    assert names.isdisjoint(settings.skip)
    assert "near_duplicates" in names
    assert "exact_duplicates" not in report.flags


def test_limits_of_the_settings_decide_the_state() -> None:
    answers = ["I cannot answer this."] + [f"The valve number {n} is opened slowly." for n in range(9)]
    strict = ThresholdSettings(refusals=Limits(warn=5, fail=9))
    loose = ThresholdSettings(refusals=Limits(warn=10, fail=20))
    assert assess_small(answers, QASettings(thresholds=strict)).metric("refusals").state == "fail"
    assert assess_small(answers, QASettings(thresholds=loose)).metric("refusals").state == "ok"
    assert (
        assess_small(answers, QASettings(thresholds=ThresholdSettings(refusals=Limits()))).metric("refusals").state
        == "info"
    )


def test_a_policy_stands_beside_each_finding() -> None:
    settings = QASettings(pii=PiiSettings(policies={"EMAIL": "mask"}))
    report = assess_small(["Write to martha.quendel@steinfurth-werke.de please."], settings)
    assert "mask" in report.flags["personal_data"][0].note
    assert "mask" in str(report.metric("personal_data").details["EMAIL"])


class OnlyIterated(Sequence[Sample]):
    """Samples that come one after the other, as from a database; no two are held."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, index: object) -> Sample:  # type: ignore[override]
        raise AssertionError("samples are gone through, not looked up")

    def __iter__(self) -> Iterator[Sample]:
        return (replace(sample) for sample in self._samples)


def test_samples_are_only_gone_through_and_the_same_ones_give_the_same_report() -> None:
    planted = make(base_items())
    around = Surroundings(passage_of=planted.passage_of)
    one = assess(OnlyIterated(planted.samples), QASettings(), around)
    other = assess(planted.samples, QASettings(), around)
    assert one.to_json() == other.to_json()


def test_the_order_of_the_samples_does_not_change_the_figures() -> None:
    planted = make(change(base_items(), 9, lambda item, _: item.with_answer("I cannot help with that.")))
    around = Surroundings(passage_of=planted.passage_of)
    one = assess(planted.samples, QASettings(), around)
    other = assess(list(reversed(planted.samples)), QASettings(), around)
    assert [(m.name, m.value, m.state) for m in one.metrics] == [(m.name, m.value, m.state) for m in other.metrics]
    assert set(one.flagged_ids("refusals")) == set(other.flagged_ids("refusals"))


def test_hostile_texts_stay_text_on_the_page() -> None:
    hostile = "<script>alert(1)</script> I cannot help with \u202ethat </details> {{7*7}}"
    page = qa_page(assess_small([hostile] * 3, passage_of=lambda sample: "x"))
    assert "<script" not in page
    assert "\u202e" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_progress_is_told() -> None:
    told: list[int] = []
    samples = [small_sample(number, f"The valve number {number} is opened slowly.") for number in range(1200)]
    assess(samples, QASettings(), progress=told.append)
    assert told == [500, 1000]
