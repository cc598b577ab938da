"""With TensorFlow: the code of the README that lies beside the records, and the checksum of each record."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import tensorflow as tf
from rows_hash import run


def read(folder: Path, form: str, split: str) -> Any:
    code = (folder / form / "README.md").read_text("utf-8").split("```python\n")[1].split("```")[0]
    os.chdir(folder / form)
    names: dict[str, Any] = {}
    exec(code.replace("train-*", f"{split}-*"), names)
    return [sample(row) for row in names["samples"].as_numpy_iterator()]


def sample(row: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in row.items():
        if name in ("messages", "turn_spans"):
            found[name] = json.loads(value)
        elif name in ("topic_keywords", "span"):
            found[name] = [one.decode() if isinstance(one, bytes) else int(one) for one in value]
        elif name not in ("system", "user", "assistant"):
            found[name] = value.decode() if isinstance(value, bytes) else int(value)
    return {**found, "span": found["span"] or None}


run(read, {"tensorflow": tf.__version__})
