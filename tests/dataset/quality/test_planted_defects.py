"""Datasets with one planted defect each: the figure for it fires, and no other does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from src.config.qa_settings import QASettings
from src.dataset.quality.assessing import Surroundings, assess
from src.dataset.quality.report import QAReport
from src.records import Message
from tests.dataset.quality.base_samples import Planted, base_items, make
from tests.dataset.quality.defects import DEFECTS, PROMPT, TOKEN_LIMIT


def assess_planted(planted: Planted, surroundings: Surroundings, judged: bool = False) -> QAReport:
    around = replace(surroundings, passage_of=planted.passage_of, prompts=(PROMPT,), token_limit=TOKEN_LIMIT)
    return assess(planted.samples, QASettings(judge_samples=20 if judged else 0), around)


def fired(report: QAReport) -> set[str]:
    return {metric.name for metric in report.in_state("warn", "fail")}


def test_a_clean_dataset_flags_nothing() -> None:
    report = assess_planted(make(base_items()), Surroundings())
    assert report.samples == 306
    assert fired(report) == set()
    assert report.ok


@pytest.mark.parametrize("name", DEFECTS)
def test_the_figure_for_a_defect_fires_and_no_other(name: str, tmp_path: Path) -> None:
    defect = DEFECTS[name]
    planted = make(defect.plant(base_items()))
    against = defect.benchmark(tmp_path) if defect.benchmark else None
    around = Surroundings(canaries=defect.canaries, against=against, judge=defect.judge)
    report = assess_planted(planted, around, defect.judge is not None)
    assert fired(report) == {defect.expected}, {m.name: (m.value, m.details) for m in report.in_state("warn", "fail")}


def test_an_identified_sample_that_was_changed_fails_word_for_word() -> None:
    planted = make(base_items())
    place = next(n for n, sample in enumerate(planted.samples) if sample.origin.method == "identified")
    sample = planted.samples[place]
    first = sample.messages[1]
    changed = replace(
        sample, messages=(sample.messages[0], Message(first.role, first.content[:-1] + "!"), *sample.messages[2:])
    )
    samples = [*planted.samples[:place], changed, *planted.samples[place + 1 :]]
    report = assess_planted(Planted(samples, planted.passages), Surroundings())
    assert fired(report) == {"verbatim"}
    assert not report.ok
    assert [flag.sample_id for flag in report.flags["verbatim"]] == [sample.id]
