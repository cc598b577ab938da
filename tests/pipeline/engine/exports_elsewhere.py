"""A process that exports the same dataset again and again, its files written elsewhere."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from src.config.settings import SystemSettings
from src.export.exporter import export_dataset
from src.pipeline.engine.sharing import Engine
from src.pipeline.engine.stages.exporting import shared_export
from tests.dataset.example_samples import make_dataset, make_example
from tests.export.export_in_a_loop import order_of

FORMATS = ("jsonl", "csv", "parquet", "json", "alpaca", "tfrecord")
DATASET = make_dataset(
    [make_example(n, split=("train", "train", "validation", "test")[n % 4]) for n in range(1200)], "handbook"
)

if __name__ == "__main__":
    folder, times = Path(sys.argv[1]), int(sys.argv[2])
    order = order_of(DATASET, FORMATS)
    with Engine(SystemSettings(), folder / "engine", 2) as engine:
        order = replace(order, elsewhere=lambda: shared_export(engine, order.output, ""))
        print("ready", flush=True)
        for _ in range(times):
            export_dataset(order, folder / "out")
