"""Copies of the database, logs and reports in a storage."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from src.errors import StorageError, UsageError
from src.persistence.storage.storage_paths import StoragePaths
from src.persistence.storage.transfers.single_files import download_file, upload_file
from tests.persistence.storage.support import PART, Place


def test_a_file_goes_there_and_comes_back(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "copy.db"
    path.write_bytes(os.urandom((6 << 20) + 1))
    key = StoragePaths.checkpoint("copy.db")
    storage = place.storage
    stored = upload_file(path, storage, key, tool="t", parallel=3, part_bytes=PART)
    assert stored.bytes == path.stat().st_size
    download_file(storage, key, tmp_path / "new/back.db", parallel=3, part_bytes=PART)
    path.write_bytes(b"")  # a log may be stored again
    upload_file(path, storage, key, tool="t")
    download_file(storage, key, tmp_path / "empty.db")
    assert (tmp_path / "new/back.db").stat().st_size == (6 << 20) + 1
    assert (tmp_path / "empty.db").read_bytes() == b""
    assert place.objects() == [key]
    assert sorted(entry.name for entry in tmp_path.joinpath("new").iterdir()) == ["back.db"]


def test_what_is_missing_or_in_the_way_is_told(place: Place, tmp_path: Path) -> None:
    (tmp_path / "there.log").write_text("mine")
    storage = place.storage
    with pytest.raises(UsageError, match="missing"):
        upload_file(tmp_path / "nothing.log", storage, "logs/x", tool="t")
    with pytest.raises(StorageError, match="no such file"):
        download_file(storage, "logs/x", tmp_path / "new.log")
    upload_file(tmp_path / "there.log", storage, "logs/x", tool="t")
    with pytest.raises(UsageError, match="is there already"):
        download_file(storage, "logs/x", tmp_path / "there.log")
    assert not (tmp_path / "new.log").exists()
