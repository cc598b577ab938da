from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.errors import PackError
from src.export.packing.reading.mixing import (
    Piece,
    frame_counts,
    mix,
    mixed_frames,
    pieces_between,
    read_window,
    run_of_pieces,
)
from src.export.packing.reading.pack import open_pack
from tests.export.packing.reading.packed_files import numbered, pack_lines, uneven


def mixed(count: int, key: str) -> list[int]:
    items = list(range(count))
    mix(items, key)
    return items


def test_the_key_alone_decides_the_order() -> None:
    assert mixed(50, "1/0") == mixed(50, "1/0")
    assert mixed(50, "1/0") != mixed(50, "1/1")
    # Written down on Python 3.11, Linux.
    assert mixed(10, "7/0") == [8, 3, 4, 2, 1, 9, 6, 0, 5, 7]
    assert list(mixed_frames(10, "7/0")) == [8, 3, 4, 2, 1, 9, 6, 0, 5, 7]


def test_every_order_of_four_comes_equally_often() -> None:
    counts = Counter(tuple(mixed(4, f"{seed}")) for seed in range(4800))

    assert len(counts) == 24
    # Chi-square with 23 degrees of freedom: 49.7 is passed by chance once in a thousand; the seeds are fixed.
    assert sum((count - 200) ** 2 / 200 for count in counts.values()) < 49.7


@given(counts=st.lists(st.integers(1, 9), max_size=30), cuts=st.lists(st.integers(0, 300), max_size=4))
def test_pieces_cover_every_record_once_whatever_the_cuts(counts: list[int], cuts: list[int]) -> None:
    total = sum(counts)
    order = list(range(len(counts)))[::-1]
    bounds = [0, *sorted(min(cut, total) for cut in cuts), total]
    pieces = [piece for begin, end in pairwise(bounds) for piece in pieces_between(counts, order, begin, end)]

    records = [(piece.frame, place) for piece in pieces for place in range(piece.start, piece.stop)]
    assert records == [(frame, place) for frame in order for place in range(counts[frame])]
    # A frame is read again only where one share ends within it and the next begins.
    assert len(pieces) <= len(counts) + len(set(bounds[1:-1]))


@pytest.mark.parametrize("choices", [{}, {"shards": 3}], ids=["file", "shards"])
def test_a_run_of_the_file_is_what_its_frames_in_order_give(tmp_path: Path, choices: dict[str, int]) -> None:
    with open_pack(numbered(tmp_path, 50, frame_records=6, **choices)) as pack:
        counts = frame_counts(pack)
        assert sum(counts) == 50
        for begin in range(0, 51, 7):
            for end in range(begin, 51, 3):
                expected = list(pieces_between(counts, range(pack.frames), begin, end))
                assert list(run_of_pieces(pack, begin, end)) == expected


def test_a_window_ends_by_its_frames_or_by_its_bytes(tmp_path: Path) -> None:
    lines = ['{"n": "' + "x" * 91 + '"}'] * 40
    with open_pack(pack_lines(tmp_path, lines, frame_records=4)) as pack:

        def frames_of(most_frames: int | None, most_bytes: int) -> list[list[int]]:
            pieces = pieces_between(frame_counts(pack), range(10), 0, 40)
            windows = iter(lambda: read_window(pack, pieces, most_frames, most_bytes).frames, [])
            return list(windows)

        assert frames_of(4, 1 << 20) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
        assert frames_of(4, 800) == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]
        assert frames_of(4, 1) == [[frame] for frame in range(10)]
        assert frames_of(None, 1) == [list(range(10))]


def test_a_window_holds_the_records_of_its_pieces(tmp_path: Path) -> None:
    with open_pack(numbered(tmp_path, 20, frame_records=5)) as pack:
        window = read_window(pack, iter([Piece(3, 1, 3), Piece(0, 4, 5)]), 8, 1 << 20)

    assert window.lines == [b'{"n": 16}', b'{"n": 17}', b'{"n": 4}']


def test_an_index_that_does_not_begin_at_the_first_record_is_damaged(tmp_path: Path) -> None:
    path = uneven(tmp_path)
    index = path.with_name(path.name + ".idx")
    content = bytearray(index.read_bytes())
    content[8] = 5
    index.write_bytes(content)
    with open_pack(path) as pack, pytest.raises(PackError, match="damaged"):
        frame_counts(pack)
