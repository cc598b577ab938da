"""A process that checks ranges of a file: a CheckTask on the first line of its input, then a range a line.

It answers each range with a Share, on a line of JSON, and ends with its input. Run by worker_pool.py.
"""

from __future__ import annotations

import gc
import os
import sys
from dataclasses import dataclass
from typing import Any, BinaryIO

from src.config.environment import set_variable
from src.config.settings import ModelSettings
from src.providers.models.catalog import use_models
from src.providers.validation.row_checks import CheckTask, RowChecker


@dataclass(frozen=True, slots=True)
class Orders:
    """What a process is started with. The path goes as bytes: names of files need not be Unicode.

    `own_models` are the fields of the user's own models, by provider.
    """

    path: bytes
    provider: str
    model: str
    form: str
    cache: str
    own_models: dict[str, list[dict[str, Any]]]


def main() -> None:
    """Serve until standard input ends."""
    from msgspec.json import decode, encode

    # Rows are many small objects without cycles.
    gc.set_threshold(50_000, 20, 20)
    requests, answers = sys.stdin.buffer, _private_output()
    orders = decode(requests.readline(), type=Orders)
    set_variable("FTDB_CACHE_DIR", orders.cache)
    use_models({provider: [ModelSettings(**own) for own in models] for provider, models in orders.own_models.items()})
    checker = RowChecker(task_of(orders))
    for line in requests:
        start, end = decode(line, type=tuple[int, int])
        answers.write(encode(checker.check(start, end)) + b"\n")
        answers.flush()


def task_of(orders: Orders) -> CheckTask:
    from pathlib import Path

    return CheckTask(Path(os.fsdecode(orders.path)), orders.provider, orders.model, orders.form)


def _private_output() -> BinaryIO:
    """Standard output for the answers alone: what a library prints goes to standard error."""
    own = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(own, "wb")


if __name__ == "__main__":
    main()
