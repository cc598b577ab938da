"""Our packed datasets, read as a trainer reads them. Every frame's checksum is verified, in each of these ways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.packing.contenders.contender import BATCH, Contender


class _Packed(Contender):
    compression: str
    file_name = "chat.jsonl"

    @property
    def path(self) -> Path:
        return self.folder / self.file_name

    def load(self) -> None:
        from src.export.packing.reading.packed_dataset import PackedDataset

        self._dataset_class = PackedDataset

    def write(self) -> None:
        self._pack(validate=False)

    def write_checked(self) -> None:
        self._pack(validate=True)

    def _pack(self, validate: bool) -> None:
        from src.export.packing.dataset_packer import DatasetPacker

        DatasetPacker().pack(self.source, self.path, compression=self.compression, validate=validate)

    def open(self) -> None:
        self._dataset = self._dataset_class(self.path)

    def close(self) -> None:
        self._dataset.close()

    def first(self) -> Any:
        return self._dataset[0]

    def dicts(self) -> Iterator[Any]:
        return iter(self._dataset)

    def batches(self) -> Iterable[Any]:
        return self._dataset.batches(BATCH, lazy=True)

    def one(self, position: int) -> Any:
        return self._dataset[position]

    def some(self, positions: Sequence[int]) -> Sequence[Any]:
        return self._dataset.__getitems__(list(positions))


class PackedNone(_Packed):
    compression = "none"
    # A frame is verified when it is touched first: half an epoch shares that among the records as training does.
    picks = 100_000


class PackedLz4(_Packed):
    compression, file_name = "lz4", "chat.jsonl.lz4"


class PackedZstd(_Packed):
    compression, file_name = "zstd", "chat.jsonl.zst"
