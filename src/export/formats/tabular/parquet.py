"""parquet: one file of full samples a split, compressed, with a fixed schema."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from src.errors import ExportError
from src.export.batches import Batch
from src.export.formats.export_format import ExportJob
from src.export.formats.full_samples import FullSamples
from src.export.formats.split_files import positions_by_split
from src.export.formats.tabular.arrow_tables import ParquetFile, metadata_of, read_rows, schema_of
from src.records import SPLITS, Issue, Split

METADATA_KEY = "fine_tuning_dataset"


class Parquet(FullSamples):
    name = "parquet"
    summary = "Parquet: full samples with typed columns, one compressed file a split"
    folder = "parquet"

    def open(self, folder: Path, job: ExportJob) -> ParquetWriter:
        return ParquetWriter(folder, job)

    def read_back(self, folder: Path, split: Split, job: ExportJob) -> Iterator[bytes]:
        path = folder / f"{split}.parquet"
        return read_rows(path) if path.exists() else iter(())

    def check_files(self, folder: Path, job: ExportJob) -> list[str]:
        """The schema must say what the rows are of."""
        problems = []
        for path in sorted(folder.glob("*.parquet")):
            try:
                told = metadata_of(path).get(METADATA_KEY, "")
            except ExportError as error:
                problems.append(str(error))
                continue
            if path.stem not in SPLITS or told != _told(job, path.stem):
                problems.append(f"{path.name}: its schema does not say which dataset and split it holds")
        return problems


class ParquetWriter:
    """{split}.parquet files."""

    def __init__(self, folder: Path, job: ExportJob) -> None:
        self.left_out: Counter[str] = Counter()
        self.issues: list[Issue] = []
        self.folder, self.job = folder, job
        self._files: dict[Split, ParquetFile] = {}

    def write(self, batch: Batch) -> None:
        for split, positions in positions_by_split(batch).items():
            if split not in self._files:
                schema = schema_of(self.job, {METADATA_KEY: _told(self.job, split)})
                self._files[split] = ParquetFile(self.folder / f"{split}.parquet", schema)
            self._files[split].add(batch, positions, self.job)

    def close(self) -> list[Path]:
        for file in self._files.values():
            file.close()
        return [self._files[split].path for split in SPLITS if split in self._files]

    def abort(self) -> None:
        for file in self._files.values():
            file.abort()


def _told(job: ExportJob, split: str) -> str:
    return json.dumps({"name": job.name, "provider": job.provider, "model": job.model, "split": split})
