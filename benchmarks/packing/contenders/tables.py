"""Typed tables: Parquet with page checksums, Arrow IPC, Hugging Face datasets. All decode into columns, then dicts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from benchmarks.packing.contenders.contender import Contender

_ROWS = 1_024


class Parquet(Contender):
    """zstd, with the page checksums that are off by default."""

    picks = 20

    def load(self) -> None:
        import pyarrow.json
        import pyarrow.parquet

        self._parquet, self._json = pyarrow.parquet, pyarrow.json

    def write(self) -> None:
        table = self._json.read_json(self.source)
        self._parquet.write_table(
            table, self.folder / "chat.parquet", compression="zstd", write_page_checksum=True, row_group_size=10_000
        )

    def open(self) -> None:
        path = self.folder / "chat.parquet"
        self._file = self._parquet.ParquetFile(path, page_checksum_verification=True, memory_map=True)

    def close(self) -> None:
        self._file.close()

    def first(self) -> Any:
        return next(self._file.iter_batches(8)).slice(0, 1).to_pylist()[0]

    def dicts(self) -> Iterator[Any]:
        for batch in self._file.iter_batches(_ROWS):
            yield from batch.to_pylist()

    def batches(self) -> Iterable[Any]:
        return self._file.iter_batches(_ROWS)

    def one(self, position: int) -> Any:
        group, row = divmod(position, 10_000)
        return self._file.read_row_group(group).slice(row, 1).to_pylist()[0]


class ArrowIpc(Contender):
    """Uncompressed, memory-mapped. It has no checksums."""

    def load(self) -> None:
        import pyarrow.json

        self._arrow, self._json = pyarrow, pyarrow.json

    def write(self) -> None:
        table = self._json.read_json(self.source)
        with self._arrow.ipc.new_file(self.folder / "chat.arrow", table.schema) as writer:
            writer.write_table(table, max_chunksize=_ROWS)

    def open(self) -> None:
        self._map = self._arrow.memory_map(str(self.folder / "chat.arrow"))
        self._file = self._arrow.ipc.open_file(self._map)

    def close(self) -> None:
        self._map.close()

    def first(self) -> Any:
        return self._file.get_batch(0).slice(0, 1).to_pylist()[0]

    def dicts(self) -> Iterator[Any]:
        for batch in self.batches():
            yield from batch.to_pylist()

    def batches(self) -> Iterable[Any]:
        return (self._file.get_batch(number) for number in range(self._file.num_record_batches))

    def index(self) -> None:
        # The writer cuts the reader's own chunks, so batches differ in length.
        self._table = self._file.read_all()

    def one(self, position: int) -> Any:
        return self._table.slice(position, 1).to_pylist()[0]


class HuggingFace(Contender):
    """load_from_disk of a saved dataset."""

    picks = 5_000

    def load(self) -> None:
        os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1", HF_HOME=str(self.folder / "home"))
        import datasets

        self._datasets = datasets

    def write(self) -> None:
        cache = str(self.folder / "cache")
        made = self._datasets.load_dataset("json", data_files=str(self.source), split="train", cache_dir=cache)
        made.save_to_disk(self.folder / "chat")

    def open(self) -> None:
        self._dataset = self._datasets.load_from_disk(self.folder / "chat")

    def dicts(self) -> Iterator[Any]:
        return iter(self._dataset)

    def batches(self) -> Iterable[Any]:
        return self._dataset.with_format("arrow").iter(_ROWS)

    def one(self, position: int) -> Any:
        return self._dataset[position]

    def some(self, positions: Sequence[int]) -> Sequence[Any]:
        return self._dataset.__getitems__(list(positions))

    def size(self) -> int:
        return sum(path.stat().st_size for path in (self.folder / "chat").rglob("*") if path.is_file())
