"""Samples that lie in a file are the same as those in memory, whatever they hold."""

from __future__ import annotations

from array import array
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from src.dataset.spools.sample_spool import SampleSpool, picked, with_splits
from src.records import Message, Origin, Sample, Span

_ODD = "lone \udc80, NUL \0, line\u2028 end\r\n, 🙂"


def _sample(number: int) -> Sample:
    origin = Origin(
        f"file{number}{_ODD if number % 3 else ''}.txt",
        "identified",
        "d" * 64,
        "page 1",
        Span(number, number + 5),
        ((Span(1, 2), Span(3, 4)), (Span(5, 6),)),
        chunk_id=f"c{number}",
        edited_from="s1",
    )
    said = f"{number} {_ODD}" if number % 3 else f"{number} NUL \0, line\u2028 end\r\n, 🙂"
    messages = (Message("user", said), Message("assistant", "yes"))
    return Sample(f"s{number}", messages, origin, ("a", "b,c"), number, None if number % 2 else "train")


def _spool(folder: Path, count: int, in_memory: int) -> SampleSpool:
    spool = SampleSpool(folder, in_memory)
    for number in range(count):
        spool.append(_sample(number))
    return spool


@pytest.mark.parametrize("in_memory", [0, 3, 1000])
def test_samples_come_back_as_they_were(tmp_path: Path, in_memory: int) -> None:
    samples = [_sample(number) for number in range(500)]
    spool = _spool(tmp_path / "new", 500, in_memory)
    assert list(spool) == samples
    assert (len(spool), spool[0], spool[-1]) == (500, samples[0], samples[-1])
    assert list(spool[7:480]) == samples[7:480]
    assert list(spool[::-9]) == samples[::-9]
    assert list(spool[9:9]) == []
    with pytest.raises(IndexError):
        spool[500]


def test_what_is_added_while_somebody_reads_does_not_disturb(tmp_path: Path) -> None:
    spool = _spool(tmp_path, 300, 10)
    seen = []
    for sample in spool:
        seen.append(sample)
        if len(seen) < 50:
            spool.append(_sample(1000))
    assert seen[:300] == [_sample(number) for number in range(300)]


def test_no_file_has_a_name_or_is_left(tmp_path: Path) -> None:
    spool = _spool(tmp_path, 50, 10)
    del spool
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("in_memory", [0, 1000])
def test_picked_samples_keep_their_order_and_get_their_splits(tmp_path: Path, in_memory: int) -> None:
    spool = _spool(tmp_path, 100, in_memory)
    places = array("Q", range(3, 100, 7))
    some = picked(spool, places)
    expected = [_sample(place) for place in places]
    assert list(some) == expected
    assert [some[n] for n in range(len(some))] == expected
    splits = np.arange(len(some), dtype=np.int8) % 3
    divided = with_splits(some, splits)
    wanted = [replace(one, split=("train", "validation", "test")[at % 3]) for at, one in enumerate(expected)]
    assert list(divided) == wanted
    assert list(divided[2:9:2]) == wanted[2:9:2]
    assert divided[-1] == wanted[-1]
    assert picked(spool, array("Q", range(100))) is spool
