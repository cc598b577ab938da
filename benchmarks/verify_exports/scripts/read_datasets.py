"""With Hugging Face datasets."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import datasets
from datasets import load_dataset
from rows_hash import run, split_file


def read(folder: Path, form: str, split: str) -> Any:
    with tempfile.TemporaryDirectory() as cache:
        if form == "huggingface":
            return list(load_dataset(str(folder / form), split=split, cache_dir=cache))
        kind = "parquet" if form == "parquet" else "json"
        path = str(split_file(folder, form, split))
        return list(load_dataset(kind, data_files={split: path}, split=split, cache_dir=cache))


run(read, {"datasets": datasets.__version__})
