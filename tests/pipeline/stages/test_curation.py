"""Stored datasets are edited, filtered and reviewed as the verbs will do it, and what is exported says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from src.errors import UsageError
from src.export.batches import batches_of
from src.export.lineage.lineage_file import LineageWriter, find_sample
from src.persistence.edits.changing import history_of, list_changes, undo, undoable
from src.persistence.edits.reviewing import add_reviews, list_reviews, review_counts
from src.persistence.sqlite_client import DatasetStore
from src.pipeline.stages.curation import (
    add_stored,
    curate_stored,
    decide_edited,
    delete_stored,
    edit_stored,
    rules_of,
    select_stored,
)
from src.pipeline.stages.curation import (
    find_sample as find_stored,
)
from src.pipeline.tracing.finding import origin_of
from src.records import Message, Sample, make_sample
from tests.dataset.curation.test_selecting import scored
from tests.dataset.example_samples import make_dataset, make_example

SAMPLES = [replace(made, id=make_sample(made.messages, made.origin).id) for made in map(make_example, range(12))]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DatasetStore]:
    with DatasetStore(tmp_path / "x.db") as opened:
        opened.save_dataset(make_dataset(SAMPLES), {}, dataset_id="d1")
        yield opened


def turns(sample: Sample, answer: str) -> list[Message]:
    return [*sample.messages[:-1], Message("assistant", answer)]


def test_an_edit_is_counted_as_the_provider_counts(store: DatasetStore) -> None:
    edited = edit_stored(store, "d1", SAMPLES[3].id, turns(SAMPLES[3], "Quite another answer."), "maria", "wrong")
    assert edited.token_length == rules_of(store.find_dataset("d1")).count_tokens(edited.messages) > 0
    assert store.load_dataset("d1")[3] == edited
    assert history_of(store, "d1", edited.id)[0].before == SAMPLES[3]
    with pytest.raises(UsageError, match="any more"):
        find_stored(store, "d1", SAMPLES[3].id)


def test_an_exported_edit_has_an_id_that_fits_its_lineage(store: DatasetStore, tmp_path: Path) -> None:
    edited = edit_stored(store, "d1", SAMPLES[3].id, turns(SAMPLES[3], "Other."), "maria", "")
    writer = LineageWriter(tmp_path)
    for batch in batches_of(store.stored_samples("d1")):
        writer.write(batch)
    writer.close()
    entry, plain = find_sample(tmp_path, edited.id), find_sample(tmp_path, SAMPLES[4].id)
    assert entry is not None and plain is not None
    assert (entry.method, entry.edited_from, plain.edited_from) == ("edited", SAMPLES[3].id, "")
    assert make_sample(edited.messages, origin_of(entry)).id == edited.id
    assert (tmp_path / "lineage.jsonl").read_text().count("edited_from") == 1


def test_what_a_rule_leaves_out_is_deleted_as_one_change_and_comes_back(store: DatasetStore) -> None:
    selection = select_stored(store, "d1", ["question.contains('1')"], [])
    assert len(selection.kept) == 3
    change = delete_stored(store, "d1", selection.left_out_ids, "maria", "only ones", "curate")
    assert (change.kind, change.samples) == ("curate", 9)
    assert [sample.id for sample in store.load_dataset("d1")] == list(selection.kept)
    undo(store, "d1", undoable(list_changes(store, "d1"))[:1], "maria")
    assert list(store.load_dataset("d1")) == SAMPLES


def test_a_threshold_changes_nothing_by_itself(store: DatasetStore) -> None:
    curated = curate_stored(store, "d1", 0.5, scored())
    assert (len(curated.kept), len(curated.unscored)) == (12, 12)
    assert list_changes(store, "d1") == []


def test_a_sample_is_added_at_the_end(store: DatasetStore) -> None:
    messages = [Message("user", "Why?"), Message("assistant", "Because it is.")]
    added = add_stored(store, "d1", messages, "maria", "missing", topic_keywords=["why"], split="train")
    assert store.load_dataset("d1")[12] == added
    with pytest.raises(UsageError, match="already"):
        add_stored(store, "d1", messages, "maria", "again")


def test_a_review_is_decided_by_an_edit(store: DatasetStore) -> None:
    add_reviews(store, "d1", [(SAMPLES[5].id, "truncated")])
    with pytest.raises(UsageError, match="empty"):
        decide_edited(store, "d1", SAMPLES[5].id, turns(SAMPLES[5], " "), "maria")
    assert [review.sample_id for review in list_reviews(store, "d1")] == [SAMPLES[5].id]
    review = decide_edited(store, "d1", SAMPLES[5].id, turns(SAMPLES[5], "Whole."), "maria", "finished it")
    assert (review.decision, review.change, review_counts(store, "d1")) == ("edited", 1, {"edited": 1})
    assert list_changes(store, "d1")[0].why == "review: finished it"
    assert store.load_dataset("d1")[5].messages[-1].content == "Whole."
