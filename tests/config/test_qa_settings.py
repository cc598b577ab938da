"""The section `qa`: what it accepts, and that it names the same as the program."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from src.analysis.pii.findings import KINDS
from src.analysis.pii.redaction.policies import POLICIES
from src.analysis.pii.scan import LOCALES
from src.config.loader import load_settings
from src.config.qa_settings import MetricName, PiiKind, PiiLocale, PiiPolicy, ThresholdSettings
from src.dataset.quality.measuring.catalog import CATALOG
from src.dataset.quality.scores import WEIGHTS
from src.errors import ConfigError


def load(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    load_settings(path)


def test_kinds_policies_and_locales_are_those_of_the_search() -> None:
    assert set(get_args(PiiKind)) == set(KINDS)
    assert set(get_args(PiiPolicy)) == set(POLICIES)
    assert set(get_args(PiiLocale)) == set(LOCALES)


def test_every_figure_is_explained_and_every_threshold_and_weight_is_a_figures() -> None:
    names = set(get_args(MetricName))
    assert set(CATALOG) == names
    assert set(WEIGHTS) <= names
    parts_of_diversity = {"distinct_2", "self_bleu", "compression"}
    assert set(ThresholdSettings.model_fields) - parts_of_diversity <= names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "qa:\n  thresholds:\n    refusal: {warn: 1}\n",
            "qa.thresholds.refusal: unknown key; did you mean 'refusals'?",
        ),
        ("qa:\n  thresholds:\n    refusals: {warning: 1}\n", "qa.thresholds.refusals.warning: unknown key"),
        ("qa:\n  pii:\n    policies: {EMAIL: hide}\n", "qa.pii.policies.EMAIL"),
        ("qa:\n  pii:\n    policies: {MAIL: mask}\n", "qa.pii.policies"),
        ("qa:\n  pii:\n    locales: [zz]\n", "qa.pii.locales"),
        ("qa:\n  skip: [readabilty]\n", "qa.skip"),
        ("qa:\n  score:\n    weights: {refusals: 2}\n", "the weight of refusals must lie between 0 and 1"),
        ("qa:\n  language: english\n", "qa.language"),
    ],
)
def test_problems_name_the_key(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert expected in "\n".join(caught.value.problems)


def test_limits_may_be_whole_numbers_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("qa:\n  thresholds:\n    refusals: {warn: 1}\n", encoding="utf-8")
    thresholds = load_settings(path).qa.thresholds
    assert (thresholds.refusals.warn, thresholds.refusals.fail) == (1, None)
