from __future__ import annotations

import json
import multiprocessing
import pickle
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

import pytest

from src.errors import PackError, UsageError
from src.export.packing.reading.packed_dataset import PackedDataset
from tests.export.packing.reading.packed_files import CODECS, awkward_lines, numbered, numbers, pack_lines

SHARDS: list[dict[str, Any]] = [{}, {"shards": 3}]


@pytest.mark.parametrize("choices", SHARDS, ids=["file", "shards"])
@pytest.mark.parametrize("codec", CODECS)
def test_every_way_of_reading_gives_the_values_of_the_standard_library(
    tmp_path: Path, codec: str, choices: dict[str, Any]
) -> None:
    lines = awkward_lines()
    expected = [repr(json.loads(line)) for line in lines]
    with PackedDataset(pack_lines(tmp_path, lines, codec, frame_records=7, **choices)) as dataset:
        assert len(dataset) == len(lines)
        assert [repr(record) for record in dataset] == expected
        assert [repr(dataset[place]) for place in range(len(lines))] == expected
        assert list(map(repr, dataset.__getitems__(range(len(lines))))) == expected
        assert [repr(record) for batch in dataset.batches(8) for record in batch] == expected
        assert [repr(record.as_dict()) for batch in dataset.batches(8, lazy=True) for record in batch] == expected


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("codec", CODECS)
def test_places_come_back_in_the_order_they_were_asked_for(tmp_path: Path, codec: str, lazy: bool) -> None:
    places = random.Random(1).choices(range(-50, 50), k=200)
    with PackedDataset(numbered(tmp_path, 50, codec, frame_records=6), lazy=lazy) as dataset:
        assert numbers(dataset.__getitems__(places)) == [place % 50 for place in places]
        assert numbers(dataset[place] for place in places) == [place % 50 for place in places]


def test_slices_are_lists(tmp_path: Path) -> None:
    with PackedDataset(numbered(tmp_path, 20, frame_records=6)) as dataset:
        for wanted in (slice(None), slice(3, 9), slice(-4, None), slice(None, None, -3), slice(9, 3), slice(0, 99)):
            assert numbers(dataset[wanted]) == list(range(20))[wanted]


@pytest.mark.parametrize("place", [5, -6, 10**20])
def test_a_place_that_does_not_exist_is_an_index_error(tmp_path: Path, place: int) -> None:
    with PackedDataset(numbered(tmp_path, 5)) as dataset:
        with pytest.raises(IndexError, match="5 records"):
            dataset[place]
        with pytest.raises(IndexError):
            dataset.__getitems__([0, place])


def test_a_place_must_be_a_whole_number(tmp_path: Path) -> None:
    with PackedDataset(numbered(tmp_path, 5)) as dataset, pytest.raises(TypeError):
        dataset[1.0]  # type: ignore[call-overload]


@pytest.mark.parametrize("codec", CODECS)
def test_one_record_and_none(tmp_path: Path, codec: str) -> None:
    with PackedDataset(numbered(tmp_path, 1, codec, name="one")) as dataset:
        assert (numbers(dataset), dataset[0], dataset[-1]) == ([0], {"n": 0}, {"n": 0})
    with PackedDataset(numbered(tmp_path, 0, codec, name="none")) as dataset:
        assert (len(dataset), list(dataset), list(dataset.batches(4, lazy=True)), dataset[:]) == (0, [], [], [])
        dataset.check()


@pytest.mark.parametrize("codec", CODECS)
def test_large_records(tmp_path: Path, codec: str) -> None:
    lines = [json.dumps({"n": number, "text": "ab" * (1 << 20) if number % 3 == 1 else ""}) for number in range(7)]
    with PackedDataset(pack_lines(tmp_path, lines, codec)) as dataset:
        assert [len(record["text"]) for record in dataset] == [2 << 20 if number % 3 == 1 else 0 for number in range(7)]
        assert [record.raw.decode() for batch in dataset.batches(2, lazy=True) for record in batch] == lines
        assert numbers(dataset.__getitems__([6, 1, 4])) == [6, 1, 4]


@pytest.mark.parametrize("lazy", [False, True])
def test_batches_cross_frames_and_may_drop_the_last(tmp_path: Path, lazy: bool) -> None:
    with PackedDataset(numbered(tmp_path, 23, frame_records=4)) as dataset:
        batches = list(map(numbers, dataset.batches(5, lazy=lazy)))
        assert batches == [list(range(start, min(start + 5, 23))) for start in range(0, 23, 5)]
        assert list(map(numbers, dataset.batches(5, lazy=lazy, drop_last=True))) == batches[:-1]
        assert list(map(len, dataset.batches(100, lazy=lazy))) == [23]


def test_a_batch_has_at_least_one_record(tmp_path: Path) -> None:
    with PackedDataset(numbered(tmp_path, 3)) as dataset, pytest.raises(UsageError, match="batch"):
        dataset.batches(0)


def test_a_transform_takes_each_records_place(tmp_path: Path) -> None:
    with PackedDataset(numbered(tmp_path, 9, frame_records=4), transform=lambda record: -record["n"]) as dataset:
        expected = [-number for number in range(9)]
        assert (list(dataset), dataset[:], dataset[2]) == (expected, expected, -2)
        assert [number for batch in dataset.batches(4, lazy=True) for number in batch] == expected


def test_a_failing_transform_is_not_taken_for_a_broken_record(tmp_path: Path) -> None:
    def refuse(record: Any) -> Any:
        raise ValueError("not this one")

    with PackedDataset(numbered(tmp_path, 9), transform=refuse) as dataset, pytest.raises(ValueError, match="not this"):
        list(dataset)


@pytest.mark.parametrize("codec", CODECS)
def test_a_damaged_frame_is_named_and_the_others_can_be_read(tmp_path: Path, codec: str) -> None:
    path = numbered(tmp_path, 64, codec, frame_records=16)
    content = bytearray(path.read_bytes())
    with PackedDataset(path) as dataset:
        place = dataset.pack.shards[0].index.entry(1).start + 40
    content[place] ^= 1
    path.write_bytes(content)

    with PackedDataset(path) as dataset:
        for read in (
            dataset.check,
            lambda: list(dataset),
            lambda: list(dataset.batches(8, lazy=True)),
            lambda: dataset[20],
        ):
            with pytest.raises(PackError, match="frame 1"):
                read()
        assert numbers(dataset[32:]) == list(range(32, 64))


@pytest.mark.parametrize("choices", SHARDS, ids=["file", "shards"])
def test_a_pickled_dataset_opens_its_file_again(tmp_path: Path, choices: dict[str, Any]) -> None:
    path = numbered(tmp_path, 50, **choices)
    with PackedDataset(path, lazy=True, transform=len) as dataset:
        pickled = pickle.dumps(dataset)
    with pickle.loads(pickled) as again:
        assert list(again) == [1] * 50
    assert len(pickled) < 1000


def read_into(queue: SimpleQueue[list[int]], dataset: PackedDataset) -> None:
    queue.put(numbers(dataset[place] for place in range(len(dataset))))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
@pytest.mark.parametrize("codec", CODECS)
def test_an_open_dataset_may_be_read_after_a_fork(tmp_path: Path, codec: str) -> None:
    with PackedDataset(numbered(tmp_path, 100, codec, frame_records=8)) as dataset:
        assert dataset[50] == {"n": 50}
        context = multiprocessing.get_context("fork")
        queue: SimpleQueue[list[int]] = context.SimpleQueue()
        child = context.Process(target=read_into, args=(queue, dataset))
        child.start()
        assert numbers(dataset) == list(range(100))
        assert queue.get() == list(range(100))
        child.join()


@pytest.mark.parametrize("codec", CODECS)
def test_threads_may_share_a_dataset(tmp_path: Path, codec: str) -> None:
    places = random.Random(2).choices(range(400), k=1500)
    with PackedDataset(numbered(tmp_path, 400, codec, frame_records=3)) as dataset, ThreadPoolExecutor(4) as threads:
        by_place = [threads.submit(lambda: [dataset[place]["n"] for place in places]) for _ in range(2)]
        in_order = [threads.submit(lambda: numbers(dataset)) for _ in range(2)]
        assert all(reading.result() == places for reading in by_place)
        assert all(reading.result() == list(range(400)) for reading in in_order)
