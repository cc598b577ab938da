"""Exports into a storage: whole, checked, in order, and never over another."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from src.errors import StorageError
from src.persistence.storage import open_storage
from src.persistence.storage.transfers.moved import Moved
from tests.persistence.storage.support import (
    TARGET,
    Place,
    make_export,
    read_back,
    sample_files,
    upload,
    write_manifest,
)


def test_an_export_goes_there_and_comes_back_the_same(place: Place, tmp_path: Path) -> None:
    files = sample_files(large=(11 << 20) + 3)
    export = make_export(tmp_path / "v1.0.0", files)
    sent = place.upload(export)
    assert (sent.files, sent.bytes) == (len(files), sum(map(len, files.values())))
    assert (sent.resumed, sent.already) == (0, False)
    assert place.objects() == sorted(f"{TARGET}/{name}" for name in [*files, "manifest.json", "manifest.sha256"])
    fetched = place.download(tmp_path / "back")
    assert (fetched.dataset, fetched.version, fetched.files, fetched.resumed) == ("demo", "v1.0.0", len(files), 0)
    assert read_back(tmp_path / "back") == read_back(export)
    assert not list(tmp_path.glob(".*"))


def test_an_export_that_is_there_is_not_sent_again(place: Place, tmp_path: Path) -> None:
    export = make_export(tmp_path / "v1.0.0", sample_files())
    place.upload(export)
    again = place.upload(export)
    assert again.already
    assert not [key for key in place.objects() if not key.startswith("exports/")]


def test_a_published_version_is_never_changed(place: Place, tmp_path: Path) -> None:
    place.upload(make_export(tmp_path / "one", sample_files(seed=1)))
    before = {key: place.content(key) for key in place.objects()}
    with pytest.raises(StorageError, match="never changed"):
        place.upload(make_export(tmp_path / "two", sample_files(seed=2)))
    assert {key: place.content(key) for key in place.objects()} == before


def test_what_an_earlier_try_left_is_used_and_what_is_wrong_is_sent_again(place: Place, tmp_path: Path) -> None:
    files = sample_files()
    export = make_export(tmp_path / "v1.0.0", files)
    names = sorted(name for name in files if files[name])
    place.upload(export, "elsewhere")
    for name in names[:2]:  # as our upload leaves it
        place.put(f"{TARGET}/{name}", files[name])
    place.put(f"{TARGET}/{names[2]}", b"other bytes")
    sent = place.upload(export)
    assert sent.resumed == 2
    place.download(tmp_path / "back")


def test_an_object_that_comes_back_changed_is_sent_again_before_anything_counts(
    folder_place: Place, tmp_path: Path
) -> None:
    """Its size and recorded sum are right, its bytes are not: only reading it back tells."""
    export = make_export(tmp_path / "v1.0.0", {"a.txt": b"right", "b.txt": b"b"})
    stages: list[str] = []
    storage = folder_place.storage
    original = tmp_path / "storage" / TARGET / "a.txt"

    def flip(moved: Moved) -> None:
        stages.append(moved.stage)
        if moved.stage == "upload" and original.exists():
            original.write_bytes(b"wrong")

    from src.persistence.storage.transfers.uploading import upload_folder

    upload_folder(export, storage, TARGET, flip, tool="t", parallel=1, part_bytes=5 << 20)
    assert original.read_bytes() == b"right"
    assert stages == ["upload", "upload", "check", "check"]


def test_the_manifest_comes_after_everything_else(place: Place, tmp_path: Path) -> None:
    """Whoever looks at any moment sees no manifest, or all of its files."""
    files = sample_files(large=6 << 20)
    export = make_export(tmp_path / "v1.0.0", files)
    wanted = {f"{TARGET}/{name}" for name in files}
    moves: list[Moved] = []
    storage = place.storage
    with open_storage(place.url, place.settings) as stranger:

        class Watch(list[Moved]):
            def append(self, moved: Moved) -> None:
                keys = {item.key for item in stranger.list_objects("exports/")}
                assert f"{TARGET}/manifest.json" not in keys or wanted <= keys
                moves.append(moved)

        upload(storage, export, moves=Watch())
    assert {move.stage for move in moves} == {"upload", "check"}
    for stage in ("upload", "check"):
        done = [move.done for move in moves if move.stage == stage]
        assert done == sorted(done)
        assert done[-1] == sum(map(len, files.values()))


def test_two_uploads_at_once_publish_one_whole_export(place: Place, tmp_path: Path) -> None:
    exports = [make_export(tmp_path / str(seed), sample_files(seed=seed, large=6 << 20)) for seed in (1, 2)]
    told: list[str] = []

    def send(export: Path) -> None:
        try:
            place.upload(export)
            told.append(export.name)
        except StorageError as error:
            told.append(str(error))

    threads = [threading.Thread(target=send, args=(export,)) for export in exports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [name for name in told if name in "12"]
    losers = [text for text in told if text not in "12"]
    assert len(winners) == 1
    assert "another export" in losers[0]
    place.download(tmp_path / "back")
    assert read_back(tmp_path / "back") == read_back(tmp_path / winners[0])


def test_two_uploads_of_the_same_export_at_once_both_succeed(place: Place, tmp_path: Path) -> None:
    export = make_export(tmp_path / "v1.0.0", sample_files(large=6 << 20))
    told: list[object] = []

    def send() -> None:
        try:
            told.append(place.upload(export).files)
        except StorageError as error:
            told.append(error)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [len(sample_files()) + 1] * 2
    place.download(tmp_path / "back")
    assert all(key.startswith("exports/") for key in place.objects())


def test_files_of_something_else_in_the_way_are_named(folder_place: Place, tmp_path: Path) -> None:
    folder_place.put(f"{TARGET}/old/notes.txt", b"mine")
    with pytest.raises(StorageError, match=r"old/notes\.txt.*remote --clean"):
        folder_place.upload(make_export(tmp_path / "v1.0.0", sample_files()))
    assert f"{TARGET}/manifest.json" not in folder_place.objects()


def test_another_export_on_its_way_is_not_mixed_with_this_one(folder_place: Place, tmp_path: Path) -> None:
    export = make_export(tmp_path / "v1.0.0", sample_files())
    folder_place.put(f"incomplete/{TARGET}.claim.json", json.dumps({"manifest_sha256": "f" * 64}).encode())
    with pytest.raises(StorageError, match="another export was being uploaded"):
        folder_place.upload(export)
    assert folder_place.objects() == [f"incomplete/{TARGET}.claim.json"]


@pytest.mark.parametrize("fault", ["missing", "longer", "link", "folder link", "sum"])
def test_a_folder_that_is_not_as_its_manifest_says_is_not_sent(folder_place: Place, tmp_path: Path, fault: str) -> None:
    export = make_export(tmp_path / "v1.0.0", {"data/train.jsonl": b"{}\n", "b.txt": b"b"})
    path = export / "data/train.jsonl"
    if fault == "missing":
        path.unlink()
    elif fault == "longer":
        path.write_bytes(b"{}\n\n")
    elif fault == "link":
        path.rename(tmp_path / "outside.jsonl")
        path.symlink_to(tmp_path / "outside.jsonl")
    elif fault == "folder link":
        (export / "data").rename(tmp_path / "outside")
        (export / "data").symlink_to(tmp_path / "outside")
    else:
        (export / "manifest.sha256").write_text("0" * 64 + "  manifest.json\n")
    with pytest.raises(StorageError):
        folder_place.upload(export)
    assert folder_place.objects() == []


def test_a_changed_file_of_the_same_size_is_not_published(folder_place: Place, tmp_path: Path) -> None:
    export = make_export(tmp_path / "v1.0.0", {"a.txt": b"right", "b.txt": b"b"})
    (export / "a.txt").write_bytes(b"wrong")
    with pytest.raises(StorageError, match="not what was sent"):
        folder_place.upload(export)
    assert f"{TARGET}/manifest.json" not in folder_place.objects()


def test_data_swept_away_during_the_upload_are_noticed(folder_place: Place, tmp_path: Path) -> None:
    export = make_export(tmp_path / "v1.0.0", {"a.txt": b"a", "b.txt": b"b"})

    class Sweeper(list[Moved]):
        def append(self, moved: Moved) -> None:
            if moved.stage == "check" and moved.done == moved.total:
                (tmp_path / "storage" / TARGET / "a.txt").unlink()

    storage = folder_place.storage
    with pytest.raises(StorageError, match="removed during"):
        upload(storage, export, moves=Sweeper())
    assert f"{TARGET}/manifest.json" not in folder_place.objects()


def test_a_folder_without_a_manifest_is_not_sent(folder_place: Place, tmp_path: Path) -> None:
    (tmp_path / "v1.0.0").mkdir()
    with pytest.raises(StorageError, match=r"manifest\.json"):
        folder_place.upload(tmp_path / "v1.0.0")
    write_manifest(tmp_path / "v1.0.0", {"name": "demo", "version": "v1.0.0", "files": {"../x": {}}})
    with pytest.raises(StorageError, match="is not a manifest"):
        folder_place.upload(tmp_path / "v1.0.0")
