"""huggingface: a folder that datasets.load_dataset opens: sharded Parquet, a dataset card, dataset_infos.json."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from src.errors import ExportError
from src.export.batches import Batch
from src.export.formats.export_format import ExportJob
from src.export.formats.full_samples import FullSamples
from src.export.formats.split_files import ShardedWriter, check_shard_names, shards_of
from src.export.formats.tabular.arrow_tables import ParquetFile, metadata_of, read_rows, schema_of
from src.export.formats.tabular.dataset_card import (
    CONFIG,
    SplitSize,
    dataset_card,
    dataset_infos,
    features_json,
    head_of,
    schema_metadata,
)
from src.records import Split

SUFFIX = ".parquet"


class HuggingFace(FullSamples):
    name = "huggingface"
    summary = "Hugging Face: a folder for datasets.load_dataset, with shards and a dataset card"
    folder = "huggingface"

    def open(self, folder: Path, job: ExportJob) -> HuggingFaceWriter:
        return HuggingFaceWriter(folder, job)

    def read_back(self, folder: Path, split: Split, job: ExportJob) -> Iterator[bytes]:
        return chain.from_iterable(map(read_rows, shards_of(folder / "data", split, SUFFIX)))

    def check_files(self, folder: Path, job: ExportJob) -> list[str]:
        problems = check_shard_names(folder / "data", job, SUFFIX)
        problems += _check_told("README.md", lambda: _told_by_card(folder / "README.md"), job)
        problems += _check_told("dataset_infos.json", lambda: _told_by_infos(folder / "dataset_infos.json"), job)
        for path in sorted((folder / "data").glob(f"*{SUFFIX}")):
            try:
                if metadata_of(path) != schema_metadata(job):
                    problems.append(f"data/{path.name}: its schema does not name the features")
            except ExportError as error:
                problems.append(str(error))
        return problems


class _Shard:
    """One open shard that knows the records of its batch."""

    def __init__(self, path: Path, split: Split, job: ExportJob) -> None:
        self.split, self.job = split, job
        self.file = ParquetFile(path, schema_of(job, schema_metadata(job)))

    def add(self, batch: Batch, positions: Sequence[int]) -> None:
        self.file.add(batch, positions, self.job)

    def close(self) -> None:
        self.file.close()

    def abort(self) -> None:
        self.file.abort()


class HuggingFaceWriter(ShardedWriter[_Shard]):
    """data/{split}-00000-of-0000N.parquet, README.md and dataset_infos.json."""

    def __init__(self, folder: Path, job: ExportJob) -> None:
        super().__init__(folder / "data", job, SUFFIX)
        self.folder.mkdir()
        self._shards: list[_Shard] = []

    def open_shard(self, path: Path, split: Split, rows: int) -> _Shard:
        self._shards.append(_Shard(path, split, self.job))
        return self._shards[-1]

    def close(self) -> list[Path]:
        files = super().close()
        sizes: dict[Split, SplitSize] = {}
        for shard in self._shards:
            before = sizes.get(shard.split, SplitSize(0, 0))
            sizes[shard.split] = SplitSize(before.rows + shard.file.rows, before.bytes + shard.file.bytes)
        download = sum(file.stat().st_size for file in files)
        card, infos = self.folder.parent / "README.md", self.folder.parent / "dataset_infos.json"
        card.write_bytes(dataset_card(self.job, sizes, download).encode())
        infos.write_bytes((json.dumps(dataset_infos(self.job, sizes, download), indent=2) + "\n").encode())
        return [card, infos, *files]


def _told_by_card(path: Path) -> tuple[Any, Any]:
    head = head_of(path.read_text(encoding="utf-8"))
    info = head["dataset_info"]
    files = {file["split"]: file["path"] for file in head["configs"][0]["data_files"]}
    splits = {split["name"]: split["num_examples"] for split in info["splits"]}
    if files != {split: f"data/{split}-*" for split in splits}:
        raise ValueError("its data_files are not those of its splits")
    return splits, [feature["name"] for feature in info["features"]]


def _told_by_infos(path: Path) -> tuple[Any, Any]:
    info = json.loads(path.read_text(encoding="utf-8"))[CONFIG]
    return {name: split["num_examples"] for name, split in info["splits"].items()}, list(info["features"])


def _check_told(name: str, read: Callable[[], tuple[Any, Any]], job: ExportJob) -> list[str]:
    """What a file beside the shards says must be what was exported."""
    try:
        splits, features = read()
    except OSError as error:
        return [f"{name}: cannot be read ({error.strerror})"]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        return [f"{name}: is not as it must be ({error!r})"]
    problems = []
    if splits != {split: rows for split, rows in job.counts.items() if rows}:
        problems.append(f"{name}: says {splits}, {job.counts} were exported")
    if features != list(features_json(job)):
        problems.append(f"{name}: does not name the columns")
    return problems
