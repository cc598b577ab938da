"""What every store promises: SQLite, SQLite through SQLAlchemy, a real PostgreSQL, a server that speaks Supabase."""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from src.config.environment import Secret
from src.errors import PersistenceError, UsageError
from src.export.batches import StoredRows, batches_of
from src.persistence.models import sample_to_row
from src.persistence.stores.store import Store
from src.records import Issue, Message, RunReport, Sample, Span
from tests.dataset.example_samples import make_dataset, make_example
from tests.persistence.conftest import Open, PassesThrough

MANY = 1234


def unusual_samples() -> list[Sample]:
    """Everything a text can be, and origins of every form."""
    texts = [
        "",
        " \t\r\n",
        'quote " back \\ slash /',
        "日本 \U0001f600 e\u0301",
        "nul \x00 bell \x07 del \x7f \u2028",
        "'; --",
    ]
    samples = [
        replace(
            make_example(number, keywords=("a,b", "", "x") if number % 2 else ()),
            messages=(Message("user", text), Message("assistant", text * 3)),
        )
        for number, text in enumerate(texts)
    ]
    plain = replace(make_example(90), messages=(), token_length=2**40)
    nameless = replace(plain.origin, source_file=os.fsdecode(b"caf\xe9 \x01\x00.txt"), span=None, turn_spans=())
    large = replace(make_example(91), messages=(Message("user", "long " * 60_000),))
    return [*samples, replace(plain, origin=nameless, topic_keywords=("nul\x00",)), large]


def test_what_is_loaded_is_what_was_saved(open_it: Open) -> None:
    dataset = make_dataset(unusual_samples())
    report = RunReport(Counter(files=2), Counter({"too short": 3}), [Issue("warning", "a.pdf", "odd")])
    with open_it() as store:
        dataset_id = store.save_dataset(dataset, {"split": {"seed": 42}, "models": ["ä"]}, report)
    with open_it() as store:
        stored = store.find_dataset("handbook")
        assert store.load_dataset("handbook") == dataset
    tokens = sum(sample.token_length for sample in dataset)
    assert (stored.id, stored.total_samples, stored.total_tokens) == (dataset_id, len(dataset), tokens)
    assert (stored.config, stored.report) == ({"split": {"seed": 42}, "models": ["ä"]}, report)
    age = datetime.now(timezone.utc) - datetime.fromisoformat(stored.created_at).replace(tzinfo=timezone.utc)
    assert timedelta(minutes=-1) <= age < timedelta(minutes=5)


def test_an_empty_dataset_is_kept(store: Store) -> None:
    dataset_id = store.save_dataset(make_dataset([]), {})
    assert list(store.stored_samples(dataset_id)) == []
    assert store.find_dataset(dataset_id).report is None


def test_samples_are_gone_through_once_and_come_back_in_order_in_batches(store: Store) -> None:
    dataset = replace(make_dataset([]), samples=PassesThrough(make_example(n) for n in range(MANY)))
    samples = store.stored_samples(store.save_dataset(dataset, {}))
    expected = [make_example(number) for number in range(MANY)]
    assert len(samples) == MANY
    batches = list(samples.row_batches(500))
    assert [len(batch) for batch in batches] == [500, 500, 234]
    assert [row for batch in batches for row in batch] == [sample_to_row(sample) for sample in expected]
    # Two at once, neither to its end.
    one, two = iter(samples), iter(samples)
    assert [next(one), next(two), next(one)] == [expected[0], expected[0], expected[1]]


def test_stored_samples_are_a_sequence(store: Store) -> None:
    expected = [make_example(number) for number in range(1100)]
    samples = store.stored_samples(store.save_dataset(make_dataset(expected), {}))
    for index in (0, 7, 1099, -1, -1100):
        assert samples[index] == expected[index]
    for part in (slice(3, 6), slice(None, None, 400), slice(5, None, -2), slice(-3, None), slice(9, 3), slice(2000)):
        assert samples[part] == expected[part]
    for index in (1100, -1101):
        with pytest.raises(IndexError):
            samples[index]
    assert samples == tuple(expected)
    assert samples != expected[:-1]


def test_stored_samples_are_rows_for_an_export(store: Store) -> None:
    expected = [make_example(number) for number in range(120)]
    samples = store.stored_samples(store.save_dataset(make_dataset(expected), {}))
    assert isinstance(samples, StoredRows)
    rows = [row for batch in batches_of(samples, 50) for row in batch.rows]
    assert rows == [row for batch in batches_of(expected, 50) for row in batch.rows]
    messages = [{"role": m.role, "content": m.content} for m in expected[0].messages]
    assert rows[0].content == json.dumps(messages, ensure_ascii=False, separators=(",", ":"))


def test_columns_hold_what_rows_hold(store: Store) -> None:
    expected = [make_example(number, text=f"Größe {number} 🙂") for number in range(7)]
    samples = store.stored_samples(store.save_dataset(make_dataset(expected), {}))
    found = list(samples.column_batches(3))
    assert [len(columns.id) for columns in found] == [3, 3, 1]
    assert [row for columns in found for row in columns.rows()] == [sample_to_row(sample) for sample in expected]
    assert all(isinstance(content, bytes) for columns in found for content in columns.content)


def test_samples_can_be_read_after_their_store_was_closed(open_it: Open) -> None:
    expected = make_dataset([make_example(number) for number in range(30)])
    with open_it() as store:
        loaded = store.load_dataset(store.save_dataset(expected, {}))
    store.close()
    assert loaded == expected
    assert loaded[3] == expected[3]


def test_samples_can_be_read_in_another_thread(store: Store) -> None:
    expected = make_dataset([make_example(number) for number in range(30)])
    loaded = store.load_dataset(store.save_dataset(expected, {}))
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(loaded == expected))
    thread.start()
    thread.join()
    assert found == [True]


def test_a_stored_dataset_can_be_saved_under_another_name(store: Store) -> None:
    expected = make_dataset(unusual_samples())
    first = store.load_dataset(store.save_dataset(expected, {}))
    second = store.save_dataset(replace(first, name="copy"), {})
    assert store.load_dataset(second) == replace(expected, name="copy")
    assert store.find_dataset(second).total_tokens == store.find_dataset("handbook").total_tokens


def test_a_stored_dataset_can_be_saved_over_itself(store: Store) -> None:
    expected = make_dataset([make_example(number) for number in range(1500)])
    dataset_id = store.save_dataset(expected, {})
    store.save_dataset(replace(store.load_dataset(dataset_id), name="renamed"), {}, dataset_id=dataset_id)
    assert store.load_dataset(dataset_id) == replace(expected, name="renamed")
    assert len(store.list_datasets()) == 1


def test_the_same_id_replaces_the_samples_and_keeps_the_place_in_time(store: Store) -> None:
    long = make_dataset([make_example(n) for n in range(900)])
    short = make_dataset([make_example(n, text="other") for n in range(4)], "renamed")
    first = store.save_dataset(long, {"a": 1})
    created_at = store.find_dataset(first).created_at
    assert store.save_dataset(short, {"a": 2}, dataset_id=first) == first
    assert store.load_dataset(first) == short
    (stored,) = store.list_datasets()
    assert (stored.name, stored.created_at, stored.config) == ("renamed", created_at, {"a": 2})


def test_who_reads_a_dataset_that_is_saved_anew_gets_no_mixture(store: Store) -> None:
    old = make_dataset([make_example(n, text="old") for n in range(2500)])
    new = make_dataset([make_example(n, text="new") for n in range(2500)])
    dataset_id = store.save_dataset(old, {})
    loaded = store.load_dataset(dataset_id)
    reading = iter(loaded)
    read = [next(reading)]
    store.save_dataset(new, {}, dataset_id=dataset_id)
    try:
        read += reading
        assert read == list(old)  # PostgreSQL shows all of it as it was
    except PersistenceError as error:
        assert "saved anew" in str(error)
    with pytest.raises(PersistenceError, match="saved anew or removed"):
        list(loaded)
    with pytest.raises(PersistenceError, match="saved anew or removed"):
        loaded[4]
    assert store.load_dataset(dataset_id) == new


def test_two_datasets_may_hold_the_same_sample(store: Store) -> None:
    dataset = make_dataset([make_example(1)])
    first, second = store.save_dataset(dataset, {}), store.save_dataset(dataset, {})
    assert first != second
    assert store.load_dataset(first) == store.load_dataset(second) == dataset


def test_a_save_that_fails_changes_nothing(store: Store) -> None:
    old = make_dataset([make_example(n) for n in range(5)])
    broken = replace(make_example(2000), messages=(Message("user", "half a pair: \ud83d"),))
    store.save_dataset(old, {}, dataset_id="d1")
    many = [make_example(n) for n in range(1200)]
    with pytest.raises(PersistenceError, match=r"sample s002000 \(guide.pdf\).*'\\ud83d'"):
        store.save_dataset(make_dataset([*many, broken]), {}, dataset_id="d1")
    with pytest.raises(PersistenceError, match=r"s000001 .*twice"):
        store.save_dataset(make_dataset([*many, make_example(1)]), {}, dataset_id="d1")
    with pytest.raises(PersistenceError, match=r"s000001 .*twice"):
        store.save_dataset(make_dataset([make_example(1), make_example(1)]), {})
    assert store.load_dataset("d1") == old
    assert len(store.list_datasets()) == 1
    store.save_dataset(make_dataset(many), {}, dataset_id="d1")


def test_secrets_are_never_stored(store: Store) -> None:
    key = "sk-canary-1234567890"
    store.save_dataset(make_dataset([]), {"keys": [{"openai": Secret(key)}], "model": "m"})
    assert store.list_datasets()[0].config == {"keys": [{"openai": "***"}], "model": "m"}


def test_datasets_are_listed_newest_first_and_found_by_id_name_or_prefix(store: Store) -> None:
    store.save_dataset(make_dataset([], "alpha"), {}, dataset_id="dab1")
    store.save_dataset(make_dataset([], "beta"), {}, dataset_id="dab2")
    store.save_dataset(make_dataset([], "alpha"), {}, dataset_id="dcc3")
    assert [d.id for d in store.list_datasets()] == ["dcc3", "dab2", "dab1"]
    found = [store.find_dataset(ref).id for ref in ("alpha", "beta", "dab1", "dc")]
    assert found == ["dcc3", "dab2", "dab1", "dcc3"]
    with pytest.raises(UsageError, match=r"several .*dab2 \(beta\), dab1 \(alpha\)\.$"):
        store.find_dataset("da")
    for unknown in ("gamma", "", "d%", "' OR 1=1"):
        with pytest.raises(UsageError, match=r"no dataset .*dcc3 \(alpha\), dab2"):
            store.find_dataset(unknown)


def test_samples_are_found_by_split_source_and_whole_keyword(store: Store) -> None:
    samples = [
        make_example(1, split="train", keywords=("tax", "law")),
        make_example(2, split="test", keywords=("taxes",)),
        make_example(3, split="train", source="b.pdf", keywords=("law", "tax")),
        make_example(4, keywords=("100%", "a,b")),
    ]
    ref = store.save_dataset(make_dataset(samples), {})
    store.save_dataset(make_dataset([make_example(5, split="train", keywords=("tax",))], "other"), {})
    assert list(store.find_samples(ref, keyword="tax")) == [samples[0], samples[2]]
    assert list(store.find_samples(ref, keyword="tax", source="b.pdf", split="train")) == [samples[2]]
    assert list(store.find_samples(ref, split="test")) == [samples[1]]
    assert list(store.find_samples(ref, keyword="%")) == []
    assert list(store.find_samples(ref, keyword="a,b")) == [samples[3]]


def test_the_splits_of_the_newest_dataset_of_a_name(store: Store) -> None:
    splits = ("train", "validation", "test", None)
    old = [make_example(n, split="train") for n in range(3)]
    new = [make_example(n, split=splits[n % 4]) for n in range(8)]  # type: ignore[arg-type]
    store.save_dataset(make_dataset(old), {})
    store.save_dataset(make_dataset(new), {})
    store.save_dataset(make_dataset(old, "handbook 2"), {})
    assert store.splits_of("handbook") == {sample.id: sample.split for sample in new if sample.split}
    assert store.splits_of("hand") == {}


def test_several_may_save_at_the_same_time(open_it: Open) -> None:
    versions = [make_dataset([make_example(n, text=f"text {who}") for n in range(20 + who)]) for who in range(4)]
    errors: list[Exception] = []

    def save(who: int) -> None:
        try:
            with open_it() as store:
                for _ in range(3):
                    store.save_dataset(versions[who], {}, dataset_id="shared")
                    store.save_dataset(versions[who], {})
        except PersistenceError as error:
            errors.append(error)

    threads = [threading.Thread(target=save, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with open_it() as store:
        assert len(store.list_datasets()) == 13
        assert store.load_dataset("shared") in versions
        assert sum(len(store.load_dataset(item.id)) for item in store.list_datasets() if item.id != "shared") == 258


def test_spans_and_call_ids_come_back(store: Store) -> None:
    sample = make_example(1)
    traced = replace(sample, origin=replace(sample.origin, span=Span(0, 2**33), call_id="c" * 64))
    assert store.load_dataset(store.save_dataset(make_dataset([traced]), {}))[0] == traced
