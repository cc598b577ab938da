"""What every storage promises, on a folder, a real S3 server and a real GCS server."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from src.config.settings import StorageSettings
from src.errors import StorageError
from src.persistence.storage.transfers.moved import label_for
from tests.persistence.storage.support import AWKWARD, Place, put_bytes, put_file

LABEL = label_for("x.json", "1" * 64, "demo", "v1.0.0", "tool")
OTHER = label_for("x.json", "2" * 64, "demo", "v1.0.0", "tool")


def test_objects_come_back_as_they_were_put(place: Place) -> None:
    storage = place.storage
    for name in AWKWARD:
        put_bytes(storage, f"x/{name}", name.encode())
    put_bytes(storage, "x/empty", b"")
    assert {item.key: item.bytes for item in storage.list_objects("x/")} == {
        **{f"x/{name}": len(name.encode()) for name in AWKWARD},
        "x/empty": 0,
    }
    for name in AWKWARD:
        assert storage.read(f"x/{name}", 0, 1000) == name.encode()
        assert storage.read(f"x/{name}", 1, 3) == name.encode()[1:4]
    assert storage.read("x/empty", 0, 0) == b""


def test_a_large_file_goes_in_parts_and_is_one_object(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(os.urandom((11 << 20) + 17))
    storage = place.storage
    put_file(storage, "deep/large.parquet", path)
    assert [item.key for item in storage.list_objects("")] == ["deep/large.parquet"]
    assert storage.read("deep/large.parquet", 0, 12 << 20) == path.read_bytes()


def test_what_is_recorded_with_an_object_can_be_asked_for(place: Place) -> None:
    storage = place.storage
    before = time.time()
    put_bytes(storage, "a.json", b"abc")
    found = storage.stat("a.json")
    assert found is not None
    assert (found.key, found.bytes) == ("a.json", 3)
    assert found.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert abs(found.modified - before) < 60
    assert storage.stat("nothing") is None
    assert storage.stat("a") is None


def test_a_new_object_does_not_take_the_place_of_another(place: Place) -> None:
    storage = place.storage
    assert storage.put_new("x.json", b"first", LABEL)
    assert not storage.put_new("x.json", b"other", OTHER)
    assert storage.read("x.json", 0, 99) == b"first"


def test_put_writes_over_what_was_there_and_delete_takes_it_away(place: Place) -> None:
    storage = place.storage
    put_bytes(storage, "a/b", b"long content")
    put_bytes(storage, "a/b", b"short")
    assert storage.read("a/b", 0, 99) == b"short"
    storage.delete("a/b")
    storage.delete("a/b")
    assert storage.stat("a/b") is None
    assert list(storage.list_objects("")) == []


def test_listing_stops_at_the_prefix(place: Place) -> None:
    storage = place.storage
    for key in ("a/x", "a/y/z", "ab", "b"):
        put_bytes(storage, key, b"1")
    assert sorted(item.key for item in storage.list_objects("a/")) == ["a/x", "a/y/z"]
    assert list(storage.list_objects("nothing/")) == []


def test_an_object_that_is_not_there_cannot_be_read(place: Place) -> None:
    storage = place.storage
    with pytest.raises(StorageError, match="nothing"):
        storage.read("nothing", 0, 10)


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_text("secret")
    (tmp_path / "root").mkdir()
    (tmp_path / "root/link").symlink_to(tmp_path / "outside")
    (tmp_path / "root/file").symlink_to(tmp_path / "outside/secret")
    place = Place(str(tmp_path / "root"), StorageSettings())
    storage = place.storage
    for key in ("link/secret", "file", "../outside/secret"):
        with pytest.raises(StorageError, match="not followed"):
            storage.read(key, 0, 10)
        with pytest.raises(StorageError, match="not followed"):
            put_bytes(storage, key, b"x")
    assert (tmp_path / "outside/secret").read_text() == "secret"
