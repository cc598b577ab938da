"""The order of a stream: frames at random, records mixed within a window of frames. The same for a seed everywhere."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, MutableSequence, Sequence
from itertools import islice
from operator import sub
from random import Random
from typing import Any, NamedTuple

from src.errors import PackError
from src.export.packing.reading.pack import Pack


class Piece(NamedTuple):
    """Records `start` to `stop` of a frame."""

    frame: int
    start: int
    stop: int


class Window(NamedTuple):
    """Records that are in memory together, and the frames they are of."""

    lines: list[bytes]
    frames: list[int]


def mix(items: MutableSequence[Any], key: str) -> None:
    """Put items in a random order, which depends on `key` and their number alone.

    random() is the one method whose sequence Python promises to keep (docs, "Notes on Reproducibility"), and it is the
    same on every platform; hence not shuffle().
    """
    random = Random(key).random  # noqa: S311 - an order, not a secret
    for last in range(len(items) - 1, 0, -1):
        other = int(random() * (last + 1))
        items[last], items[other] = items[other], items[last]


def mixed_frames(frames: int, key: str) -> Sequence[int]:
    """All frames in a random order, four bytes each."""
    order = array("I", range(frames))
    mix(order, key)
    return order


def frame_counts(pack: Pack) -> Sequence[int]:
    """The records of each frame, four bytes each. Raises PackError when the index contradicts itself."""
    counts = array("I")
    for file in pack.shards:
        firsts = array("Q", map(file.index.first, range(file.frames + 1)))
        try:
            counts.extend(map(sub, islice(firsts, 1, None), firsts))
        except OverflowError:
            firsts[0] = 1
        if firsts[0]:
            raise PackError(f"{file.path}: its index does not count its records from 0 in order; it is damaged.")
    return counts


def pieces_between(counts: Sequence[int], order: Iterable[int], begin: int, end: int) -> Iterator[Piece]:
    """What holds the records from place `begin` up to `end` when frames of these counts follow each other so."""
    place = 0
    for frame in order:
        if begin >= end or place >= end:
            return
        count = counts[frame]
        if place + count > begin:
            yield Piece(frame, max(begin - place, 0), min(end - place, count))
        place += count


def run_of_pieces(pack: Pack, begin: int, end: int) -> Iterator[Piece]:
    """What holds the records from `begin` up to `end`, in the order of the file; found in constant time."""
    while begin < end:
        frame = pack.frame_of(begin)
        first, behind = pack.first_record(frame), pack.first_record(frame + 1)
        yield Piece(frame, begin - first, min(end, behind) - first)
        begin = behind


def read_window(pack: Pack, pieces: Iterator[Piece], most_frames: int | None, most_bytes: int) -> Window:
    """The records of the next pieces: of so many frames, fewer once `most_bytes` are reached. None when none are left.

    It ends by what it holds alone, so that whoever starts at the same piece has the same window.
    """
    window, held = Window([], []), 0
    for piece in pieces:
        lines = pack.lines(piece.frame)[piece.start : piece.stop]
        window.lines.extend(lines)
        window.frames.append(piece.frame)
        held += sum(map(len, lines))
        if most_frames is not None and (len(window.frames) >= most_frames or held >= most_bytes):
            break
    return window
