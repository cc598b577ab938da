"""How fast a dataset loads on this machine: packed, beside plain JSONL read line by line."""

from __future__ import annotations

import json
import random
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from src.errors import UsageError
from src.export.packing.container.json_lines import fast_decoder
from src.export.packing.container.layout import CODEC_NUMBERS
from src.export.packing.dataset_packer import DatasetPacker
from src.export.packing.reading.packed_dataset import PackedDataset

ROUNDS = 3
_PICKED = 2000
Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Speed:
    """One way to load the records, median of three rounds. CPU seconds are those of this process, all threads."""

    source: str
    mode: str
    records: int
    cpu_seconds: float
    wall_seconds: float
    stored_bytes: int

    @property
    def microseconds(self) -> float:
        """CPU time a record, in microseconds."""
        return 1e6 * self.cpu_seconds / self.records


def measure_loading(
    dataset: Path, batch_size: int, most_records: int, on_note: Note = lambda text: None
) -> list[Speed]:
    """The speeds of a packed dataset or, for a JSONL file, of it packed in every way. The first one is the yardstick:
    json.loads of the standard library, line by line.

    At most `most_records` records from the start are read. Copies are made in the system's folder for temporary files
    and removed. Raises UsageError when there is no record to read, PackError when the dataset is damaged.
    """
    if batch_size < 1 or most_records < 1:
        raise UsageError("Batches and records are counted from 1.")
    with tempfile.TemporaryDirectory(prefix="bench-loading-") as folder:
        plain = Path(folder, "plain.jsonl")
        packed = {dataset.name: dataset}
        is_jsonl = (
            dataset.is_file() and dataset.suffix == ".jsonl" and not dataset.with_name(f"{dataset.name}.idx").exists()
        )
        records = _first_lines(dataset, plain, most_records) if is_jsonl else _unpacked(dataset, plain, most_records)
        if not records:
            raise UsageError(f"{dataset}: has no records; there is nothing to measure.")
        if is_jsonl:
            packed = {f"packed, {name}": _packed(plain, Path(folder), name, on_note) for name in CODEC_NUMBERS}
        modes = [
            *_plain_modes(plain),
            *(mode for name, path in packed.items() for mode in _modes(name, path, batch_size, records)),
        ]
        return _measured(modes, records, on_note)


@dataclass(frozen=True, slots=True)
class _Mode:
    source: str
    name: str
    run: Callable[[], Any]
    stored_bytes: int
    records: int | None = None


def _measured(modes: list[_Mode], records: int, on_note: Note) -> list[Speed]:
    """All modes in turn, several rounds: whatever else the machine does is spread over all."""
    times: list[list[tuple[float, float]]] = [[] for _ in modes]
    for number in range(ROUNDS):
        on_note(f"round {number + 1} of {ROUNDS}")
        for mode, taken in zip(modes, times, strict=True):
            cpu, wall = time.process_time(), time.perf_counter()
            mode.run()
            taken.append((time.process_time() - cpu, time.perf_counter() - wall))
    return [
        Speed(
            mode.source,
            mode.name,
            mode.records or records,
            statistics.median(cpu for cpu, _ in taken),
            statistics.median(wall for _, wall in taken),
            mode.stored_bytes,
        )
        for mode, taken in zip(modes, times, strict=True)
    ]


def _plain_modes(plain: Path) -> list[_Mode]:
    size = plain.stat().st_size

    def standard() -> None:
        with plain.open(encoding="utf-8") as lines:
            for line in lines:
                json.loads(line)

    def fast() -> None:
        decode = fast_decoder()
        with plain.open("rb") as lines:
            for line in lines:
                decode(line)

    return [
        _Mode("JSONL", "json.loads, line by line", standard, size),
        _Mode("JSONL", "orjson, line by line", fast, size),
    ]


def _modes(name: str, path: Path, batch_size: int, records: int) -> Iterator[_Mode]:
    stored = _stored_bytes(path)

    def whole(lazy: bool) -> Callable[[], None]:
        def run() -> None:
            with closing(PackedDataset(path)) as dataset:
                _consume(islice(dataset.batches(batch_size, lazy=lazy), -(-records // batch_size)))

        return run

    def each() -> None:
        with closing(PackedDataset(path)) as dataset:
            _consume(islice(dataset, records))

    def single() -> None:
        places = random.Random(0).choices(range(records), k=_PICKED)  # noqa: S311 - no secret
        with closing(PackedDataset(path)) as dataset:
            _consume(map(dataset.__getitem__, places))

    yield _Mode(name, "dicts, one by one", each, stored)
    yield _Mode(name, f"dicts, batches of {batch_size}", whole(lazy=False), stored)
    yield _Mode(name, f"lazy records, batches of {batch_size}", whole(lazy=True), stored)
    yield _Mode(name, "single records at random", single, stored, _PICKED)


def _consume(items: Iterable[Any]) -> None:
    deque(items, 0)


def _stored_bytes(path: Path) -> int:
    if path.is_dir():
        return sum(entry.stat().st_size for entry in path.iterdir())
    index = path.with_name(f"{path.name}.idx")
    return path.stat().st_size + (index.stat().st_size if index.exists() else 0)


def _packed(plain: Path, folder: Path, compression: str, on_note: Note) -> Path:
    on_note(f"packing, {compression}")
    return DatasetPacker().pack(plain, folder / f"copy-{compression}", compression, validate=False).path


def _first_lines(source: Path, plain: Path, most: int) -> int:
    with source.open("rb") as lines, plain.open("wb") as copy:
        return sum(copy.write(line) > 0 for line in islice(lines, most))


def _unpacked(packed: Path, plain: Path, most: int) -> int:
    with closing(PackedDataset(packed)) as dataset, plain.open("wb") as copy:
        pack, count = dataset.pack, 0
        for frame in range(pack.frames):
            for line in islice(pack.lines(frame), most - count):
                copy.write(line + b"\n")
                count += 1
            if count >= most:
                break
        return count
