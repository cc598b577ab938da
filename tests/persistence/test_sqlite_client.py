from __future__ import annotations

import os
import sqlite3
import threading
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.config.environment import Secret
from src.errors import PersistenceError, UsageError
from src.persistence.sqlite_client import DatasetStore
from src.records import Issue, Message, Origin, RunReport, Sample, Span
from tests.dataset.example_samples import make_dataset, make_example

PAGE = 16_384
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SPANS = st.builds(Span, st.integers(0, 10**9), st.integers(0, 10**9))
ORIGINS = st.builds(
    Origin,
    TEXT,
    st.sampled_from(("created", "identified", "free")),
    TEXT,
    TEXT,
    st.none() | SPANS,
    st.lists(st.lists(SPANS, max_size=2).map(tuple), max_size=3).map(tuple),
    TEXT,
    TEXT,
    TEXT,
)
SAMPLES = st.builds(
    Sample,
    TEXT,
    st.lists(st.builds(Message, st.sampled_from(("system", "user", "assistant")), TEXT), max_size=4).map(tuple),
    ORIGINS,
    st.lists(TEXT, max_size=3).map(tuple),
    st.integers(0, 2**40),
    st.sampled_from(("train", "validation", "test", None)),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.lists(SAMPLES, max_size=4, unique_by=lambda sample: sample.id), TEXT)
def test_what_is_loaded_equals_what_was_saved(tmp_path: Path, samples: list[Sample], name: str) -> None:
    dataset = make_dataset(samples, name)
    with DatasetStore(tmp_path / "datasets.db") as store:
        assert store.load_dataset(store.save_dataset(dataset, {})) == dataset


def test_a_dataset_is_found_after_the_program_ended(tmp_path: Path) -> None:
    dataset = make_dataset([make_example(n, tokens=n, split="train") for n in range(20)])
    report = RunReport(Counter(files=2), Counter(short=1), [Issue("warning", "a.pdf", "scanned")], [Path("out/x")])
    with DatasetStore(tmp_path / "memory" / "datasets.db") as store:
        dataset_id = store.save_dataset(dataset, {"split": {"seed": 42}, "models": ["a"]}, report)
    with DatasetStore(tmp_path / "memory" / "datasets.db") as store:
        stored = store.find_dataset("handbook")
        assert store.load_dataset("handbook") == dataset
    assert (stored.id, stored.total_samples, stored.total_tokens) == (dataset_id, 20, 190)
    assert (stored.config, stored.report) == ({"split": {"seed": 42}, "models": ["a"]}, report)
    age = datetime.now(timezone.utc) - datetime.fromisoformat(stored.created_at).replace(tzinfo=timezone.utc)
    assert timedelta(0) <= age < timedelta(minutes=5)


def test_the_tables_hold_what_the_schema_promises(tmp_path: Path) -> None:
    sample = replace(make_example(1, keywords=("tax, law", "rent"), split="test"), token_length=9)
    question = Message("user", 'Wie heißt "das"? 日本')
    path = tmp_path / "datasets.db"
    with DatasetStore(path) as store:
        store.save_dataset(make_dataset([replace(sample, messages=(question,))]), {}, dataset_id="d1")
    with closing(sqlite3.connect(path)) as connection:
        (row,) = connection.execute(
            "SELECT id, dataset_id, content, token_length, topic_keywords, source_file, split FROM samples"
        )
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    content = '[{"role":"user","content":"Wie heißt \\"das\\"? 日本"}]'
    assert row == ("s000001", "d1", content, 9, "tax  law,rent", "guide.pdf", "test")


def test_the_same_id_replaces_the_samples_and_keeps_the_place_in_time(tmp_path: Path) -> None:
    long = make_dataset([make_example(n) for n in range(9)])
    short = make_dataset([make_example(n, text="other") for n in range(4)], "renamed")
    with DatasetStore(tmp_path / "datasets.db") as store:
        first = store.save_dataset(long, {})
        created_at = store.find_dataset(first).created_at
        assert store.save_dataset(short, {}, dataset_id=first) == first
        assert store.load_dataset(first) == short
        assert [d.name for d in store.list_datasets()] == ["renamed"]
        assert store.find_dataset(first).created_at == created_at


def test_two_datasets_may_hold_the_same_sample(tmp_path: Path) -> None:
    dataset = make_dataset([make_example(1)])
    with DatasetStore(tmp_path / "datasets.db") as store:
        first, second = store.save_dataset(dataset, {}), store.save_dataset(dataset, {})
        assert first != second
        assert store.load_dataset(first) == store.load_dataset(second) == dataset


def test_a_save_that_fails_changes_nothing(tmp_path: Path) -> None:
    old = make_dataset([make_example(n) for n in range(5)])
    broken = replace(make_example(2), messages=(Message("user", "half a pair: \ud83d"),))
    with DatasetStore(tmp_path / "datasets.db") as store:
        store.save_dataset(old, {}, dataset_id="d1")
        with pytest.raises(PersistenceError, match=r"sample s000002 \(guide.pdf\).*'\\ud83d'"):
            store.save_dataset(make_dataset([make_example(1), broken]), {}, dataset_id="d1")
        with pytest.raises(PersistenceError, match=r"s000001 .*twice"):
            store.save_dataset(make_dataset([make_example(1), make_example(1)]), {}, dataset_id="d1")
        assert store.load_dataset("d1") == old


def test_a_file_name_that_is_no_text_is_kept(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    dataset = make_dataset([make_example(1, source=name)])
    with DatasetStore(tmp_path / "datasets.db") as store:
        assert store.load_dataset(store.save_dataset(dataset, {})) == dataset


def test_secrets_are_never_stored(tmp_path: Path) -> None:
    key = "sk-canary-1234567890"
    with DatasetStore(tmp_path / "datasets.db") as store:
        store.save_dataset(make_dataset([]), {"keys": [{"openai": Secret(key)}], "model": "m"})
        assert store.list_datasets()[0].config == {"keys": [{"openai": "***"}], "model": "m"}
    assert all(b"canary" not in file.read_bytes() for file in tmp_path.iterdir())


def test_datasets_are_listed_newest_first_and_found_by_id_name_or_prefix(tmp_path: Path) -> None:
    with DatasetStore(tmp_path / "datasets.db") as store:
        store.save_dataset(make_dataset([], "alpha"), {}, dataset_id="dab1")
        store.save_dataset(make_dataset([], "beta"), {}, dataset_id="dab2")
        store.save_dataset(make_dataset([], "alpha"), {}, dataset_id="dcc3")
        assert [d.id for d in store.list_datasets()] == ["dcc3", "dab2", "dab1"]
        assert [store.find_dataset(ref).id for ref in ("alpha", "beta", "dab1", "dc")] == [
            "dcc3",
            "dab2",
            "dab1",
            "dcc3",
        ]
        with pytest.raises(UsageError, match=r"several .*dab2 \(beta\), dab1 \(alpha\)\.$"):
            store.find_dataset("da")
        for unknown in ("gamma", ""):
            with pytest.raises(UsageError, match=r"no dataset .*dcc3 \(alpha\), dab2"):
                store.find_dataset(unknown)


def test_an_empty_database_says_so(tmp_path: Path) -> None:
    with DatasetStore(tmp_path / "datasets.db") as store, pytest.raises(UsageError, match="none yet"):
        store.load_dataset("x")


def test_samples_are_found_by_split_source_and_whole_keyword(tmp_path: Path) -> None:
    samples = [
        make_example(1, split="train", keywords=("tax", "law")),
        make_example(2, split="test", keywords=("taxes",)),
        make_example(3, split="train", source="b.pdf", keywords=("law", "tax")),
        make_example(4, keywords=("100%", "a,b")),
    ]
    with DatasetStore(tmp_path / "datasets.db") as store:
        ref = store.save_dataset(make_dataset(samples), {})
        store.save_dataset(make_dataset([make_example(5, split="train", keywords=("tax",))], "other"), {})
        assert list(store.find_samples(ref, keyword="tax")) == [samples[0], samples[2]]
        assert list(store.find_samples(ref, keyword="tax", source="b.pdf", split="train")) == [samples[2]]
        assert list(store.find_samples(ref, split="test")) == [samples[1]]
        assert list(store.find_samples(ref, keyword="%")) == []
        assert list(store.find_samples(ref, keyword="a,b")) == [samples[3]]


def test_a_locked_database_says_who_to_wait_for(tmp_path: Path) -> None:
    path = tmp_path / "datasets.db"
    with DatasetStore(path, timeout=0.1) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(PersistenceError, match="another process is using"):
            store.save_dataset(make_dataset([]), {})
        other.execute("ROLLBACK")
        store.save_dataset(make_dataset([]), {})


def test_several_processes_may_start_at_the_same_time(tmp_path: Path) -> None:
    errors: list[Exception] = []

    def save(number: int) -> None:
        try:
            with DatasetStore(tmp_path / "datasets.db") as store:
                for _ in range(5):
                    store.save_dataset(make_dataset([make_example(number)]), {})
        except PersistenceError as error:
            errors.append(error)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with DatasetStore(tmp_path / "datasets.db") as store:
        assert len(store.list_datasets()) == 30


def test_a_file_that_is_no_database_names_the_way_back(tmp_path: Path) -> None:
    path = tmp_path / "datasets.db"
    path.write_bytes(b"these are not the bytes you are looking for" * 100)
    with pytest.raises(PersistenceError, match=r"damaged .*python -m src\.main restore"):
        DatasetStore(path)


def test_damage_anywhere_is_reported_or_harmless(tmp_path: Path) -> None:
    path = tmp_path / "datasets.db"
    dataset = make_dataset([make_example(n) for n in range(500)])
    with DatasetStore(path) as store:
        store.save_dataset(dataset, {}, dataset_id="d1")
    sound = path.read_bytes()
    reported = 0
    for page in range(0, len(sound), PAGE):
        path.write_bytes(sound[:page] + b"\xa5" * PAGE + sound[page + PAGE :])
        try:
            with DatasetStore(path) as store:
                assert store.load_dataset("d1") == dataset
        except (PersistenceError, UsageError):
            reported += 1
        for leftover in tmp_path.glob("datasets.db-*"):
            leftover.unlink()
    assert reported > len(sound) // PAGE // 2


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("a file")
    with pytest.raises(PersistenceError, match="memory"):
        DatasetStore(tmp_path / "memory" / "datasets.db")


COLUMNS = ("id", "content", "topic_keywords", "source_file", "split", "origin")


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_letter_in_the_text_of_a_row_is_found_and_its_sample_named(tmp_path: Path, column: str) -> None:
    path = tmp_path / "datasets.db"
    sample = make_example(2, keywords=("tax",), split="train")
    with DatasetStore(path) as store:
        dataset_id = store.save_dataset(make_dataset([make_example(1), sample]), {})
    value = {"split": "'test'"}.get(column, f"substr({column}, 1, 2) || 'X' || substr({column}, 4)")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"UPDATE sample_rows SET {column} = {value} WHERE id = 's000002'")
        connection.commit()
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with DatasetStore(path) as store:
        samples = store.stored_samples(dataset_id)
        assert samples[0] == make_example(1)
        with pytest.raises(PersistenceError, match=r"sample s0.*checksum"):
            list(samples.row_batches())
        with pytest.raises(PersistenceError, match=r"sample s0.*checksum"):
            list(samples.column_batches())
        with pytest.raises(PersistenceError, match=r"sample s0.*checksum"):
            list(store.load_dataset(dataset_id))


def test_a_flipped_bit_anywhere_in_the_file_is_found_or_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "datasets.db"
    dataset = make_dataset([make_example(n) for n in range(60)])
    with DatasetStore(path) as store:
        store.save_dataset(dataset, {}, dataset_id="d1")
    sound = path.read_bytes()
    used = [place for place, byte in enumerate(sound) if byte][:: max(1, len(sound) // 40_000)]
    for place in used[::37]:
        path.write_bytes(sound[:place] + bytes([sound[place] ^ 4]) + sound[place + 1 :])
        try:
            with DatasetStore(path) as store:
                assert list(store.load_dataset("d1")) == list(dataset)
        except (PersistenceError, UsageError):
            pass
        for leftover in tmp_path.glob("datasets.db-*"):
            leftover.unlink()


def test_samples_of_a_database_that_was_moved_away_say_so(tmp_path: Path) -> None:
    path = tmp_path / "datasets.db"
    with DatasetStore(path) as store:
        loaded = store.load_dataset(store.save_dataset(make_dataset([make_example(1)]), {}))
    path.rename(tmp_path / "elsewhere.db")
    with pytest.raises(PersistenceError, match="no longer there"):
        list(loaded)
    assert not path.exists()


def test_a_dataset_deleted_by_hand_takes_its_samples_along(tmp_path: Path) -> None:
    path = tmp_path / "datasets.db"
    with DatasetStore(path) as store:
        gone = store.save_dataset(make_dataset([make_example(1), make_example(2)]), {})
        kept = store.save_dataset(make_dataset([make_example(1)]), {})
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("DELETE FROM datasets WHERE id = ?", (gone,))
            connection.commit()
            assert connection.execute("SELECT dataset_id, id FROM samples").fetchall() == [(kept, "s000001")]
            assert connection.execute("SELECT count(*) FROM sample_rows").fetchone() == (1,)
