"""The files of an export: one for each split, or shards of it, opened when the first sample comes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Generic, Protocol, TypeVar

from src.errors import ExportError
from src.export.batches import Batch
from src.export.formats.export_format import ExportJob
from src.records import SPLITS, Issue, Split


def positions_by_split(batch: Batch) -> dict[Split, list[int]]:
    """Where in the batch the samples of each split stand."""
    return batch.once("positions", lambda: _positions(batch.splits))


def _positions(splits: Sequence[Split]) -> dict[Split, list[int]]:
    found: dict[Split, list[int]] = {}
    for position, split in enumerate(splits):
        found.setdefault(split, []).append(position)
    return found


class SplitFiles:
    """One open file a split: {split}{suffix}, with `head` written first and `tail` last."""

    def __init__(self, folder: Path, suffix: str, head: bytes = b"", tail: bytes = b"") -> None:
        self.folder, self.suffix, self.head, self.tail = folder, suffix, head, tail
        self._files: dict[Split, BinaryIO] = {}

    def write(self, split: Split, content: bytes) -> None:
        if split not in self._files:
            self._files[split] = (self.folder / f"{split}{self.suffix}").open("xb")
            self._files[split].write(self.head)
        self._files[split].write(content)

    def close(self) -> list[Path]:
        for file in self._files.values():
            file.write(self.tail)
            file.close()
        return [self.folder / f"{split}{self.suffix}" for split in SPLITS if split in self._files]

    def abort(self) -> None:
        for file in self._files.values():
            # What is still to be flushed may not fit on the disk either.
            with suppress(OSError):
                file.close()


def shard_names(split: Split, rows: int, shard_rows: int, suffix: str) -> list[str]:
    """The files that hold that many rows: train-00000-of-00002.parquet, train-00001-of-00002.parquet."""
    number = max(1, -(-rows // shard_rows))
    return [f"{split}-{index:05d}-of-{number:05d}{suffix}" for index in range(number)]


def shards_of(folder: Path, split: Split, suffix: str) -> list[Path]:
    """The shards of a split that lie in a folder, in order."""
    return sorted(folder.glob(f"{split}-?????-of-?????{suffix}"))


def check_shard_names(folder: Path, job: ExportJob, suffix: str) -> list[str]:
    """Shards that are missing, and files that are none."""
    wanted = {
        name
        for split, rows in job.counts.items()
        if rows
        for name in shard_names(split, rows, job.output.shard_rows, suffix)
    }
    found = {path.name for path in folder.glob(f"*{suffix}")}
    missing = [f"{name}: is missing" for name in sorted(wanted - found)]
    return missing + [f"{name}: does not belong here" for name in sorted(found - wanted)]


class Shard(Protocol):
    """One open shard."""

    def add(self, batch: Batch, positions: Sequence[int]) -> None: ...
    def close(self) -> None: ...
    def abort(self) -> None: ...


AnyShard = TypeVar("AnyShard", bound=Shard)


class ShardedWriter(ABC, Generic[AnyShard]):
    """Spreads the samples of each split over its shards, at most one of a split being open. `open_shard` opens one."""

    def __init__(self, folder: Path, job: ExportJob, suffix: str) -> None:
        self.folder, self.job, self.suffix = folder, job, suffix
        self.left_out: Counter[str] = Counter()
        self.issues: list[Issue] = []
        self.files: list[Path] = []
        self._open: dict[Split, AnyShard] = {}
        self._rows: Counter[Split] = Counter()

    @abstractmethod
    def open_shard(self, path: Path, split: Split, rows: int) -> AnyShard:
        """An open shard that is to hold that many rows."""

    def write(self, batch: Batch) -> None:
        for split, positions in positions_by_split(batch).items():
            for part in self._pieces(split, positions):
                self._shard(split).add(batch, part)
                self._rows[split] += len(part)

    def close(self) -> list[Path]:
        for shard in self._open.values():
            shard.close()
        self._open.clear()
        return sorted(self.files)

    def abort(self) -> None:
        for shard in self._open.values():
            shard.abort()
        self._open.clear()

    def _pieces(self, split: Split, positions: Sequence[int]) -> Iterator[Sequence[int]]:
        """The positions, cut where a shard is full."""
        start = 0
        while start < len(positions):
            room = self.job.output.shard_rows - self._rows[split] % self.job.output.shard_rows
            yield positions[start : start + room]
            start += room

    def _shard(self, split: Split) -> AnyShard:
        done, size = self._rows[split], self.job.output.shard_rows
        if done % size == 0:
            rows = min(size, self.job.counts.get(split, 0) - done)
            if rows <= 0:
                raise ExportError(f"{split}: more samples came than were counted; was the dataset changed meanwhile?")
            if split in self._open:
                self._open[split].close()
            path = self.folder / shard_names(split, self.job.counts[split], size, self.suffix)[done // size]
            self._open[split] = self.open_shard(path, split, rows)
            self.files.append(path)
        return self._open[split]
