"""A process to be killed: saves two versions of one dataset in turn, and new ones, until it is."""

from __future__ import annotations

import sys
from pathlib import Path

from src.persistence.sqlite_client import DatasetStore
from src.records import Dataset
from tests.dataset.example_samples import make_dataset, make_example

SMALL = make_dataset([make_example(n, text="old") for n in range(300)], "replaced")
LARGE = make_dataset([make_example(n, text="new") for n in range(450)], "replaced")


def added(number: int) -> Dataset:
    return make_dataset([make_example(n, text=f"added {number}") for n in range(100)], "added")


def main(path: Path) -> None:
    with DatasetStore(path) as store:
        store.save_dataset(SMALL, {}, dataset_id="fixed")
        print("ready", flush=True)
        for number in range(1_000_000):
            store.save_dataset(LARGE if number % 2 == 0 else SMALL, {}, dataset_id="fixed")
            store.save_dataset(added(number), {"number": number})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
