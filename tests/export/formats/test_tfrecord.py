from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.export.format_peers import example_class
from src.errors import ExportError
from src.export.formats.tensors.tf_example import read_example, write_example
from src.export.formats.tensors.tf_records import framed, read_records
from tests.dataset.example_samples import make_example
from tests.export.formats.writing_formats import awkward_samples, check, job_for, write

Example = example_class()
VALUES = st.lists(st.binary(max_size=300), max_size=4) | st.lists(st.integers(-(2**63), 2**63 - 1), max_size=4)


def parse(record: bytes) -> dict[str, list[Any]]:
    """The features as Google's own protobuf library reads them."""
    features = Example.FromString(record).features.feature
    return {name: list(one.bytes_list.value or one.int64_list.value) for name, one in features.items()}


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), VALUES, max_size=5))
def test_protobuf_reads_what_was_written(features: dict[str, Any]) -> None:
    written = write_example(features)
    assert parse(written) == features
    kinds = {name: one.WhichOneof("kind") for name, one in Example.FromString(written).features.feature.items()}
    assert all(kinds.values())
    numbers = [name for name, values in features.items() if not any(isinstance(value, bytes) for value in values)]
    kinds = Example.FromString(write_example(features, numbers)).features.feature
    assert {kinds[name].WhichOneof("kind") for name in numbers} <= {"int64_list"}
    assert read_example(written) == features


@pytest.mark.parametrize("length", [0, 1, 100, 127, 128, 999, 1000, 1001, 16_383, 16_384, 70_000])
def test_a_single_text_of_any_length_is_read_by_protobuf(length: int) -> None:
    assert parse(write_example({"a" * length: b"x" * length, "b": b"y"})) == {
        "a" * length: [b"x" * length],
        "b": [b"y"],
    }


@given(st.dictionaries(st.sampled_from("abcde"), VALUES, max_size=5))
def test_what_protobuf_wrote_is_read(features: dict[str, Any]) -> None:
    example = Example()
    for name, values in features.items():
        feature = example.features.feature[name]
        (feature.int64_list if values and isinstance(values[0], int) else feature.bytes_list).value.extend(values)
    assert read_example(example.SerializeToString()) == features


@given(st.binary(max_size=60))
def test_bytes_that_are_no_example_are_refused_or_read(content: bytes) -> None:
    try:
        read_example(content)
    except (ValueError, KeyError):
        return


def test_the_frame_is_that_of_tensorflow() -> None:
    # Written by TensorFlow 2.20.0: tf.io.TFRecordWriter(path).write("Grüße".encode())
    assert framed("Grüße".encode()).hex() == "0700000000000000bbd79f114772c3bcc39f65d7c59da3"


def test_every_sample_comes_back_with_all_its_features(tmp_path: Path) -> None:
    samples = awkward_samples()
    job = job_for(samples, shard_rows=25)
    files, _ = write("tfrecord", samples, tmp_path, job)
    assert [path.name for path in files][:3] == [
        "README.md",
        "test-00000-of-00002.tfrecord",
        "test-00001-of-00002.tfrecord",
    ]
    found = {row["id"][0].decode(): row for path in files[1:] for row in map(parse, read_records(path))}
    for sample in samples:
        row = found[sample.id]
        assert [message["content"] for message in json.loads(row["messages"][0])] == [
            m.content for m in sample.messages
        ]
        assert row["token_length"] == [sample.token_length]
        assert [word.decode() for word in row["topic_keywords"]] == list(sample.topic_keywords)
        assert row["span"] == ([sample.origin.span.start, sample.origin.span.end] if sample.origin.span else [])
        single = len(sample.turns) == 2
        assert row["assistant"] == [sample.messages[-1].content.encode() if single else b""]
    assert check("tfrecord", samples, tmp_path, job).problems == ()


@pytest.mark.parametrize("place", [0, 8, 12, 40, -1, -5])
def test_a_flipped_bit_is_found_and_its_record_named(tmp_path: Path, place: int) -> None:
    path = tmp_path / "x.tfrecord"
    content = bytearray(b"".join(framed(b"record %d" % n * 9) for n in range(3)))
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(ExportError, match=r"x\.tfrecord: .*record [13]"):
        list(read_records(path))


def test_a_file_that_was_cut_off_is_found(tmp_path: Path) -> None:
    path = tmp_path / "x.tfrecord"
    whole = framed(b"record") * 2
    for length in range(1, len(whole)):
        path.write_bytes(whole[:length])
        if length != len(whole) // 2:
            with pytest.raises(ExportError, match=r"record [12]"):
                list(read_records(path))


def test_a_description_that_was_changed_is_found(tmp_path: Path) -> None:
    samples = [make_example(1)]
    write("tfrecord", samples, tmp_path, job_for(samples))
    (tmp_path / "README.md").write_text("nothing")
    assert check("tfrecord", samples, tmp_path, job_for(samples)).problems == (
        "README.md: does not describe the features",
    )
