"""The issue's bars for what the table measures: dicts, lazy records, single records, the start, packing, size."""

from __future__ import annotations

import statistics
from collections.abc import Mapping

from benchmarks.generation.figures import Figure
from benchmarks.packing.checks.bars import REFERENCE_RECORDS, AtLeast, CpuTime
from benchmarks.packing.fleet import Measured
from benchmarks.packing.rows import FLOOR, ORJSON, OURS, STDLIB

Table = Mapping[str, Measured]
_DICTS = {"none": 3.0, "lz4": 2.8, "zstd": 2.2}
_LAZY = {"none": 12.0, "lz4": 10.0, "zstd": 5.5}
_RANDOM_US = {"none": 5.0, "lz4": 35.0, "zstd": 70.0}
_PACKING_S = {"lz4": 1.0, "zstd": 1.8}
_SIZE = {"lz4": 0.59, "zstd": 0.42}


def stdlib_seconds(measured: Table) -> float:
    """What the standard library's loop took, which bars in CPU time are scaled by."""
    return _median(measured, STDLIB, "dicts")


def reading(measured: Table) -> list[Figure]:
    """Ratios are medians of those of each round."""
    found: list[Figure] = []
    for codec, least in _DICTS.items():
        ratio = _ratio(measured, STDLIB, "dicts", OURS[codec], "dicts")
        found.append(AtLeast(f"eager dicts, {codec}, x stdlib", ratio, least))
    for codec in ("none", "lz4"):
        ratio = _ratio(measured, ORJSON, "dicts", OURS[codec], "dicts")
        found.append(AtLeast(f"eager dicts, {codec}, x orjson on the plain file", ratio, 1))
    for codec, least in _LAZY.items():
        ratio = _ratio(measured, STDLIB, "dicts", OURS[codec], "batches")
        beside = f"{_ratio(measured, ORJSON, 'dicts', OURS[codec], 'batches'):.1f} x orjson"
        found.append(AtLeast(f"lazy records in batches of 8, {codec}, x stdlib", ratio, least, note=beside))
    return found


def remarks(measured: Table) -> list[str]:
    """What no reader of dicts can beat."""
    floor = _ratio(measured, STDLIB, "dicts", FLOOR, "dicts")
    return [f"the floor, texts decoded and dicts built and nothing else, is {floor:.1f} x stdlib in this run"]


def moments(measured: Table, pace: float) -> list[Figure]:
    """A random record and the import."""
    found: list[Figure] = []
    for codec, most in _RANDOM_US.items():
        taken = _median(measured, OURS[codec], "random") * 1e6
        plain = ", ".join(f"{name} {_median(measured, name, 'random') * 1e6:.1f}" for name in (STDLIB, ORJSON))
        found.append(CpuTime(f"a random record, {codec}", taken, most, "us", note=plain, pace=pace))
    imports = {codec: _median(measured, name, "import") * 1e3 for codec, name in OURS.items()}
    note = ", ".join(f"{codec} {taken:.0f}" for codec, taken in imports.items())
    return [*found, CpuTime("import, and what opening loads", max(imports.values()), 50, "ms", note=note, pace=pace)]


def packing(measured: Table, records: int, size: int, pace: float) -> list[Figure]:
    """The bar is for as many records as the issue names; fewer get a part of it."""
    found: list[Figure] = []
    for codec, most in _PACKING_S.items():
        plain, checked = (_median(measured, OURS[codec], name) for name in ("write", "write_checked"))
        note = f"{checked:.2f} with validate=True, which reads it back"
        share = most * records / REFERENCE_RECORDS
        found.append(CpuTime(f"packing, {codec}", plain, share, "s", note=note, pace=pace))
    plain, checked = (_median(measured, OURS["none"], name) for name in ("write", "write_checked"))
    found.append(Figure("packing, none", plain, float("inf"), "s", note=f"{checked:.2f} with validate=True; no bar"))
    for codec, share in _SIZE.items():
        found.append(Figure(f"size, {codec}, of the plain file", _median(measured, OURS[codec], "size") / size, share))
    return found


def _ratio(measured: Table, slow: str, slow_name: str, fast: str, fast_name: str) -> float:
    pairs = zip(measured[slow].values[slow_name], measured[fast].values[fast_name], strict=True)
    return statistics.median(above / below for above, below in pairs)


def _median(measured: Table, name: str, figure: str) -> float:
    value = measured[name].median(figure)
    assert value is not None, f"{name}: {figure} was not measured"
    return value
