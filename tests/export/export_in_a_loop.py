"""A process that exports the same dataset again and again: as often as it is told, or until it is killed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from src.config.settings import OutputSettings
from src.export.exporter import ExportOrder, ExportResult, export_dataset
from src.export.manifests.manifest import Generation
from src.records import Dataset
from tests.dataset.example_samples import make_dataset, make_example

DATASET = make_dataset(
    [make_example(n, split=("train", "train", "validation", "test")[n % 4]) for n in range(400)], "handbook"
)
KILLED_FORMATS = ("jsonl", "csv", "parquet", "huggingface", "tfrecord", "pytorch", "json", "alpaca")


def order_of(dataset: Dataset, formats: Sequence[str] = ("jsonl",), **changes: Any) -> ExportOrder:
    given: dict[str, Any] = {
        "output": OutputSettings(),
        "created_at": "2026-11-21T12:00:00+00:00",
        "tool_version": "0.1.0",
        "token_exactness": "exact",
        "tokenizer": "o200k",
        "generation": Generation("local", "small", is_local=True),
        "config": {"seed": 42},
        "lock": b"{}\n",
        **changes,
    }
    named = (dataset.name, dataset.provider, dataset.model, dataset.mode, dataset.samples)
    return ExportOrder(*named, formats, **given)


def export(dataset: Dataset, output_dir: Path, formats: Sequence[str] = ("jsonl",), **changes: Any) -> ExportResult:
    return export_dataset(order_of(dataset, formats, **changes), output_dir)


if __name__ == "__main__":
    print("ready", flush=True)
    for _ in range(int(sys.argv[2])):
        export(DATASET, Path(sys.argv[1]), sys.argv[3].split(","))
        print("done", flush=True)
