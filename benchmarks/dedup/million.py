"""A million samples from a real database, in a process of its own: python million.py DATABASE COUNT.

Without DATABASE there, it is filled first. Prints JSON: seconds, the most memory, what was found.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.dedup.contenders.serve import cpu, most_mb
from benchmarks.dedup.texts import SEED, make_texts
from src.dataset.duplicates.finding import find_duplicates
from src.persistence.sqlite_client import DatasetStore
from src.records import Dataset, Message, Origin, Sample

_PART = 100_000


def main() -> None:
    path, count = Path(sys.argv[1]), int(sys.argv[2])
    with DatasetStore(path) as store:
        if not store.list_datasets():
            dataset = Dataset("million", "openai", "gpt-4.1-mini", "create", _Made(count))  # type: ignore[arg-type]
            store.save_dataset(dataset, {})
            return
        samples = store.load_dataset("million").samples
        before, wall = cpu(), time.perf_counter()
        for batch in samples.row_batches():  # type: ignore[attr-defined]
            del batch
        reading = cpu() - before
        held = most_mb()
        report = find_duplicates(samples)
    print(json.dumps({
        "cpu": cpu() - before - reading, "reading": reading,
        "wall": time.perf_counter() - wall, "rss_mb": most_mb(), "rss_before_mb": held,
        "exact": report.exact, "near": report.near, "groups": len(report.groups),
    }))  # fmt: skip


class _Made:
    """Samples made as they are asked for, a part after the other."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Sample]:
        origin = Origin("a.txt", "created", "d", "page 1")
        for start in range(0, self._count, _PART):
            for number, text in enumerate(make_texts(min(_PART, self._count - start), SEED + start), start):
                question, answer = text[: len(text) // 3], text[len(text) // 3 :]
                yield Sample(f"s{number:020d}", (Message("user", question), Message("assistant", answer)), origin)


if __name__ == "__main__":
    main()
