"""A process to be killed: saves two versions of one large dataset in turn, until it is."""

from __future__ import annotations

import sys
from pathlib import Path

from src.persistence.sqlite_client import DatasetStore
from src.persistence.stores.bulk_load import BULK_SAMPLES
from tests.dataset.example_samples import make_dataset, make_example

OLD = make_dataset([make_example(n, text="old " * 40) for n in range(BULK_SAMPLES)], "large")
NEW = make_dataset([make_example(n, text="new " * 40) for n in range(BULK_SAMPLES + 900)], "large")


def main(path: Path) -> None:
    with DatasetStore(path) as store:
        store.save_dataset(OLD, {}, dataset_id="fixed")
        print("ready", flush=True)
        while True:
            store.save_dataset(NEW, {}, dataset_id="fixed")
            store.save_dataset(OLD, {}, dataset_id="fixed")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
