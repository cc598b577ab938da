"""What every reading script here hands back: the rows of each split and a hash that does not depend on the reader.

A script gets a job (the export's folder, the formats to read) and writes what it found; it needs its library alone.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

SPLITS = ("train", "validation", "test")
LISTS = ("messages", "topic_keywords", "span", "turn_spans")
TEXTS = ("system", "user", "assistant")
# Reads the rows of one split of one format.
Read = Callable[[Path, str, str], Iterable[Mapping[str, Any]]]


def hash_rows(rows: Iterable[Mapping[str, Any]]) -> tuple[int, str]:
    """How many rows, and the SHA-256 of their JSON with sorted keys; keys without a value are left out."""
    count, digest = 0, hashlib.sha256()
    for row in rows:
        digest.update(json.dumps(plain(row), ensure_ascii=False, sort_keys=True).encode() + b"\n")
        count += 1
    return count, digest.hexdigest()


def plain(value: Any) -> Any:
    """The value as JSON knows it, whatever the library made of it."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items() if not is_nothing(item)}
    if isinstance(value, bytes):
        return value.decode("utf-8")
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)


def from_cells(cells: Mapping[str, str]) -> dict[str, Any]:
    """A row of our CSV as a sample: JSON read, the mark that keeps formulas from running taken off."""
    row: dict[str, Any] = {}
    for name, cell in cells.items():
        if name in LISTS:
            row[name] = json.loads(cell) if cell else None
        elif name == "token_length":
            row[name] = int(cell)
        elif name not in TEXTS:
            row[name] = cell[1:] if cell.startswith("'") else cell
    return row


def split_file(folder: Path, form: str, split: str) -> Path:
    """The file of a split in formats that have one: {split}.jsonl in the export's folder, others in their own."""
    if form == "jsonl":
        return folder / f"{split}.jsonl"
    suffix = form if form in ("json", "csv", "parquet") else "jsonl"
    return folder / form / f"{split}.{suffix}"


def shards(folder: Path, split: str) -> list[str]:
    """The Parquet shards of a split."""
    return sorted(map(str, (folder / "huggingface" / "data").glob(f"{split}-*.parquet")))


def run(read: Read, versions: Mapping[str, str]) -> None:
    """Read what the job asks for with `read`, and write what was found beside the versions that read it."""
    job = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    found: dict[str, Any] = {}
    for form in job["formats"]:
        try:
            splits = {split: hash_rows(read(Path(job["folder"]), form, split)) for split in SPLITS}
            found[form] = {"rows": {split: rows for split, (rows, _) in splits.items()}}
            found[form]["sha256"] = {split: digest for split, (_, digest) in splits.items()}
        except Exception as error:  # noqa: BLE001 - whatever a library raises is its verdict
            found[form] = {"error": f"{type(error).__name__}: {error}"[:300]}
    Path(sys.argv[2]).write_text(json.dumps({"versions": dict(versions), "formats": found}), "utf-8")
