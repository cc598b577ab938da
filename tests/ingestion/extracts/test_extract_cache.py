"""The cache of extracts: when a file counts as known, and what makes room."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from src.errors import IngestionError
from src.ingestion.extracts.extract_cache import ExtractCache, readers_version
from src.ingestion.pieces import ReadOptions


def test_only_its_owner_may_look_into_the_folder(tmp_path: Path) -> None:
    ExtractCache.open(tmp_path / "kept")
    assert (tmp_path / "kept").stat().st_mode & 0o077 == 0


def test_a_file_changed_just_now_is_not_trusted(tmp_path: Path) -> None:
    cache, file = ExtractCache.open(tmp_path / "kept"), tmp_path / "a.txt"
    file.write_text("one", encoding="utf-8")
    cache.path_for("s", ReadOptions()).write_bytes(b"x")

    cache.remember(file, "s")

    assert cache.known(file, ReadOptions()) is None


def test_states_survive_the_program_and_a_damaged_list_is_an_empty_one(tmp_path: Path) -> None:
    cache, file = ExtractCache.open(tmp_path / "kept"), tmp_path / "a.txt"
    file.write_text("one", encoding="utf-8")
    deadline = time.monotonic() + 10
    while cache.known(file, ReadOptions()) is None and time.monotonic() < deadline:
        cache.path_for("s", ReadOptions()).write_bytes(b"x")
        cache.remember(file, "s")
        time.sleep(0.1)
    cache.save()

    assert ExtractCache.open(tmp_path / "kept").known(file, ReadOptions()) == cache.path_for("s", ReadOptions())
    assert ExtractCache.open(tmp_path / "kept").known(file, ReadOptions(comments=True)) is None
    (tmp_path / "kept" / "seen_files.json").write_text('{"a": 1, "', encoding="utf-8")
    assert ExtractCache.open(tmp_path / "kept").known(file, ReadOptions()) is None


def test_what_was_used_longest_ago_makes_room(tmp_path: Path) -> None:
    cache = ExtractCache.open(tmp_path, most_bytes=250)
    for age, name in enumerate("abcd"):
        path = cache.path_for(name, ReadOptions())
        path.write_bytes(b"x" * 100)
        os.utime(path, (time.time() - 1000 * age, time.time() - 1000 * age))
    cache._used.add(cache.path_for("d", ReadOptions()))  # the oldest, but needed now

    cache.prune()

    assert sorted(path.name[0] for path in tmp_path.glob("*.extract")) == ["a", "d"]


def test_a_draft_of_a_run_that_died_is_swept_away(tmp_path: Path) -> None:
    cache = ExtractCache.open(tmp_path)
    for name, age in ((".1.old.extract", 100_000), (".2.new.extract", 10)):
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (time.time() - age, time.time() - age))

    cache.save()

    assert sorted(path.name for path in tmp_path.iterdir()) == [".2.new.extract", "seen_files.json"]


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(IngestionError, match="cannot be kept in"):
        ExtractCache.open(tmp_path / "file" / "kept")


def test_the_version_of_the_readers_is_stable() -> None:
    assert readers_version() == readers_version() and len(readers_version()) == 12
