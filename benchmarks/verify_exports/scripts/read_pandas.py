"""With pandas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from rows_hash import from_cells, run, shards, split_file


def read(folder: Path, form: str, split: str) -> Any:
    if form == "huggingface":
        return pd.concat(map(pd.read_parquet, shards(folder, split))).to_dict("records")
    path = split_file(folder, form, split)
    if form == "parquet":
        return pd.read_parquet(path).to_dict("records")
    if form == "csv":
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        return map(from_cells, table.to_dict("records"))
    return pd.read_json(path, lines=form != "json", dtype=False, convert_dates=False).to_dict("records")


run(read, {"pandas": pd.__version__})
