from __future__ import annotations

import itertools
import json
import pickle
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.errors import PackError, UsageError
from src.export.packing.container.layout import ENTRY_BYTES
from src.export.packing.reading.packed_stream import PackedStream
from tests.export.packing.reading.packed_files import CODECS, awkward_lines, numbered, numbers, pack_lines, uneven

PARTS = [(rank, world) for world in range(1, 10) for rank in range(world)]


@pytest.fixture(scope="module")
def hundred(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100 records in 15 frames."""
    return numbered(tmp_path_factory.mktemp("hundred"), 100, frame_records=7)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same records in other frames."""
    return numbered(tmp_path_factory.mktemp("other"), 100, frame_records=8)


def read(path: Path, **choices: Any) -> list[int]:
    with PackedStream(path, **choices) as stream:
        return numbers(stream)


def saved(stream: PackedStream) -> Any:
    """The state as it comes back from a checkpoint file."""
    return json.loads(json.dumps(stream.state_dict()))


def test_without_shuffling_records_come_in_the_order_of_the_file(hundred: Path) -> None:
    assert read(hundred) == list(range(100))


def test_shuffled_every_record_comes_once_in_another_order(hundred: Path) -> None:
    order = read(hundred, shuffle=True, window=4)

    assert sorted(order) == list(range(100))
    assert order != list(range(100))


def test_the_order_is_the_same_everywhere_and_for_ever(hundred: Path) -> None:
    # Written down on Python 3.11, Linux; a saved position would be worthless if this ever changed.
    assert read(hundred, shuffle=True, window=4, seed=5)[:12] == [80, 36, 34, 40, 57, 61, 31, 30, 38, 37, 81, 78]


def test_seed_and_epoch_choose_the_order(hundred: Path) -> None:
    with PackedStream(hundred, shuffle=True, seed=3) as stream:
        first = numbers(stream)
        assert numbers(stream) == first
        stream.set_epoch(1)
        second = numbers(stream)
        stream.set_epoch(0)
        assert numbers(stream) == first
    assert second != first
    assert read(hundred, shuffle=True, seed=4) not in (first, second)


def test_records_are_mixed_within_a_window_and_not_beyond(hundred: Path) -> None:
    order = read(hundred, shuffle=True, window=3)
    frames = [number // 7 for number in order]

    windows = [frames[start : start + 21] for start in range(0, 100, 21)]
    # The short frame at the end of the file moves the windows behind it.
    assert len(set(windows[0])) <= 4
    assert any(windows[0][place] != windows[0][place + 1] for place in range(7))
    assert frames != sorted(frames)


def test_a_window_of_all_frames_mixes_everything(hundred: Path) -> None:
    for window in (15, 1000, None):
        frames = [number // 7 for number in read(hundred, shuffle=True, window=window)]
        # Seven random places among 100 lie 75 apart on average, from the first to the last.
        spread = [max(places) - min(places) for places in places_of(frames).values() if len(places) == 7]
        assert sum(spread) / len(spread) > 50


def places_of(frames: list[int]) -> dict[int, list[int]]:
    places: dict[int, list[int]] = {}
    for place, frame in enumerate(frames):
        places.setdefault(frame, []).append(place)
    return places


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("records", [0, 1, 5, 100])
def test_shares_are_disjoint_and_cover_everything(tmp_path: Path, records: int, shuffle: bool) -> None:
    path = numbered(tmp_path, records, frame_records=7)
    for world in range(1, 10):
        shares = [read(path, shuffle=shuffle, window=2, rank=rank, world_size=world) for rank in range(world)]
        assert sorted(itertools.chain(*shares)) == list(range(records))
        assert max(map(len, shares)) - min(map(len, shares)) <= 1


@pytest.mark.parametrize("shuffle", [False, True])
def test_with_drop_last_all_shares_are_equal(hundred: Path, shuffle: bool) -> None:
    for world in range(1, 10):
        chosen = {"shuffle": shuffle, "window": 2, "world_size": world, "drop_last": True}
        shares = [read(hundred, rank=rank, **chosen) for rank in range(world)]
        together = list(itertools.chain(*shares))
        assert {len(share) for share in shares} == {100 // world}
        assert len(set(together)) == len(together) == 100 // world * world


def test_the_length_is_that_of_the_share(hundred: Path) -> None:
    for rank, world in PARTS:
        for drop_last in (False, True):
            with PackedStream(hundred, rank=rank, world_size=world, drop_last=drop_last) as stream:
                assert len(stream) == len(numbers(stream))


@pytest.mark.parametrize("choices", [{"rank": 0}, {"world_size": 2}, {"rank": 2, "world_size": 2}, {"window": 0}])
def test_arguments_that_do_not_fit_are_refused(hundred: Path, choices: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        PackedStream(hundred, **choices)


@pytest.mark.parametrize("choices", [{}, {"shards": 3}], ids=["file", "shards"])
@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("codec", CODECS)
def test_values_are_those_of_the_standard_library(
    tmp_path: Path, codec: str, lazy: bool, choices: dict[str, Any]
) -> None:
    lines = awkward_lines()
    expected = sorted(repr(json.loads(line)) for line in lines)
    path = pack_lines(tmp_path, lines, codec, frame_records=7, **choices)
    for shuffle in (False, True):
        with PackedStream(path, shuffle=shuffle, window=3, lazy=lazy) as stream:
            assert sorted(repr(dict(record)) for record in stream) == expected


@pytest.mark.parametrize("choices", [{}, {"shuffle": True, "window": 3}, {"shuffle": True, "rank": 1, "world_size": 3}])
@pytest.mark.parametrize("lazy", [False, True])
def test_a_stream_goes_on_at_any_position(hundred: Path, choices: dict[str, Any], lazy: bool) -> None:
    chosen = {"seed": 8, "lazy": lazy, **choices}
    with PackedStream(hundred, **chosen) as stream, PackedStream(hundred, **chosen) as resumed:
        stream.set_epoch(2)
        whole = numbers(stream)
        records = iter(stream)
        for position in range(len(whole) + 1):
            resumed.load_state_dict(saved(stream))
            assert saved(resumed) == saved(stream)
            assert numbers(resumed) == whole[position:]
            next(records, None)


def test_awkward_records_do_not_move_a_position(tmp_path: Path) -> None:
    path = pack_lines(tmp_path, awkward_lines(), frame_records=9)
    with PackedStream(path, shuffle=True, window=2) as stream, PackedStream(path, shuffle=True, window=2) as resumed:
        whole = list(map(repr, stream))
        records = iter(stream)
        for position in range(len(whole) + 1):
            resumed.load_state_dict(saved(stream))
            assert list(map(repr, resumed)) == whole[position:]
            next(records, None)


@settings(max_examples=40, deadline=None)
@given(
    lengths=st.lists(st.integers(0, 300), max_size=60),
    frame_records=st.integers(1, 9),
    window=st.none() | st.integers(1, 12),
    world=st.integers(1, 4),
    seed=st.integers(0, 3),
    data=st.data(),
)
def test_any_file_any_share_any_stop(
    tmp_path_factory: pytest.TempPathFactory,
    lengths: list[int],
    frame_records: int,
    window: int | None,
    world: int,
    seed: int,
    data: st.DataObject,
) -> None:
    lines = [json.dumps({"n": number, "text": "x" * length}) for number, length in enumerate(lengths)]
    path = pack_lines(tmp_path_factory.mktemp("any"), lines, "none", frame_records=frame_records)
    seen: list[int] = []
    for rank in range(world):
        chosen: dict[str, Any] = {"shuffle": True, "seed": seed, "window": window, "rank": rank, "world_size": world}
        with PackedStream(path, **chosen) as stream, PackedStream(path, **chosen) as resumed:
            before = numbers(itertools.islice(stream, data.draw(st.integers(0, len(stream)))))
            resumed.load_state_dict(saved(stream))
            seen += before + numbers(resumed)
            assert len(seen) == sum(len(PackedStream(path, rank=r, world_size=world)) for r in range(rank + 1))
    assert sorted(seen) == list(range(len(lengths)))


def test_a_position_is_refused_by_a_stream_that_differs(hundred: Path, other: Path) -> None:
    chosen: dict[str, Any] = {"shuffle": True, "seed": 1, "window": 4, "rank": 0, "world_size": 2}
    with PackedStream(hundred, **chosen) as stream:
        next(iter(stream))
        state = saved(stream)
    for name, value in {
        "shuffle": False,
        "seed": 2,
        "window": 5,
        "rank": 1,
        "world_size": 3,
        "drop_last": True,
    }.items():
        with PackedStream(hundred, **{**chosen, name: value}) as stream, pytest.raises(UsageError, match=name):
            stream.load_state_dict(state)
    with PackedStream(other, **chosen) as stream, pytest.raises(UsageError, match="source"):
        stream.load_state_dict(state)


@pytest.mark.parametrize(
    "change",
    [{"version": 2}, {"epoch": -1}, {"window_start": None}, {"window_taken": "3"}, {"window_start": 101}],
)
def test_what_is_no_position_is_refused(hundred: Path, change: dict[str, Any]) -> None:
    with PackedStream(hundred) as stream:
        with pytest.raises(UsageError, match="position"):
            stream.load_state_dict({**saved(stream), **change})
        with pytest.raises(UsageError, match="position"):
            stream.load_state_dict({})
        assert numbers(stream) == list(range(100))


def test_a_position_behind_its_window_is_refused(hundred: Path) -> None:
    with PackedStream(hundred) as stream:
        stream.load_state_dict({**saved(stream), "window_taken": 8})
        with pytest.raises(UsageError, match="does not exist"):
            list(stream)


def test_set_epoch_keeps_a_loaded_position_of_that_epoch_alone(hundred: Path) -> None:
    with PackedStream(hundred, shuffle=True) as stream:
        stream.set_epoch(4)
        whole = numbers(stream)
        numbers(itertools.islice(stream, 30))
        state = saved(stream)
        stream.load_state_dict(state)
        stream.set_epoch(4)
        assert numbers(stream) == whole[30:]
        assert numbers(stream) == whole
        stream.load_state_dict(state)
        stream.set_epoch(5)
        assert len(numbers(stream)) == 100
        with pytest.raises(UsageError):
            stream.set_epoch(-1)


def test_the_state_after_the_last_record_has_nothing_left(hundred: Path) -> None:
    with PackedStream(hundred, shuffle=True) as stream:
        whole = numbers(stream)
        stream.load_state_dict(saved(stream))
        assert numbers(stream) == []
        assert numbers(stream) == whole


def test_iterators_of_one_stream_do_not_disturb_each_other(hundred: Path) -> None:
    with PackedStream(hundred, shuffle=True, window=2) as stream:
        whole = numbers(stream)
        assert [(one["n"], two["n"]) for one, two in zip(stream, stream, strict=True)] == list(
            zip(whole, whole, strict=True)
        )
        with ThreadPoolExecutor(3) as threads:
            assert all(order == whole for order in threads.map(lambda _: numbers(stream), range(6)))


def test_a_pickled_stream_keeps_epoch_and_loaded_position(hundred: Path) -> None:
    with PackedStream(hundred, shuffle=True, lazy=True) as stream:
        stream.set_epoch(3)
        whole = numbers(stream)
        numbers(itertools.islice(stream, 40))
        stream.load_state_dict(saved(stream))
        with pickle.loads(pickle.dumps(stream)) as again:
            assert numbers(again) == whole[40:]
            assert numbers(again) == whole


def test_a_transform_takes_each_records_place_and_its_errors_get_out(hundred: Path) -> None:
    def refuse(record: Any) -> Any:
        raise ValueError("not this one")

    with PackedStream(hundred, transform=lambda record: record["n"] * 2) as stream:
        assert list(stream) == list(range(0, 200, 2))
    with PackedStream(hundred, transform=refuse) as stream, pytest.raises(ValueError, match="not this one"):
        list(stream)


def test_a_stream_has_no_places(hundred: Path) -> None:
    with PackedStream(hundred) as stream, pytest.raises(UsageError, match="PackedDataset"):
        stream[0]


def test_a_damaged_frame_is_named(tmp_path: Path) -> None:
    path = numbered(tmp_path, 64, "zstd", frame_records=16)
    content = bytearray(path.read_bytes())
    with PackedStream(path) as stream:
        content[stream.pack.shards[0].index.entry(2).start + 20] ^= 4
    path.write_bytes(content)
    for shuffle in (False, True):
        with PackedStream(path, shuffle=shuffle) as stream, pytest.raises(PackError, match="frame 2"):
            list(stream)


def flipped_index_entries(path: Path) -> Iterator[bytes]:
    """The index file with one bit of the number of a frame's first record flipped, for every frame."""
    content = path.read_bytes()
    for place in range(0, 5 * ENTRY_BYTES, ENTRY_BYTES):
        for bit in (1, 4, 16, 128):
            yield content[: place + 8] + bytes([content[place + 8] ^ bit]) + content[place + 9 :]


def test_an_index_that_miscounts_loses_no_record_silently(tmp_path: Path) -> None:
    path = uneven(tmp_path)
    index = path.with_name(path.name + ".idx")
    for content in list(flipped_index_entries(index)):
        index.write_bytes(content)
        for shuffle in (False, True):
            with PackedStream(path, shuffle=shuffle) as stream, pytest.raises(PackError):
                list(stream)


def test_a_window_of_large_records_stays_in_bounds(tmp_path: Path) -> None:
    lines = (json.dumps({"n": number, "text": "x" * (1 << 20)}) for number in range(40))
    path = pack_lines(tmp_path, lines)
    with PackedStream(path, shuffle=True, window=64, lazy=True) as stream:
        next(iter(stream))
        tracemalloc.start()
        assert sum(len(record.raw) > 1 << 20 for record in stream) == 40
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    # 64 frames at 96 KiB, and the frame that is being unpacked.
    assert peak < 10 << 20
