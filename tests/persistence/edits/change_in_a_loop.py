"""A process to be killed: changes samples and takes the changes back, until it is."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from src.persistence.edits.changing import change_samples, list_changes, undo
from src.persistence.edits.records import Edit, Note
from src.persistence.sqlite_client import DatasetStore
from src.records import Sample
from tests.dataset.example_samples import make_dataset, make_example

OLD = [make_example(n) for n in range(120)]


def renamed(sample: Sample) -> Sample:
    return replace(sample, id=sample.id + "e", token_length=99)


NEW = [renamed(sample) if n % 3 else sample for n, sample in enumerate(OLD) if n % 5]


def main(path: Path) -> None:
    with DatasetStore(path) as store:
        if not store.list_datasets():
            store.save_dataset(make_dataset(OLD), {}, dataset_id="d1")
        print("ready", flush=True)
        for _ in range(1_000_000):
            if len(store.load_dataset("d1")) == len(OLD):
                edits = [
                    Edit(sample.id, renamed(sample) if n % 5 else None)
                    for n, sample in enumerate(OLD)
                    if n % 3 or not n % 5
                ]
                change_samples(store, "d1", edits, Note("curate", "m", ""))
            else:
                undo(store, "d1", [list_changes(store, "d1")[0].number], "m")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
