"""pytorch: safetensors shards of full samples, and dataset.py, which reads them as a torch Dataset. No pickle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from src.errors import ExportError
from src.export.batches import Batch
from src.export.formats.export_format import ExportJob
from src.export.formats.full_samples import FullSamples, canonical_rows
from src.export.formats.split_files import ShardedWriter, check_shard_names, shards_of
from src.export.formats.tensors.reading_code import DATASET_PY, pytorch_readme
from src.export.formats.tensors.safetensors_file import SafetensorsFile, metadata_of, read_samples
from src.records import Split

SUFFIX = ".safetensors"


class PyTorch(FullSamples):
    name = "pytorch"
    summary = "PyTorch: safetensors shards with a Dataset class and a DataLoader example, no pickle"
    folder = "pytorch"

    def open(self, folder: Path, job: ExportJob) -> PyTorchWriter:
        return PyTorchWriter(folder, job)

    def read_back(self, folder: Path, split: Split, job: ExportJob) -> Iterator[bytes]:
        return chain.from_iterable(map(read_samples, shards_of(folder, split, SUFFIX)))

    def check_files(self, folder: Path, job: ExportJob) -> list[str]:
        problems = check_shard_names(folder, job, SUFFIX)
        for name, text in (("dataset.py", DATASET_PY), ("README.md", pytorch_readme(job))):
            path = folder / name
            if not path.is_file() or path.read_bytes() != text.encode():
                problems.append(f"{name}: is not as it was written")
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            try:
                if metadata_of(path) != _metadata(job, path.name.partition("-")[0]):
                    problems.append(f"{path.name}: its header does not say which dataset and split it holds")
            except ExportError as error:
                problems.append(str(error))
        return problems


class _Shard:
    """One open shard."""

    def __init__(self, path: Path, split: Split, rows: int, job: ExportJob) -> None:
        self.job = job
        self._file = SafetensorsFile(path, rows, _metadata(job, split))

    def add(self, batch: Batch, positions: Sequence[int]) -> None:
        rows = canonical_rows(batch, self.job)
        lengths = [batch.rows[position].token_length or 0 for position in positions]
        self._file.add([rows[position] for position in positions], lengths)

    def close(self) -> None:
        self._file.close()

    def abort(self) -> None:
        self._file.abort()


class PyTorchWriter(ShardedWriter[_Shard]):
    """{split}-00000-of-0000N.safetensors, dataset.py and README.md."""

    def __init__(self, folder: Path, job: ExportJob) -> None:
        super().__init__(folder, job, SUFFIX)

    def open_shard(self, path: Path, split: Split, rows: int) -> _Shard:
        return _Shard(path, split, rows, self.job)

    def close(self) -> list[Path]:
        files = super().close()
        code, readme = self.folder / "dataset.py", self.folder / "README.md"
        code.write_bytes(DATASET_PY.encode())
        readme.write_bytes(pytorch_readme(self.job).encode())
        return [readme, code, *files]


def _metadata(job: ExportJob, split: str) -> dict[str, str]:
    return {"format": "pt", "name": job.name, "split": split, "provider": job.provider, "model": job.model}
