from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from src.dataset.curation.id_list import IdList
from src.dataset.curation.measures import Measure, flag_measure, score_measure
from src.dataset.curation.rejecting import curate
from src.dataset.curation.selecting import LeftOut, select
from src.dataset.quality.scores import ScoreSheet
from src.errors import UsageError
from src.records import Sample
from tests.dataset.example_samples import make_example

SAMPLES = [
    make_example(1, tokens=40, keywords=("tax",), split="train"),
    make_example(2, tokens=400, keywords=("law",), split="test", source="b/c.pdf"),
    make_example(3, tokens=4000, method="identified", text="A long reply about pumps"),
]


@pytest.mark.parametrize(
    "include, exclude, kept",
    [
        ((), (), [1, 2, 3]),
        ("token_length >= 400", (), [2, 3]),
        (("token_length >= 400", "method == 'created'"), (), [2]),
        ((), "topic in ('tax', 'law')", [3]),
        ((), ("token_length > 1000", "split == 'test'"), [1]),
        ("folder == 'b' or answer.contains('pumps')", (), [2, 3]),
        ("id == 's000003' or question.endswith('1?')", (), [1, 3]),
        ("document.startswith('ddd') and prompt == 'p1' and place != 'page 3'", "answer_length > 20", [1, 2]),
        ((), "text.lower().contains('you help')", []),
    ],
)
def test_rules_choose_by_metadata_and_text(include: str, exclude: str, kept: list[int]) -> None:
    assert list(select(SAMPLES, include, exclude).kept) == [f"s{number:06d}" for number in kept]


def test_every_sample_left_out_has_its_reason() -> None:
    selection = select(SAMPLES, "token_length < 1000", ["topic == 'tax'", "token_length < 50"])
    assert list(selection.kept) == ["s000002"]
    assert list(selection.left_out()) == [
        LeftOut("s000001", "topic == 'tax'"),
        LeftOut("s000003", "not: token_length < 1000"),
    ]
    assert selection.counts == {"topic == 'tax'": 1, "not: token_length < 1000": 1}
    assert (selection.samples, list(selection.left_out_ids)) == (3, ["s000001", "s000003"])


def test_metrics_are_names_in_rules() -> None:
    metrics = {
        "toxicity": {"s000001": 0.9, "s000002": 0.1, "s000003": 0.0},
        "language": {"s000001": "en", "s000002": "de", "s000003": "en"},
        "pii": flag_measure({"s000003"}),
        "words": Measure(lambda sample: len(sample.messages[-1].content.split())),
    }
    assert list(select(SAMPLES, (), "toxicity > 0.5 or pii", metrics).kept) == ["s000002"]
    assert list(select(SAMPLES, "language == 'en' and words < 4", (), metrics).kept) == ["s000001"]


def test_what_is_not_known_is_no_number() -> None:
    metrics = {"toxicity": {"s000001": 0.9}}
    selection = select(SAMPLES, "toxicity < 0.95", (), metrics)
    assert list(selection.kept) == ["s000001"]
    assert selection.counts == {"toxicity is not known, so it cannot be told: toxicity < 0.95": 2}
    selection = select(SAMPLES, (), "toxicity > 0.5", metrics)
    assert list(selection.kept) == ["s000002", "s000003"]
    assert selection.not_judged == {"toxicity > 0.5 (toxicity is not known)": 2}
    # What is decided without the value is decided.
    assert list(select(SAMPLES, (), "token_length > 1000 or toxicity > 0.5", metrics).kept) == ["s000002"]


@pytest.mark.parametrize(
    "rule, reason",
    [
        ("token_length", "gives a number; a filter needs a yes or no"),
        ("toxicity > 1", "'toxicity' is not known; use one of .*, lix"),
        ("__import__('os')", "column 1"),
        ("score > 'a'", "compares a number with a text"),
        ("text == 1", "compares a text with a number"),
    ],
)
def test_what_is_no_filter_is_refused_before_the_first_sample(rule: str, reason: str) -> None:
    def never() -> Iterator[Sample]:
        raise AssertionError("no sample is to be read")
        yield

    with pytest.raises(UsageError, match=reason):
        select(never(), rule, (), {"score": {}})


@pytest.mark.parametrize("name", ["token_length", "text", "a-b", ""])
def test_a_metric_cannot_take_a_name_that_means_something(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be called"):
        select(SAMPLES, (), (), {name: {}})


def scored() -> ScoreSheet:
    sheet = ScoreSheet()
    for sample in SAMPLES[:2]:
        sheet.add(sample.id)
    sheet.mark(0, "toxicity")
    sheet.mark(0, "truncated")
    sheet.mark(1, "boilerplate")
    return sheet


def test_quality_scores_can_be_filtered_by() -> None:
    selection = select(SAMPLES, "score >= 0.5", (), {"score": score_measure(scored())})
    assert list(selection.kept) == ["s000002"]


def test_a_threshold_rejects_with_the_reasons() -> None:
    curated = curate(SAMPLES, 0.5, scored())
    (rejected,) = curated.rejected
    assert (rejected.sample_id, rejected.score) == ("s000001", 0.25)
    assert rejected.reason == "quality score 0.25 is below 0.50: truncated, toxicity"
    assert list(curated.kept) == ["s000002", "s000003"]
    assert list(curated.unscored) == ["s000003"]
    assert curated.counts == {"truncated": 1, "toxicity": 1}
    with pytest.raises(UsageError, match="between 0 and 1"):
        curate(SAMPLES, 50, scored())


def test_ids_take_little_memory() -> None:
    tracemalloc.start()
    ids = IdList(f"s{number:020d}" for number in range(20_000))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 20_000 * 40
    assert (len(ids), ids[7], ids[-1], ids[2:9:3]) == (
        20_000, "s" + "7".zfill(20), "s" + "19999".zfill(20), ["s" + str(n).zfill(20) for n in (2, 5, 8)],
    )  # fmt: skip
    assert "s" + "19".zfill(20) in ids
