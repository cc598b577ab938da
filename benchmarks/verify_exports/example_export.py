"""The export that is put in front of the libraries: awkward texts, several shards, every format."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.verify_exports.scripts.rows_hash import hash_rows
from src.config.settings import OutputSettings
from src.export.batches import batches_of
from src.export.exporter import ExportOrder, ExportResult, export_dataset
from src.export.formats import EXPORT_FORMATS
from src.export.formats.export_format import ExportJob
from src.records import SPLITS, Sample, Split
from tests.export.formats.writing_formats import awkward_samples

NAME, PROVIDER, MODEL = "handbook", "openai", "gpt-4.1-mini-2025-04-14"
SAMPLES = 600
_TEMPLATE = '{"id": {{ id | json }}, "messages": {{ messages | json }}}\n'


@dataclass(frozen=True)
class Expected:
    """What a reader is to find of one format, worked out from the samples alone."""

    rows: dict[Split, int]
    sha256: dict[Split, str]


def example_samples() -> list[Sample]:
    samples = awkward_samples(SAMPLES)
    return [replace(sample, id=f"s{number:06d}") for number, sample in enumerate(samples)]


def output_settings(folder: Path) -> OutputSettings:
    template = folder / "rows.j2"
    template.write_text(_TEMPLATE, encoding="utf-8")
    return OutputSettings.model_validate({"shard_rows": 100, "template": {"file": str(template), "extension": "jsonl"}})


def write_export(samples: Sequence[Sample], output: OutputSettings, folder: Path) -> ExportResult:
    order = ExportOrder(
        NAME,
        PROVIDER,
        MODEL,
        "create",
        samples,
        list(EXPORT_FORMATS),
        output,
        "2026-11-21T12:00:00+00:00",
        lock=b"{}\n",
    )
    return export_dataset(order, folder)


def expected_of(name: str, samples: Sequence[Sample], output: OutputSettings) -> Expected:
    job = ExportJob(NAME, PROVIDER, MODEL, {}, output)
    found = {split: hash_rows(_rows(name, samples, job, split)) for split in SPLITS}
    return Expected(
        {split: rows for split, (rows, _) in found.items()}, {s: digest for s, (_, digest) in found.items()}
    )


def whole_hash(sha256: dict[Any, str]) -> str:
    """One short hash of the splits' own, for the table."""
    return hashlib.sha256("".join(sha256[split] for split in SPLITS).encode()).hexdigest()[:12]


def _rows(name: str, samples: Sequence[Sample], job: ExportJob, split: Split) -> Iterator[dict[str, Any]]:
    for batch in batches_of(samples):
        for own, row in zip(batch.splits, EXPORT_FORMATS[name].expected(batch, job), strict=True):
            if own == split and row is not None:
                yield json.loads(row)
