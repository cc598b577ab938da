"""With DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from rows_hash import from_cells, run, shards, split_file


def read(folder: Path, form: str, split: str) -> Any:
    if form == "huggingface":
        return rows("SELECT * FROM read_parquet($path)", shards(folder, split))
    path = str(split_file(folder, form, split))
    if form == "parquet":
        return rows("SELECT * FROM read_parquet($path)", path)
    if form == "csv":
        cells = rows("SELECT * FROM read_csv($path, all_varchar=true, max_line_size=100000000)", path)
        return (from_cells({key: value or "" for key, value in row.items()}) for row in cells)
    shape = "array" if form == "json" else "newline_delimited"
    options = (
        "maximum_object_size=1000000000, sample_size=-1, map_inference_threshold=-1, convert_strings_to_integers=false"
    )
    return rows(f"SELECT * FROM read_json($path, format='{shape}', {options})", path)


def rows(query: str, path: Any) -> list[dict[str, Any]]:
    duckdb.sql("SET preserve_insertion_order = true")
    found = duckdb.execute(query, {"path": path})
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


run(read, {"duckdb": duckdb.__version__})
