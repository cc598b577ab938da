"""Exports out of a storage: checked, continued where they stopped, in place only when whole."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from src.config.settings import StorageSettings
from src.errors import StorageError, UsageError
from src.persistence.storage.hosts.local_folder import LocalFolder
from src.persistence.storage.transfers.downloading import download_folder
from src.persistence.storage.transfers.folder_lock import sole_user
from tests.persistence.storage.support import (
    PART,
    TARGET,
    Place,
    make_export,
    read_back,
    sample_files,
    write_manifest,
)


class CountingFolder(LocalFolder):
    """Counts what is fetched of large files."""

    fetched = 0

    def read(self, key: str, start: int, length: int) -> bytes:
        content = super().read(key, start, length)
        self.fetched += len(content) if key.endswith(".bin") else 0
        return content


class StoppedError(Exception):
    pass


def test_a_changed_object_is_found_and_nothing_is_put_in_place(place: Place, tmp_path: Path) -> None:
    files = sample_files(large=6 << 20)
    place.upload(make_export(tmp_path / "v1.0.0", files))
    for name in ("parquet/train-00000-of-00001.parquet", "UPPER/lower.md"):
        flipped = bytearray(files[name])
        flipped[len(flipped) // 2] ^= 1
        place.put(f"{TARGET}/{name}", bytes(flipped))
        with pytest.raises(StorageError, match="is not the file the manifest lists") as told:
            place.download(tmp_path / name.replace("/", " "))
        assert name in str(told.value)
        assert not (tmp_path / name.replace("/", " ")).exists()
        place.put(f"{TARGET}/{name}", files[name])
    place.download(tmp_path / "back")
    assert read_back(tmp_path / "back") == read_back(tmp_path / "v1.0.0")


@pytest.mark.parametrize("change", ["shorter", "longer", "gone", "manifest", "sum"])
def test_whatever_is_not_as_published_is_found(folder_place: Place, tmp_path: Path, change: str) -> None:
    folder_place.upload(make_export(tmp_path / "v1.0.0", {"a.txt": b"12345"}))
    if change == "gone":
        storage = folder_place.storage
        storage.delete(f"{TARGET}/a.txt")
    elif change == "manifest":
        changed = folder_place.content(f"{TARGET}/manifest.json").replace(b'"demo"', b'"evil"')
        folder_place.put(f"{TARGET}/manifest.json", changed)
    elif change == "sum":
        folder_place.put(f"{TARGET}/manifest.sha256", b"0" * 64 + b"  manifest.json\n")
    else:
        folder_place.put(f"{TARGET}/a.txt", b"1234" if change == "shorter" else b"123456")
    if change == "longer":  # what is listed is there, and no more is read
        folder_place.download(tmp_path / "back")
        assert (tmp_path / "back/a.txt").read_bytes() == b"12345"
        return
    with pytest.raises(StorageError):
        folder_place.download(tmp_path / "back")
    assert not (tmp_path / "back").exists()


def test_a_download_that_was_stopped_goes_on(place: Place, tmp_path: Path) -> None:
    files = sample_files(large=12 << 20)
    place.upload(make_export(tmp_path / "v1.0.0", files))
    fetched = 0

    def stop(moved: object) -> None:
        nonlocal fetched
        fetched += 1
        if fetched == 4:
            raise StoppedError

    storage = place.storage
    with pytest.raises(StoppedError):
        download_folder(storage, TARGET, tmp_path / "back", stop, parallel=1, part_bytes=PART)
    assert not (tmp_path / "back").exists()
    result = place.download(tmp_path / "back")
    assert 0 < result.resumed < result.bytes
    assert read_back(tmp_path / "back") == read_back(tmp_path / "v1.0.0")
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("left", ["right", "wrong", "too long"])
def test_the_begun_part_of_a_large_file_is_used_only_when_it_is_right(
    folder_place: Place, tmp_path: Path, left: str
) -> None:
    files = {"large.bin": bytes(range(256)) * (6 << 12)}
    export = make_export(tmp_path / "v1.0.0", files)
    folder_place.upload(export)
    digest = hashlib.sha256((export / "manifest.json").read_bytes()).hexdigest()
    building = tmp_path / f".back.download-{digest[:16]}"
    building.mkdir()
    part = building / f"part-{hashlib.sha256(b'large.bin').hexdigest()[:32]}"
    content = {"right": files["large.bin"][:1_000_001], "wrong": b"x" * 1_000_001, "too long": b"x" * (7 << 20)}[left]
    part.write_bytes(content)
    counting = CountingFolder(Path(folder_place.url))
    result = download_folder(counting, TARGET, tmp_path / "back", lambda moved: None, parallel=2, part_bytes=PART)
    assert result.resumed == min(len(content), 6 << 20)
    assert counting.fetched == (6 << 20) - (result.resumed if left == "right" else 0) or left == "wrong"
    assert read_back(tmp_path / "back") == read_back(export)


def test_a_half_written_file_in_the_building_is_fetched_again(folder_place: Place, tmp_path: Path) -> None:
    export = make_export(tmp_path / "v1.0.0", {"a.txt": b"12345", "b.txt": b"b"})
    folder_place.upload(export)
    digest = hashlib.sha256((export / "manifest.json").read_bytes()).hexdigest()
    content = tmp_path / f".back.download-{digest[:16]}" / "content"
    content.mkdir(parents=True)
    (content / "a.txt").write_bytes(b"1234\0")  # the right size, as after a power cut
    folder_place.download(tmp_path / "back")
    assert read_back(tmp_path / "back") == read_back(export)


def test_a_hostile_manifest_reaches_no_disk(folder_place: Place, tmp_path: Path) -> None:
    entry = {"bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
    for name in ("../evil.txt", "/tmp/evil.txt", "C:\\evil.txt", "a/../../evil", ".bashrc"):
        write_manifest(tmp_path / "m", {"name": "demo", "version": "v1.0.0", "files": {"a": entry, name: entry}})
        for file in ("manifest.json", "manifest.sha256"):
            folder_place.put(f"{TARGET}/{file}", (tmp_path / "m" / file).read_bytes())
        folder_place.put(f"{TARGET}/a", b"x")
        with pytest.raises(StorageError, match="Nothing was taken"):
            folder_place.download(tmp_path / "into/back")
    assert sorted(path.name for path in tmp_path.rglob("*") if "evil" in path.name or "back" in path.name) == []


def test_a_hostile_manifest_may_be_of_any_size(folder_place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "storage" / TARGET
    folder.mkdir(parents=True)
    with (folder / "manifest.json").open("wb") as stream:
        stream.truncate(300 << 20)  # a hole: it takes no room
    with pytest.raises(StorageError, match="no manifest of ours"):
        folder_place.download(tmp_path / "back")


def test_files_larger_than_the_disk_are_refused_before_anything_is_fetched(folder_place: Place, tmp_path: Path) -> None:
    files = {"a": {"bytes": 1 << 60, "sha256": "0" * 64}}
    write_manifest(tmp_path / "m", {"name": "demo", "version": "v1.0.0", "files": files})
    folder_place.put(f"{TARGET}/manifest.json", (tmp_path / "m/manifest.json").read_bytes())
    with pytest.raises(StorageError, match=r"are wanted and .* are free"):
        folder_place.download(tmp_path / "back")


def test_nothing_there_and_nothing_finished_are_told(place: Place, tmp_path: Path) -> None:
    place.put(f"{TARGET}/train.jsonl", b"{}")
    for source in (TARGET, "exports/demo/v9.0.0"):
        with pytest.raises(StorageError, match="holds no finished export"):
            place.download(tmp_path / "back", source)


def test_a_taken_folder_is_left_alone(folder_place: Place, tmp_path: Path) -> None:
    folder_place.upload(make_export(tmp_path / "v1.0.0", {"a": b"a"}))
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken/mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("taken", "file", "link"):
        with pytest.raises(UsageError, match="is there already"):
            folder_place.download(tmp_path / name)
    (tmp_path / "empty").mkdir()
    folder_place.download(tmp_path / "empty")
    assert read_back(tmp_path / "empty") == read_back(tmp_path / "v1.0.0")


def test_one_download_at_a_time(folder_place: Place, tmp_path: Path) -> None:
    export = make_export(tmp_path / "v1.0.0", {"a": b"a"})
    folder_place.upload(export)
    digest = hashlib.sha256((export / "manifest.json").read_bytes()).hexdigest()
    building = tmp_path / f".back.download-{digest[:16]}"
    building.mkdir()
    with sole_user(building / "lock", "It"), pytest.raises(StorageError, match="another process"):
        folder_place.download(tmp_path / "back")
    folder_place.download(tmp_path / "back")


def test_an_export_copied_there_by_hand_is_fetched_as_well(tmp_path: Path) -> None:
    """Without our metadata: an export is its files."""
    export = make_export(tmp_path / "v1.0.0", sample_files())
    shutil.copytree(export, tmp_path / "shared/any/where")
    place = Place(str(tmp_path / "shared/any/where"), StorageSettings())
    place.download(tmp_path / "back", "")
    assert read_back(tmp_path / "back") == read_back(export)
    assert json.loads((tmp_path / "back/manifest.json").read_text())["name"] == "demo"
