from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest

from src.errors import ExportError
from src.export.manifests.files import FileEntry, describe_files, with_rows


def put(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"row\n" * 3)
    return [folder / name for name in names]


def test_every_file_is_described_but_the_versions_own(tmp_path: Path) -> None:
    put(tmp_path, "lineage.jsonl", "statistics.json", "config_lock.json", "notes.txt")
    put(tmp_path, "CHANGELOG.md", "croissant.json", "manifest.json", "manifest.sha256")
    files = describe_files(tmp_path, {"jsonl": put(tmp_path, "train.jsonl")})
    digest = hashlib.sha256(b"row\n" * 3).hexdigest()
    assert files == [
        FileEntry("config_lock.json", 12, digest, "lock"),
        FileEntry("lineage.jsonl", 12, digest, "lineage", rows=3),
        FileEntry("notes.txt", 12, digest, "other"),
        FileEntry("statistics.json", 12, digest, "statistics"),
        FileEntry("train.jsonl", 12, digest, "data", "jsonl", "train", 3),
    ]


@pytest.mark.parametrize(
    "name, split",
    [
        ("numpy/train-00000-of-00002.safetensors", "train"),
        ("tfrecord/test.tfrecord", "test"),
        ("topics/train/validation.jsonl", "validation"),
        ("csv/training_notes.csv", None),
        ("pytorch/dataset.py", None),
        ("huggingface/README.md", None),
    ],
)
def test_files_of_a_format_hold_a_splits_rows_or_support_them(tmp_path: Path, name: str, split: str | None) -> None:
    (entry,) = describe_files(tmp_path, {"some": put(tmp_path, name)})
    assert (entry.format, entry.split, entry.role) == ("some", split, "data" if split else "support")


def test_the_only_file_of_a_split_has_its_rows_shards_are_not_guessed(tmp_path: Path) -> None:
    shards = put(tmp_path, "tfrecord/train-00000-of-00002.tfrecord", "tfrecord/train-00001-of-00002.tfrecord")
    only = put(tmp_path, "tfrecord/test-00000-of-00001.tfrecord")
    entries = describe_files(tmp_path, {"tfrecord": shards + only})
    rows = {entry.path: entry.rows for entry in with_rows(entries, {"tfrecord": {"train": 90, "test": 10}})}
    assert list(rows.values()) == [10, None, None]


def test_rows_of_parquet_shards_are_counted(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    (tmp_path / "data").mkdir()
    shards = [tmp_path / "data" / f"train-0000{n}-of-00002.parquet" for n in range(2)]
    for path, rows in zip(shards, (7, 5), strict=True):
        pq.write_table(pa.table({"id": [str(n) for n in range(rows)]}), path)
    assert [entry.rows for entry in describe_files(tmp_path, {"parquet": shards})] == [7, 5]


@pytest.mark.parametrize("name", [".hidden", "a/.b/c.txt", "a:b.txt", "back\\slash.txt", "bell\x07.txt", "\udcff.txt"])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_a_name_that_leads_elsewhere_on_some_system_is_refused(tmp_path: Path, name: str) -> None:
    put(tmp_path, name)
    with pytest.raises(ExportError, match="cannot have this name"):
        describe_files(tmp_path, {})


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_and_pipes_are_no_files_of_an_export(tmp_path: Path) -> None:
    outside = put(tmp_path / "outside", "secret.txt")[0]
    folder = tmp_path / "inside"
    put(folder, "train.jsonl")
    (folder / "link.txt").symlink_to(outside)
    (folder / "linked").symlink_to(outside.parent)
    os.mkfifo(folder / "pipe")
    assert [entry.path for entry in describe_files(folder, {})] == ["train.jsonl"]
