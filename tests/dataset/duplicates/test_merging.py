"""Merged datasets hold each id once, and every loss is counted."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from src.dataset.duplicates.merging import EXACT, ID_TAKEN, NEAR, SAME_SAMPLE, OnIdClash, merge
from src.errors import UsageError
from src.persistence.sqlite_client import DatasetStore
from src.records import Dataset, Sample
from tests.dataset.duplicates.planted import sample

LONG = (
    "the pump is cleaned once a week with warm water and a soft cloth before it is used again by the operator on duty"
)
FIRST = [sample("a", "One?", "Yes."), sample("b", LONG, "Yes."), sample("c", "Three?", "No.", split="test")]
SECOND = [
    sample("a", "One?", "Yes."),
    sample("b", "Another?", "Yes."),
    sample("d", "three? ", "NO."),
    sample("e", f"{LONG} now", "Yes."),
]


def dataset(name: str, samples: list[Sample], provider: str = "openai", model: str = "gpt-4.1") -> Dataset:
    return Dataset(name, provider, model, "create", samples)


def both() -> list[Dataset]:
    return [dataset("first", FIRST), dataset("second", SECOND)]


def test_the_first_of_an_id_stays() -> None:
    merged = merge(both())
    assert [(made.id, made.messages) for made in merged.samples] == [
        (made.id, made.messages) for made in (*FIRST, *SECOND[2:])
    ]
    assert merged.report.dropped == {SAME_SAMPLE: 1, ID_TAKEN: 1}
    assert merged.report.counts == {"samples of first": 3, "samples of second": 4, "samples": 5}


def test_the_later_of_an_id_is_renamed_but_not_the_same_sample() -> None:
    taken = [*SECOND, sample("b-2", "Taken?"), sample("b", "A third?"), sample("b", "Another?", "Yes.")]
    merged = merge([dataset("first", FIRST), dataset("second", taken)], on_id_clash="rename")
    assert [made.id for made in merged.samples] == ["a", "b", "c", "b-3", "d", "e", "b-2", "b-4"]
    assert merged.samples[3].messages == SECOND[1].messages
    assert [made.id for made in merged.samples[2:5]] == ["c", "b-3", "d"]
    assert merged.report.dropped == {SAME_SAMPLE: 2}
    assert merged.report.counts["renamed"] == 2


def test_a_clash_may_be_refused() -> None:
    with pytest.raises(UsageError, match=r"2 samples have an id that is there already \(a, b\), 1 of them"):
        merge(both(), on_id_clash="refuse")
    assert len(merge([dataset("first", FIRST), dataset("rest", SECOND[2:])], on_id_clash="refuse").samples) == 5


@pytest.mark.parametrize("on_id_clash", [mode for mode in get_args(OnIdClash) if mode != "refuse"])
def test_everything_is_kept_or_counted(on_id_clash: OnIdClash) -> None:
    for duplicates in ("keep", "drop_exact", "drop_near"):
        merged = merge([*both(), dataset("third", [*FIRST, *SECOND])], on_id_clash=on_id_clash, duplicates=duplicates)
        assert len(list(merged.samples)) == len(merged.samples) == merged.report.counts["samples"]
        assert len(merged.samples) + merged.report.dropped.total() == 14
        assert len({made.id for made in merged.samples}) == len(merged.samples)


def test_duplicates_are_dropped_by_kind() -> None:
    exact = merge(both(), duplicates="drop_exact")
    assert [made.id for made in exact.samples] == ["a", "b", "c", "e"]
    assert exact.report.dropped == {SAME_SAMPLE: 1, ID_TAKEN: 1, EXACT: 1}
    near = merge(both(), duplicates="drop_near")
    assert [made.id for made in near.samples] == ["a", "b", "c"]
    assert near.report.dropped == {SAME_SAMPLE: 1, ID_TAKEN: 1, EXACT: 1, NEAR: 1}


def test_differences_of_the_datasets_are_told() -> None:
    merged = merge([dataset("first", FIRST), dataset("second", SECOND, "llama", "llama-3.1")])
    told = {issue.where: issue.message for issue in merged.report.issues}
    differing = "the datasets differ (first: openai, second: llama); the merged one has that of first, openai."
    assert told["provider"] == differing
    assert "count them anew" in told["tokens"]
    assert not [issue for issue in merge(both()).report.issues if issue.severity == "warning"]


def test_stored_datasets_are_merged_without_being_held(tmp_path: Path) -> None:
    with DatasetStore(tmp_path / "d.db") as store:
        stored = [
            store.load_dataset(store.save_dataset(made, {})) for made in (dataset("f", FIRST), dataset("s", SECOND[2:]))
        ]
        merged = merge(stored, duplicates="drop_near")
        saved = store.save_dataset(dataset("both", []).with_samples(merged.samples), {})
        assert [made.id for made in store.load_dataset(saved).samples] == ["a", "b", "c"]


def test_no_dataset_is_refused() -> None:
    with pytest.raises(UsageError):
        merge([])
