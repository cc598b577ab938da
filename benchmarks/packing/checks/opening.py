"""Opening and the first record do not depend on the size: 2,000 records, all of the bench, 5,000,000 tiny ones."""

from __future__ import annotations

import statistics
import time
from itertools import islice
from pathlib import Path

from benchmarks.generation.figures import Figure
from benchmarks.packing.checks.bars import CpuTime
from src.export.packing.dataset_packer import DatasetPacker
from src.export.packing.reading.packed_dataset import PackedDataset

_SMALL, _TINY = 2_000, 5_000_000
_OPENINGS = 50


def figures(source: Path, packed: dict[str, Path], records: int, folder: Path, pace: float) -> list[Figure]:
    """One for each size, the slowest codec's; each codec's own stands in the note."""
    sizes = {f"{_SMALL:,}": _small(source, folder), f"{records:,}": packed}
    if records >= 200_000:
        sizes[f"{_TINY:,} tiny"] = {"lz4": _tiny(folder)}
    found: list[Figure] = []
    for size, paths in sizes.items():
        taken = {codec: _milliseconds(path) for codec, path in paths.items()}
        note = ", ".join(f"{codec} {cpu:.2f} (wall {wall:.2f})" for codec, (cpu, wall) in taken.items())
        slowest = max(cpu for cpu, _ in taken.values())
        found.append(CpuTime(f"open and first of {size} records", slowest, 2, "ms", note=note, pace=pace))
    return found


def _milliseconds(path: Path) -> tuple[float, float]:
    cpu, wall = [], []
    for _ in range(_OPENINGS):
        start, started = time.process_time(), time.perf_counter()
        with PackedDataset(path) as dataset:
            assert dataset[0]
            cpu.append(time.process_time() - start)
            wall.append(time.perf_counter() - started)
    return statistics.median(cpu) * 1e3, statistics.median(wall) * 1e3


def _small(source: Path, folder: Path) -> dict[str, Path]:
    some = folder / "small.jsonl"
    with source.open("rb") as stream:
        some.write_bytes(b"".join(islice(stream, _SMALL)))
    paths = {codec: folder / f"small.{codec}" for codec in ("none", "lz4", "zstd")}
    for codec, path in paths.items():
        DatasetPacker().pack(some, path, compression=codec, validate=False, overwrite=True)
    return paths


def _tiny(folder: Path) -> Path:
    some, path = folder / "tiny.jsonl", folder / "tiny.lz4"
    with some.open("w", encoding="ascii") as stream:
        for start in range(0, _TINY, 10_000):
            stream.write("".join(f'{{"n":{number}}}\n' for number in range(start, start + 10_000)))
    DatasetPacker().pack(some, path, compression="lz4", validate=False, overwrite=True)
    some.unlink()
    return path
