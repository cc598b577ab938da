"""python -m benchmarks.scale.fill DATABASE SAMPLES: a dataset "bench" saved as a stream, none of it held in memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

from benchmarks.export.database import make_samples
from src.persistence.sqlite_client import DatasetStore
from src.records import Dataset, Sample


class Made(Sequence[Sample]):
    """So many samples, made while they are gone through."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __len__(self) -> int:
        return self.number

    def __iter__(self) -> Iterator[Sample]:
        return make_samples(self.number)

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Sample]: ...
    def __getitem__(self, index: int | slice) -> Sample | Sequence[Sample]:
        raise TypeError("these samples can only be gone through")


if __name__ == "__main__":
    with DatasetStore(Path(sys.argv[1])) as store:
        samples = Made(int(sys.argv[2]))
        store.save_dataset(Dataset("bench", "openai", "gpt-4.1-mini-2025-04-14", "create", samples), {})
