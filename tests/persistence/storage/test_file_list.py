"""Manifests of strangers: what they list is refused before it touches a disk."""

from __future__ import annotations

import hashlib
import json

import pytest

from src.errors import StorageError
from src.persistence.storage.file_list import ListedFile, check_manifest_sum, read_file_list

ENTRY = {"bytes": 3, "sha256": "0" * 64}


def manifest(*names: str) -> bytes:
    return json.dumps({"name": "demo", "version": "v1.0.0", "files": dict.fromkeys(names, ENTRY)}).encode()


def test_the_files_are_read_with_what_they_must_hold() -> None:
    listing = read_file_list(manifest("train.jsonl", "日本語/a b.csv"), "here")
    assert listing.files == (ListedFile("train.jsonl", 3, "0" * 64), ListedFile("日本語/a b.csv", 3, "0" * 64))
    assert (listing.dataset, listing.version, listing.bytes) == ("demo", "v1.0.0", 6)


@pytest.mark.parametrize(
    "name",
    [
        "../x", "a/../../x", "/etc/passwd", "a//b", "./a", "a/.", "", "..", "C:/x", "C:x", "a\\..\\b", "\\\\host\\x",
        "a:stream", "a\0b", "a\nb", "a\x1b[31m", "\u2028x", "\ud800", ".ssh/id", "a/.git/config", "x" * 256,
        "/".join(["x" * 100] * 10), "manifest.json", "MANIFEST.JSON", "manifest.sha256",
    ],
)  # fmt: skip
def test_a_hostile_name_is_refused(name: str) -> None:
    with pytest.raises(StorageError) as told:
        read_file_list(manifest("train.jsonl", name), "s3://bucket/x")
    assert "s3://bucket/x" in str(told.value)
    assert str(told.value).isprintable()


@pytest.mark.parametrize(
    "names",
    [("a.txt", "A.txt"), ("straße", "STRASSE"), ("\u00e9", "e\u0301"), ("x", "x/y"), ("x/y", "X/z"), ("x/y/z", "x/Y")],
)
def test_names_that_are_one_on_some_disks_are_refused(names: tuple[str, str]) -> None:
    for order in (names, names[::-1]):
        with pytest.raises(StorageError, match="disks take for one"):
            read_file_list(manifest(*order), "here")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b'"x"', b"{}", b'{"files": [1]}', b'{"files": {"a": 1}}', b"\xff\xfe", b"[" * 100_000,
        json.dumps({"files": {"a": {"bytes": -1, "sha256": "0" * 64}}}).encode(),
        json.dumps({"files": {"a": {"bytes": True, "sha256": "0" * 64}}}).encode(),
        json.dumps({"files": {"a": {"bytes": 1.0, "sha256": "0" * 64}}}).encode(),
        json.dumps({"files": {"a": {"bytes": 1, "sha256": "0" * 63}}}).encode(),
        json.dumps({"files": {"a": {"bytes": 1, "sha256": None}}}).encode(),
    ],
)  # fmt: skip
def test_what_is_no_manifest_is_refused(content: bytes) -> None:
    with pytest.raises(StorageError, match="is not a manifest"):
        read_file_list(content, "here")


def test_the_sum_must_be_of_this_manifest() -> None:
    content = manifest("a")
    good = f"{hashlib.sha256(content).hexdigest()}  manifest.json\n".encode()
    check_manifest_sum(content, good, "here")
    for bad in (b"", b"\xff", good.replace(good[:1], b"x", 1), good[:63]):
        with pytest.raises(StorageError, match="not the one"):
            check_manifest_sum(content, bad, "here")
