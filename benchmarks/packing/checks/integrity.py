"""Flipped bits and cut files: does anything ever come back other than it was, without an error?"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from benchmarks.generation.figures import Figure
from src.errors import PackError
from src.export.packing.dataset_packer import DatasetPacker
from src.export.packing.reading.packed_dataset import PackedDataset

FLIPS = 10_000
_RECORDS, _RECORDS_CUT = 400, 24
_CODECS = ("none", "lz4", "zstd")
_SEED = 20261121
_VERDICTS = ("silent", "detected", "harmless")


def figures(source: Path, folder: Path, flips: int = FLIPS) -> list[Figure]:
    """Flips anywhere in the files of each codec; every length that a small file can be cut to."""
    flipped: Counter[str] = Counter()
    cut: Counter[str] = Counter()
    for number, codec in enumerate(_CODECS):
        share = flips // len(_CODECS) + (number < flips % len(_CODECS))
        flipped += _flip(_packed(source, folder / f"flips.{codec}", codec, _RECORDS), share, number)
        cut += _cut(_packed(source, folder / f"cuts.{codec}", codec, _RECORDS_CUT))
    crashes = {kind: count for kind, count in (flipped + cut).items() if kind not in _VERDICTS}
    kinds = "; ".join(f"{count:,} x {kind}" for kind, count in sorted(crashes.items())[:5])
    return [
        Figure("silent of all bit flips", flipped["silent"], 0, exactly=True, note=_note(flipped)),
        Figure("silent of all truncations", cut["silent"], 0, exactly=True, note=_note(cut)),
        Figure("flips and cuts that end in no clear error", sum(crashes.values()), 0, exactly=True, note=kinds),
    ]


def _note(found: Counter[str]) -> str:
    return f"{found.total():,} tried: {found['detected']:,} detected, {found['harmless']:,} harmless"


def _packed(source: Path, path: Path, codec: str, records: int) -> tuple[Path, list[bytes]]:
    """A packed file of its own, and its lines."""
    some = path.with_suffix(".jsonl")
    with source.open("rb") as stream:
        lines = list(islice(stream, records))
    some.write_bytes(b"".join(lines))
    DatasetPacker().pack(some, path, compression=codec, overwrite=True)
    return path, [line[:-1] for line in lines]


def _flip(packed: tuple[Path, list[bytes]], times: int, number: int) -> Counter[str]:
    path, lines = packed
    chance = random.Random(_SEED + number)
    files = _files(path)
    sizes = [file.stat().st_size for file in files]
    found: Counter[str] = Counter()
    for _ in range(times):
        file = chance.choices(files, sizes)[0]
        with _changed(file) as content:
            at = chance.randrange(len(content))
            content[at] ^= 1 << chance.randrange(8)
            file.write_bytes(content)
            found[_verdict(path, lines)] += 1
    return found


def _cut(packed: tuple[Path, list[bytes]]) -> Counter[str]:
    path, lines = packed
    found: Counter[str] = Counter()
    for file in _files(path):
        with _changed(file) as content:
            # From the end on: a file is only ever made shorter, which is quick.
            for length in range(len(content) - 1, -1, -1):
                with file.open("r+b") as stream:
                    stream.truncate(length)
                found[_verdict(path, lines)] += 1
    return found


def _files(path: Path) -> list[Path]:
    """What reading takes its bytes from; the manifest beside it is for verify-packed."""
    index = path.with_name(path.name + ".idx")
    return [path, index] if index.exists() else [path]


@contextmanager
def _changed(file: Path) -> Iterator[bytearray]:
    """The content, to be changed; the file is as it was afterwards."""
    original = file.read_bytes()
    try:
        yield bytearray(original)
    finally:
        file.write_bytes(original)


def _verdict(path: Path, lines: list[bytes]) -> str:
    try:
        with PackedDataset(path, lazy=True) as dataset:
            found = [record.raw for record in dataset]
            ended = len(dataset) == len(lines)
    except PackError:
        return "detected"
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {error}"[:80]
    return "harmless" if found == lines and ended else "silent"
