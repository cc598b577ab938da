"""A process that exports the same dataset again and again: as often as it is told, or until it is killed."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from src.export.exporter import ExportResult, export_dataset
from src.export.manifest import Generation, build_manifest
from src.records import Dataset, Message
from tests.dataset.example_samples import make_dataset, make_example

DATASET = make_dataset(
    [make_example(n, split=("train", "train", "validation", "test")[n % 4]) for n in range(400)], "handbook"
)


def as_chat(messages: Sequence[Message]) -> Mapping[str, object]:
    return {"messages": [{"role": message.role, "content": message.content} for message in messages]}


def export(dataset: Dataset, output_dir: Path) -> ExportResult:
    manifest = build_manifest(
        dataset,
        tool_version="0.1.0",
        token_exactness="exact",
        generation=Generation("local", "small", is_local=True),
        config={"seed": 42},
    )
    return export_dataset(dataset, output_dir, as_chat, token_exactness="exact", manifest=manifest)


if __name__ == "__main__":
    print("ready", flush=True)
    for _ in range(int(sys.argv[2])):
        export(DATASET, Path(sys.argv[1]))
