"""The libraries that open exports: what each needs, and which formats it is to read."""

from __future__ import annotations

from dataclasses import dataclass

from src.export.formats import EXPORT_FORMATS
from src.providers.formats.registry import FORMATS

_ROWS = ("jsonl", *(name for name in EXPORT_FORMATS if name in FORMATS))
_TABLES = ("json", "csv", "parquet", "huggingface", *_ROWS)


@dataclass(frozen=True)
class Reader:
    """One library. `requirements` go into an environment of its own; `heavy` ones take a gigabyte or more."""

    name: str
    script: str
    formats: tuple[str, ...]
    requirements: tuple[str, ...]
    heavy: bool = False


READERS = (
    Reader("datasets", "datasets", ("huggingface", "parquet", "json", *_ROWS), ("datasets==5.2.0",)),
    Reader("datasets 3", "datasets", ("huggingface", "parquet"), ("datasets==3.6.0",)),
    Reader("pandas", "pandas", _TABLES, ("pandas==3.1.1", "pyarrow==26.0.1")),
    Reader("polars", "polars", _TABLES, ("polars==2.1.0",)),
    Reader("duckdb", "duckdb", _TABLES, ("duckdb==2.0.0",)),
    Reader("torch DataLoader", "torch", ("pytorch",), ("torch==2.13.0", "safetensors==0.8.0", "numpy"), heavy=True),
    Reader("tfrecord package", "tfrecord", ("tfrecord",), ("tfrecord==1.14.6",)),
    Reader("TensorFlow", "tensorflow", ("tfrecord",), ("tensorflow-cpu==2.20.0",), heavy=True),
)
