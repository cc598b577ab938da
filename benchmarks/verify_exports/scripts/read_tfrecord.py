"""With the package tfrecord, an independent reader of TFRecord files."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rows_hash import run
from tfrecord.reader import tfrecord_loader


def read(folder: Path, form: str, split: str) -> Any:
    paths = sorted((folder / form).glob(f"{split}-*.tfrecord"))
    return [sample(row) for path in paths for row in tfrecord_loader(str(path), None)]


def sample(row: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in row.items():
        if name in ("messages", "turn_spans"):
            found[name] = json.loads(bytes(value))
        elif name == "topic_keywords":
            found[name] = [bytes(one).decode() for one in (value.tolist() if hasattr(value, "tolist") else [value])]
        elif name == "span":
            found[name] = value.tolist() or None
        elif name == "token_length":
            found[name] = int(value[0])
        elif name not in ("system", "user", "assistant"):
            found[name] = bytes(value).decode()
    return found


run(read, {"tfrecord": version("tfrecord")})
