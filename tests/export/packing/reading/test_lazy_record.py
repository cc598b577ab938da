from __future__ import annotations

import copy
import json
import pickle
import tracemalloc
from pathlib import Path

import pytest

from src.errors import PackError
from src.export.packing.dataset_packer import DatasetPacker
from src.export.packing.reading.lazy_record import LazyRecord, lazy_lines
from src.export.packing.reading.packed_dataset import PackedDataset
from tests.export.packing.reading.packed_files import CODECS, awkward_lines, pack_lines


def record_of(line: bytes) -> LazyRecord:
    return next(lazy_lines([line], exact=False))


def test_a_record_is_the_mapping_that_its_line_says() -> None:
    record = record_of(b'{"a": 1, "b": [2, {"c": null}]}')

    assert record["a"] == 1
    assert list(record) == ["a", "b"]
    assert len(record) == 2
    assert "b" in record and "c" not in record
    assert record.get("c", 5) == 5
    assert dict(record) == {"a": 1, "b": [2, {"c": None}]}
    assert (list(record.keys()), list(record.values())) == (["a", "b"], [1, [2, {"c": None}]])
    assert list(record.items()) == [("a", 1), ("b", [2, {"c": None}])]
    with pytest.raises(KeyError):
        record["c"]


def test_it_equals_dicts_and_records_of_equal_values_and_nothing_else() -> None:
    record = record_of(b'{"a": 1}')

    plain = {"a": 1}
    assert record == plain and plain == record
    assert record == record_of(b'{ "a" : 1 }')
    assert record != {"a": 2} and record != record_of(b'{"a": 2}')
    assert record != [("a", 1)]


def test_it_cannot_be_changed_or_hashed() -> None:
    record = record_of(b'{"a": 1}')

    with pytest.raises(TypeError):
        record["a"] = 2  # type: ignore[index]
    with pytest.raises(TypeError):
        hash(record)


def test_it_is_parsed_once() -> None:
    record = record_of(b'{"a": [1]}')

    assert record["a"] is record["a"]
    assert record.as_dict() is record.as_dict()


def test_its_repr_shows_the_start_of_the_line_even_of_one_that_is_broken() -> None:
    assert repr(record_of(b'{"a": 1}')) == 'LazyRecord({"a": 1})'
    assert repr(record_of(b"{" + b"\xff" * 500)).endswith("...)")


@pytest.mark.parametrize(("line", "reason"), [(b'{"a": ', "not JSON"), (b'{"a": NaN}', "NaN"), (b"[1]", "list")])
def test_a_line_that_is_no_object_is_an_error_when_it_is_touched(line: bytes, reason: str) -> None:
    record = record_of(line)

    with pytest.raises(PackError, match=reason):
        record["a"]


@pytest.mark.parametrize("codec", CODECS)
def test_records_of_a_file_hold_their_lines_and_the_values_of_the_standard_library(tmp_path: Path, codec: str) -> None:
    lines = awkward_lines()
    with PackedDataset(pack_lines(tmp_path, lines, codec, frame_records=7), lazy=True) as dataset:
        records = list(dataset)

    assert [record.raw.decode() for record in records] == lines
    assert [repr(record.as_dict()) for record in records] == [repr(json.loads(line)) for line in lines]


def test_a_file_without_a_newline_at_its_end_gives_its_last_record_whole(tmp_path: Path) -> None:
    source = tmp_path / "source.jsonl"
    source.write_bytes(b'{"a": 1}\n{"a": 2}\r\n{"a": 3}')

    with PackedDataset(DatasetPacker().pack(source, tmp_path / "packed").path, lazy=True) as dataset:
        assert [record["a"] for record in dataset] == [1, 2, 3]
        assert [record.raw for record in dataset] == [dataset[place].raw for place in range(3)]


def test_only_the_line_is_copied_and_pickled(tmp_path: Path) -> None:
    lines = awkward_lines()
    with PackedDataset(pack_lines(tmp_path, lines), lazy=True) as dataset:
        records = list(dataset)

    for record, again in zip(records, pickle.loads(pickle.dumps(records)), strict=True):
        assert again.raw == record.raw
        assert repr(again.as_dict()) == repr(record.as_dict())
    assert len(pickle.dumps(records[3])) < 300
    assert copy.deepcopy(records[3]) == records[3]


def test_a_touched_record_lets_go_of_its_frame(tmp_path: Path) -> None:
    lines = [json.dumps({"number": number, "text": "x" * 10_000}) for number in range(64)]
    with PackedDataset(pack_lines(tmp_path, lines), lazy=True) as dataset:
        tracemalloc.start()
        try:
            record = next(iter(dataset))
            untouched = tracemalloc.get_traced_memory()[0]
            assert record["number"] == 0
            touched = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()

    assert untouched - touched > 500_000
    assert record.raw.decode() == lines[0]


def test_any_decoder_gives_the_same_values() -> None:
    line = b'{"a": [1, 2.5, "x"]}'

    assert next(lazy_lines([line], exact=True)) == record_of(line)
