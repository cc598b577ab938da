"""The bars of bench-packing: when one is missed, and what the baseline's tokenizer is made of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.packing.checks.bars import AtLeast, CpuRate, CpuTime
from benchmarks.packing.checks.byte_pairs import write_tokenizer
from benchmarks.packing.fleet import Measured
from benchmarks.packing.rows import ORJSON, PEERS, ROWS, STDLIB
from benchmarks.packing.table import lines_of


@pytest.mark.parametrize(
    ("value", "pace", "met"),
    [
        (9.0, 0.5, True),
        (10.0, 1.0, True),
        (11.0, 1.0, False),
        (11.0, 1.2, True),
        (13.0, 1.2, False),
        (11.0, 0.5, False),
    ],
)
def test_cpu_time_is_missed_only_as_a_figure_and_as_a_ratio(value: float, pace: float, met: bool) -> None:
    assert CpuTime("a record", value, 10, "us", pace=pace).met is met


@pytest.mark.parametrize(
    ("value", "pace", "met"), [(3.0, 1.0, True), (2.9, 1.0, False), (2.6, 1.2, True), (2.4, 1.2, False)]
)
def test_a_cpu_rate_likewise(value: float, pace: float, met: bool) -> None:
    assert CpuRate("frames", value, 3, "GB/s", pace=pace).met is met


def test_a_line_says_which_way_the_bar_is() -> None:
    assert "bar >= 3" in AtLeast("x", 3.1, 3).line() and AtLeast("x", 3.1, 3).met
    assert "MISSED" in AtLeast("x", 2.9, 3).line()


def test_a_vocabulary_becomes_the_merges_that_lead_to_it(tmp_path: Path) -> None:
    ranks = {b"a": 0, b"b": 1, b" ": 2, b"ab": 3, b" ab": 4, b"abab": 5, b"xy": 6}
    write_tokenizer(tmp_path / "tokenizer.json", ranks)
    model = json.loads((tmp_path / "tokenizer.json").read_text("utf-8"))["model"]
    assert model["merges"] == [["a", "b"], ["Ġ", "ab"], ["ab", "ab"], ["x", "y"]]
    assert model["vocab"]["Ġab"] == 4


def test_the_table_compares_with_the_plain_file_and_names_what_is_absent() -> None:
    measured = {row.name: Measured(row, trouble=row.absent) for row in (*ROWS[:3], *PEERS[-1:])}
    for place, row in enumerate(ROWS[:3]):
        measured[row.name].values["dicts"] += [4.0 / 2**place, 5.0 / 2**place, 3.0 / 2**place]
    head, stdlib, orjson, ours, absent = lines_of(measured)
    assert head.split()[:2] == ["format", "n"]
    assert STDLIB in stdlib and "1.00" in stdlib and ORJSON in orjson
    # Seconds, x stdlib, x orjson.
    assert ours.split()[-8:-5] == ["1.000", "4.00", "2.00"]
    assert "torch" in absent
