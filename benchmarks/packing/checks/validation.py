"""How fast all frames are verified, beside the raw decoders on the same frames in memory."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import lz4.block
import xxhash
import zstandard

from benchmarks.generation.figures import Figure
from benchmarks.packing.checks.bars import CpuRate
from benchmarks.packing.contenders.serve import consume, cpu_of
from benchmarks.packing.rows import ROUNDS
from src.export.packing.reading.pack import open_pack
from src.export.packing.verifying.frame_check import check_frames

_FRAME = 64
_LEAST_GB = {"none": 3.0, "lz4": 1.5, "zstd": 0.8}


def figures(source: Path, packed: dict[str, Path], pace: float) -> list[Figure]:
    """GB of plain JSONL verified a CPU second."""
    raw = _raw_decoders(source)
    runs = {**{codec: _check_of(path) for codec, path in packed.items()}, **raw}
    seconds = interleaved(ROUNDS, runs.items())
    size = source.stat().st_size / 1e9
    rates = {name: size / taken for name, taken in seconds.items()}
    found: list[Figure] = []
    for codec, least in _LEAST_GB.items():
        beside = " and ".join(f"{name} alone {rates[name]:.2f}" for name in _ALONE[codec])
        found.append(CpuRate(f"all frames verified, {codec}", rates[codec], least, "GB/s", note=beside, pace=pace))
    return found


def interleaved(rounds: int, runs: Iterable[tuple[str, Callable[[], Any]]]) -> dict[str, float]:
    """Median CPU seconds of each run, measured in turns in this process."""
    times: dict[str, list[float]] = defaultdict(list)
    runs = list(runs)
    for _ in range(rounds):
        for name, run in runs:
            times[name].append(cpu_of(run))
    return {name: statistics.median(values) for name, values in times.items()}


_ALONE = {"none": ("xxh3",), "lz4": ("LZ4 decode",), "zstd": ("ZSTD decode",)}


def _check_of(path: Path) -> Callable[[], None]:
    def check() -> None:
        with open_pack(path) as pack:
            assert not check_frames(pack)

    return check


def _raw_decoders(source: Path) -> dict[str, Callable[[], Any]]:
    with source.open("rb") as stream:
        frames = list(iter(lambda: b"".join(islice(stream, _FRAME)), b""))
    by_lz4 = list(map(lz4.block.compress, frames))
    by_zstd = list(map(zstandard.ZstdCompressor(level=3, write_checksum=True).compress, frames))
    digest, decode = xxhash.xxh3_64_intdigest, zstandard.ZstdDecompressor().decompress
    return {
        "xxh3": lambda: consume(map(digest, frames)),
        "LZ4 decode": lambda: consume(map(lz4.block.decompress, by_lz4)),
        "ZSTD decode": lambda: consume(map(decode, by_zstd)),
    }
