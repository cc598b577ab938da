"""With polars."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from rows_hash import from_cells, run, shards, split_file


def read(folder: Path, form: str, split: str) -> Any:
    if form == "huggingface":
        return pl.read_parquet(shards(folder, split)).to_dicts()
    path = split_file(folder, form, split)
    if form == "parquet":
        return pl.read_parquet(path).to_dicts()
    if form == "csv":
        return map(from_cells, pl.read_csv(path, infer_schema=False).fill_null("").to_dicts())
    if form == "json":
        return pl.read_json(path, infer_schema_length=None).to_dicts()
    return pl.read_ndjson(path, infer_schema_length=None).to_dicts()


run(read, {"polars": pl.__version__})
