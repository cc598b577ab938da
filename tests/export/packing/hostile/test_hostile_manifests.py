"""Manifests that lead elsewhere, contradict themselves or their shards, with checksums that are right."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xxhash

from src.errors import PackError
from src.export.packing.reading.pack import open_pack
from src.export.packing.unpacking import unpack
from src.export.packing.verifying.verify_pack import verify_pack
from tests.export.packing.records import chat_lines, pack_lines

LINES = chat_lines(40)


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest and give it the checksum of what it says then."""
    path = folder / "manifest.json"
    content = json.loads(path.read_bytes())
    change(content)
    content.pop("manifest_xxh3", None)
    compact = json.dumps(content, separators=(",", ":")).encode()
    content["manifest_xxh3"] = xxhash.xxh3_128_hexdigest(compact)
    path.write_text(json.dumps(content, indent=1) + "\n")


def read(folder: Path) -> list[bytes]:
    with open_pack(folder) as pack:
        return [line for frame in range(pack.frames) for line in pack.lines(frame)]


def refused(folder: Path, text: str) -> None:
    with pytest.raises(PackError, match=text):
        read(folder)
    report = verify_pack(folder)
    assert not report.ok
    with pytest.raises(PackError):
        unpack(folder, folder.parent / "unpacked")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return pack_lines(tmp_path, LINES, "lz4", shards=2).path


def test_a_rewritten_manifest_that_says_the_same_is_read(folder: Path) -> None:
    rewrite(folder, lambda content: None)
    assert read(folder) == LINES and verify_pack(folder).ok


NAMES = (
    "../outside",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "..",
    ".hidden",
    "C:x",
    "\\\\host\\x",
    "nul\0",
    "esc\x1b[2J",
    "",
    7,
    None,
)


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_names_that_lead_out_of_the_folder_are_refused(name: object, folder: Path) -> None:
    rewrite(folder, lambda content: content["shards"][0].update(file=name))
    refused(folder, r"manifest\.json: is damaged")


def first_shard(**fields: object) -> Callable[[dict[str, Any]], object]:
    return lambda content: content["shards"][0].update(fields)


LIES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "counts of 2^60": (lambda content: content.update(records=1 << 60), "do not add up"),
    "records of a shard": (first_shard(records=1 << 60), "begins with record"),
    "negative": (first_shard(bytes=-1), "-1 is not a count"),
    "true for a count": (first_shard(bytes=True), "True is not a count"),
    "float": (lambda content: content.update(frames=2.0), "2.0 is not a count"),
    "a text of a mebibyte": (lambda content: content.update(records="9" * (1 << 20)), r"'9+\.\.\.9+' is not a count"),
    "no shards": (lambda content: content.update(shards=[], records=0, frames=0, raw_bytes=0), "do not add up"),
    "a shard twice": (lambda content: content["shards"][1].update(file=content["shards"][0]["file"]), "listed twice"),
    "shards is a text": (lambda content: content.update(shards="00000"), "TypeError"),
    "shard is a number": (lambda content: content.update(shards=[1]), "TypeError"),
    "no source": (lambda content: content.pop("source"), "KeyError: 'source'"),
    "not a digest": (first_shard(sha256="0" * 63), "is not a SHA-256"),
    "newer": (lambda content: content.update(format_version=2), "format version 2.*Update the program"),
    "version 0": (lambda content: content.update(format_version=0), "was changed"),
    "version is a text": (lambda content: content.update(format_version="1"), "is not a count"),
    "another format": (lambda content: content.update(format="parquet"), "is not the manifest"),
    "another codec": (lambda content: content.update(compression="zstd"), "is not the shard"),
    "a codec nobody knows": (lambda content: content.update(compression="brotli"), "is not the shard"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_manifest_that_contradicts_itself_is_refused(lie: str, folder: Path) -> None:
    change, text = LIES[lie]
    rewrite(folder, change)
    refused(folder, text)


def test_shards_in_another_order_are_refused(folder: Path) -> None:
    def swap(content: dict[str, Any]) -> None:
        one, other = content["shards"]
        one["file"], other["file"] = other["file"], one["file"]

    rewrite(folder, swap)
    report = verify_pack(folder)
    assert not report.ok
    with pytest.raises(PackError):
        unpack(folder, folder.parent / "unpacked")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"format": "packed-jsonl"}', b"\xff\xfe"]
)
def test_what_is_no_manifest_is_refused(content: bytes, folder: Path) -> None:
    (folder / "manifest.json").write_bytes(content)
    refused(folder, r"manifest\.json")


def test_a_manifest_of_many_values_is_refused_before_it_is_read(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(b"[" + b"[]," * (5 << 20) + b"[]]")
    refused(folder, "larger than any manifest")


def test_a_manifest_that_is_huge_is_refused_before_it_is_read(folder: Path) -> None:
    with (folder / "manifest.json").open("r+b") as stream:
        stream.truncate(1 << 40)
    refused(folder, "larger than any manifest")


def test_a_changed_manifest_is_refused(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b"source.jsonl", b"sauce.jsonl "))
    refused(folder, "was changed: its checksum does not fit")


def test_a_missing_shard_is_named(folder: Path) -> None:
    missing = sorted(folder.glob("*.lz4"))[1]
    missing.unlink()
    refused(folder, missing.name)
    with open_pack(folder) as pack:
        assert pack.line(0) == LINES[0]


def test_a_missing_manifest_means_an_unfinished_packing(folder: Path) -> None:
    (folder / "manifest.json").unlink()
    refused(folder, "its packing did not end")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_links_that_lead_out_of_the_folder_are_refused(folder: Path, tmp_path: Path) -> None:
    shard = sorted(folder.glob("*.lz4"))[0]
    outside = tmp_path / "outside"
    shutil.move(shard, outside)
    shard.symlink_to(outside)
    refused(folder, "leads out of its folder")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_folder_that_is_itself_a_link_is_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert read(tmp_path / "link") == LINES


def test_a_folder_in_place_of_a_shard_is_refused(folder: Path) -> None:
    shard = sorted(folder.glob("*.lz4"))[0]
    shard.unlink()
    shard.mkdir()
    refused(folder, shard.name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_in_place_of_a_shard_is_refused(folder: Path) -> None:
    shard = sorted(folder.glob("*.lz4"))[0]
    shard.unlink()
    os.mkfifo(shard)
    refused(folder, "not a regular file")


def test_many_shards_do_not_run_out_of_file_handles(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="Windows has no such limit")
    path = pack_lines(tmp_path, chat_lines(600), "none", shards=300).path
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(500, limits[1]), limits[1]))
    try:
        assert len(read(path)) == 600
        assert verify_pack(path).ok
        assert unpack(path, tmp_path / "unpacked").same_as_source
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
