"""Single samples are changed and changed back: in SQLite, through SQLAlchemy, and on a real PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from src.errors import PersistenceError, UsageError
from src.persistence.edits.changing import (
    change_samples,
    changed_samples,
    history_of,
    ids_of_job,
    list_changes,
    samples_by_id,
    undo,
    undoable,
)
from src.persistence.edits.gaps import position_of
from src.persistence.edits.records import Edit, Note
from src.persistence.edits.reviewing import add_reviews, decide, list_reviews, reopen, review_counts
from src.persistence.models import SampleRow
from src.persistence.sqlite_client import DatasetStore
from src.persistence.stores.store import Store
from src.records import Message, Sample
from tests.dataset.example_samples import make_dataset, make_example
from tests.persistence.conftest import Open, PassesThrough

pytestmark = pytest.mark.filterwarnings("error")
NOTE = Note("edit", "maria", "a typo")
SAMPLES = [make_example(n, tokens=10 + n) for n in range(30)]


@pytest.fixture(params=("sqlite", "sqlite through core", "postgres"))
def open_it(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    if request.param == "sqlite":
        return lambda: DatasetStore(tmp_path / "datasets.db")
    pytest.importorskip("sqlalchemy", reason="pip install -r requirements-postgres.txt runs this test")
    from src.persistence.stores.sql.sql_store import SqlStore

    if request.param == "sqlite through core":
        return lambda: SqlStore(f"sqlite:///{tmp_path / 'core.db'}")
    server = request.getfixturevalue("postgres_server")
    address = server.address(server.new_database())
    return lambda: SqlStore(address)


@pytest.fixture
def store(open_it: Open) -> Iterator[Store]:
    with ExitStack() as stack:
        opened = stack.enter_context(open_it())
        opened.save_dataset(make_dataset(SAMPLES), {}, dataset_id="d1")
        yield opened


def edited(sample: Sample, text: str = "Better.") -> Sample:
    messages = (*sample.messages[:-1], Message("assistant", text))
    origin = replace(sample.origin, method="edited", turn_spans=(), edited_from=sample.id)
    return replace(sample, id=f"{sample.id}e{len(text)}", messages=messages, origin=origin, token_length=len(text))


def rows(store: Store, ref: str = "d1") -> list[SampleRow]:
    return [row for batch in store.stored_samples(ref).row_batches(7) for row in batch]


def totals(store: Store) -> tuple[int, int]:
    stored = store.find_dataset("d1")
    return stored.total_samples, stored.total_tokens


def test_edits_deletions_and_additions_are_made_in_place(store: Store) -> None:
    new = make_example(500, tokens=7)
    change = change_samples(
        store,
        "d1",
        [Edit("s000003", edited(SAMPLES[3])), Edit("s000004", None), Edit("s000000", None), Edit(None, new)],
        NOTE,
    )
    expected = [*SAMPLES[1:3], edited(SAMPLES[3]), *SAMPLES[5:], new]
    loaded = store.load_dataset("d1")
    assert list(loaded) == expected
    assert totals(store) == (len(expected), sum(sample.token_length for sample in expected))
    for index in (0, 2, 3, len(expected) - 1, -4):
        assert loaded[index] == expected[index]
    assert loaded[1:9:3] == expected[1:9:3]
    assert (change.number, change.samples, change.who, change.why) == (1, 4, "maria", "a typo")
    assert samples_by_id(store, "d1", ["s000004", "s000005"]) == {"s000005": SAMPLES[5]}


def test_undo_restores_every_byte(store: Store) -> None:
    before, sums = rows(store), totals(store)
    for number in (2, 9, 17):
        change_samples(store, "d1", [Edit(SAMPLES[number].id, edited(SAMPLES[number]))], NOTE)
    change_samples(store, "d1", [Edit(sample.id, None) for sample in SAMPLES[20:]], Note("delete", "m", ""))
    change_samples(store, "d1", [Edit(edited(SAMPLES[9]).id, edited(edited(SAMPLES[9]), "Once more"))], NOTE)
    change_samples(store, "d1", [Edit(None, make_example(77))], Note("add", "m", ""))
    middle = rows(store)
    undone = undo(store, "d1", undoable(list_changes(store, "d1")), "maria")
    assert (rows(store), totals(store)) == (before, sums)
    assert store.load_dataset("d1")[25] == SAMPLES[25]
    assert undone.undoes == (6, 5, 4, 3, 2, 1)
    assert [change.undone_by for change in list_changes(store, "d1")] == [0, 7, 7, 7, 7, 7, 7]
    assert undoable(list_changes(store, "d1")) == []
    # An undo is a change, too: what it took back can come again.
    undo(store, "d1", [7], "maria")
    assert rows(store) == middle
    assert undoable(list_changes(store, "d1")) == [6, 5, 4, 3, 2, 1]
    undo(store, "d1", undoable(list_changes(store, "d1"), since=4), "maria")
    assert [sample.id for sample in store.load_dataset("d1")][9] == edited(SAMPLES[9]).id
    assert totals(store)[0] == len(SAMPLES)


def test_one_change_of_several_is_undone_but_not_below_a_later_one(store: Store) -> None:
    one, two = edited(SAMPLES[1]), edited(edited(SAMPLES[1]), "Third version")
    change_samples(store, "d1", [Edit("s000001", one)], NOTE)
    change_samples(store, "d1", [Edit("s000002", None)], NOTE)
    change_samples(store, "d1", [Edit(one.id, two)], NOTE)
    changed = rows(store)
    with pytest.raises(UsageError, match="changed again by change 3; undo that one first"):
        undo(store, "d1", [1], "m")
    assert rows(store) == changed
    undo(store, "d1", [2], "m")
    assert [row.id for row in rows(store)][:4] == ["s000000", two.id, "s000002", "s000003"]
    with pytest.raises(UsageError, match="undone already, by change 4"):
        undo(store, "d1", [2], "m")
    with pytest.raises(UsageError, match=r"no change 9; its changes are 1 to 4\."):
        undo(store, "d1", [9], "m")
    with pytest.raises(UsageError, match="no change that could be undone"):
        undo(store, "d1", [], "m")


def test_both_versions_stay_in_the_history(store: Store) -> None:
    one, two = edited(SAMPLES[1]), edited(edited(SAMPLES[1]), "Third version")
    change_samples(store, "d1", [Edit("s000001", one), Edit("s000005", None)], NOTE)
    change_samples(store, "d1", [Edit(one.id, two)], NOTE)
    ((only),) = changed_samples(store, "d1", 2)
    assert (only.before, only.after) == (one, two)
    for sample_id in ("s000001", one.id, two.id):
        history = history_of(store, "d1", sample_id)
        assert [(step.change, step.before, step.after) for step in history] == [(1, SAMPLES[1], one), (2, one, two)]
    assert history_of(store, "d1", "s000005")[0].after is None
    assert history_of(store, "d1", "s000006") == []


def test_an_edit_that_cannot_be_made_changes_nothing(store: Store) -> None:
    before = rows(store)
    good = Edit("s000001", edited(SAMPLES[1]))
    for bad, reason in [
        (Edit("s999999", None), r"s999999 is not in dataset 'handbook' \(any more\)"),
        (Edit("s000001", None), "changed twice at once"),
        (Edit("s000002", SAMPLES[9]), "s000009: the dataset has a sample of this id"),
        (Edit(None, SAMPLES[2]), "s000002: the dataset has a sample of this id"),
        (Edit(None, edited(SAMPLES[1])), "s000001e7: the dataset has"),
    ]:
        with pytest.raises(UsageError, match=reason):
            change_samples(store, "d1", [good, bad], NOTE)
    with pytest.raises(UsageError, match="nothing to change"):
        change_samples(store, "d1", [], NOTE)
    broken = replace(make_example(900), messages=(Message("user", "half: \ud83d"),))
    with pytest.raises(PersistenceError, match="broken character"):
        change_samples(store, "d1", [good, Edit(None, broken)], NOTE)
    assert rows(store) == before
    assert list_changes(store, "d1") == []
    assert store.find_dataset("d1").revision == 0


def test_who_reads_while_a_sample_changes_gets_no_mixture(open_it: Open) -> None:
    many = [make_example(n) for n in range(2500)]
    with open_it() as store:
        store.save_dataset(make_dataset(many), {}, dataset_id="d1")
        loaded = store.load_dataset("d1")
        reading = iter(loaded)
        read = [next(reading)]
        change_samples(store, "d1", [Edit("s002400", edited(many[2400]))], NOTE)
        try:
            read += reading
            assert read == many  # PostgreSQL shows all of it as it was
        except PersistenceError as error:
            assert "Start again" in str(error)
        with pytest.raises(PersistenceError, match="Start again"):
            loaded[4]
        assert store.load_dataset("d1")[2400] == edited(many[2400])


def test_deleting_many_leaves_the_others_where_they_can_be_found(open_it: Open) -> None:
    many = [make_example(n) for n in range(2200)]
    with open_it() as store:
        store.save_dataset(replace(make_dataset([]), samples=PassesThrough(iter(many))), {}, dataset_id="d1")
        change_samples(store, "d1", (Edit(s.id, None) for n, s in enumerate(many) if n % 3), Note("curate", "m", ""))
        left = many[::3]
        loaded = store.load_dataset("d1")
        assert list(loaded) == left
        assert [loaded[n] for n in (0, 1, 500, 733)] == [left[n] for n in (0, 1, 500, 733)]
        assert loaded[100:700:97] == left[100:700:97]
        undo(store, "d1", [1], "m")
        assert list(store.load_dataset("d1")) == many


def test_a_change_before_a_new_save_is_kept_to_read_but_not_undone(store: Store) -> None:
    change_samples(store, "d1", [Edit("s000001", edited(SAMPLES[1])), Edit("s000002", None)], NOTE)
    store.save_dataset(store.load_dataset("d1"), {}, dataset_id="d1")
    assert store.load_dataset("d1")[2] == SAMPLES[3]
    assert list_changes(store, "d1")[0].earlier
    assert undoable(list_changes(store, "d1")) == []
    with pytest.raises(UsageError, match="saved anew"):
        undo(store, "d1", [1], "m")
    assert [step.before for step in changed_samples(store, "d1", 1)] == [SAMPLES[2], SAMPLES[1]]
    change_samples(store, "d1", [Edit("s000003", None)], NOTE)
    undo(store, "d1", [2], "m")
    assert store.load_dataset("d1")[2] == SAMPLES[3]


def test_other_datasets_with_the_same_samples_are_not_touched(store: Store) -> None:
    store.save_dataset(make_dataset(SAMPLES, "other"), {}, dataset_id="d2")
    change_samples(store, "d1", [Edit("s000001", None), Edit("s000002", edited(SAMPLES[2]))], NOTE)
    assert list(store.load_dataset("d2")) == SAMPLES
    assert list_changes(store, "d2") == []


def test_a_repair_that_goes_on_knows_what_it_did(store: Store) -> None:
    note = Note("repair", "m", "shorter", "job 1")
    change_samples(store, "d1", [Edit("s000001", edited(SAMPLES[1]))], note)
    change_samples(store, "d1", [Edit("s000002", edited(SAMPLES[2]))], note)
    change_samples(store, "d1", [Edit("s000003", edited(SAMPLES[3]))], NOTE)
    assert ids_of_job(store, "d1", "job 1") == {"s000001", "s000001e7", "s000002", "s000002e7"}
    undo(store, "d1", [2], "m")
    assert ids_of_job(store, "d1", "job 1") == {"s000001", "s000001e7"}


def test_several_may_change_a_dataset_at_the_same_time(open_it: Open) -> None:
    with open_it() as store:
        store.save_dataset(make_dataset(SAMPLES), {}, dataset_id="d1")
    errors: list[Exception] = []

    def work(who: int) -> None:
        try:
            with open_it() as own:
                for number in range(who, 30, 3):
                    change_samples(own, "d1", [Edit(SAMPLES[number].id, edited(SAMPLES[number]))], NOTE)
        except (PersistenceError, UsageError) as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(who,)) for who in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with open_it() as store:
        assert list(store.load_dataset("d1")) == [edited(sample) for sample in SAMPLES]
        assert [change.number for change in list_changes(store, "d1")] == list(range(30, 0, -1))
        undo(store, "d1", undoable(list_changes(store, "d1")), "m")
        assert list(store.load_dataset("d1")) == SAMPLES


def test_reviews_are_decided_once_and_go_on_where_they_were_left(open_it: Open) -> None:
    with open_it() as store:
        store.save_dataset(make_dataset(SAMPLES), {}, dataset_id="d1")
        queue = [(sample.id, f"toxicity {n}") for n, sample in enumerate(SAMPLES[:6])]
        assert add_reviews(store, "d1", queue) == 6
        assert add_reviews(store, "d1", [queue[2], ("s000020", "pii")]) == 1
        decide(store, "d1", "s000000", "accepted", "maria", "fine")
        decide(store, "d1", "s000001", "rejected", "maria")
        decide(store, "d1", "s000002", "edited", "maria", edited=edited(SAMPLES[2]))
    with open_it() as store:
        assert [review.sample_id for review in list_reviews(store, "d1", limit=2)] == ["s000003", "s000004"]
        assert review_counts(store, "d1") == {"accepted": 1, "edited": 1, "open": 4, "rejected": 1}
        ids = [sample.id for sample in store.load_dataset("d1")]
        assert ids[:3] == ["s000000", edited(SAMPLES[2]).id, "s000003"]
        for sample_id, reason in [("s000000", "decided already: accepted"), ("s000009", "not in the review queue")]:
            with pytest.raises(UsageError, match=reason):
                decide(store, "d1", sample_id, "rejected", "m")
        with pytest.raises(UsageError, match="undo that one"):
            reopen(store, "d1", "s000001")
        reopen(store, "d1", "s000000")
        undo(store, "d1", [1], "m")
        assert review_counts(store, "d1") == {"edited": 1, "open": 6}
        (_, first, *_) = list_reviews(store, "d1")
        assert (first.sample_id, first.reason, first.decision, first.who) == ("s000001", "toxicity 1", "open", "")
        assert store.load_dataset("d1")[1] == SAMPLES[1]


def test_a_decision_that_cannot_be_done_is_not_written_down(store: Store) -> None:
    add_reviews(store, "d1", [("s000001", "short"), ("s000002", "short")])
    change_samples(store, "d1", [Edit("s000001", None)], NOTE)
    with pytest.raises(UsageError, match="any more"):
        decide(store, "d1", "s000001", "rejected", "m")
    with pytest.raises(UsageError, match="comes with the edited sample"):
        decide(store, "d1", "s000002", "edited", "m")
    assert review_counts(store, "d1") == {"open": 2}


@pytest.mark.parametrize("gaps", [[], [0], [0, 1, 2], [2, 5, 6, 9], [9]])
def test_a_position_is_found_behind_gaps(gaps: list[int]) -> None:
    left = [position for position in range(12) if position not in gaps]
    assert [position_of(index, gaps) for index in range(len(left))] == left
