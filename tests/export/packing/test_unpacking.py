from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from src.errors import PackError, UsageError
from src.export.packing.unpacking import unpack
from tests.export.packing.records import CODECS, chat_lines, pack_lines

LINES = chat_lines(200)
CONTENT = b"".join(line + b"\n" for line in LINES)


@pytest.mark.parametrize("shards", [None, 3])
@pytest.mark.parametrize("codec", CODECS)
def test_the_source_comes_back(codec: str, shards: int | None, tmp_path: Path) -> None:
    path = pack_lines(tmp_path, LINES, codec, shards=shards).path
    told: list[tuple[int, int]] = []
    done = unpack(path, tmp_path / "new" / "back.jsonl", on_progress=lambda done, total: told.append((done, total)))
    assert done.path.read_bytes() == CONTENT
    assert (done.records, done.bytes, done.same_as_source) == (200, len(CONTENT), True)
    assert done.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert told[-1] == (len(CONTENT), len(CONTENT)) and told == sorted(told)
    assert [entry.name for entry in done.path.parent.iterdir()] == ["back.jsonl"]


def test_without_a_manifest_nothing_is_compared(tmp_path: Path) -> None:
    path = pack_lines(tmp_path, LINES, "zstd").path
    (tmp_path / "packed.manifest.json").unlink()
    done = unpack(path, tmp_path / "back")
    assert done.same_as_source is None and done.path.read_bytes() == CONTENT


def test_records_of_another_source_are_not_published(tmp_path: Path) -> None:
    path = pack_lines(tmp_path, LINES, "lz4").path
    other = pack_lines(tmp_path / "other", LINES[:50], "lz4").path
    (tmp_path / "packed.manifest.json").write_bytes((other.parent / "packed.manifest.json").read_bytes())
    (tmp_path / "back").write_text("old")
    with pytest.raises(PackError, match=r"not those of source\.jsonl.*Nothing was written"):
        unpack(path, tmp_path / "back", overwrite=True)
    assert (tmp_path / "back").read_text() == "old"
    assert not [entry for entry in tmp_path.iterdir() if entry.name.startswith(".")]


def test_a_damaged_frame_ends_it_and_leaves_the_old_file(tmp_path: Path) -> None:
    path = pack_lines(tmp_path, LINES, "zstd").path
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 4
    path.write_bytes(content)
    (tmp_path / "back").write_text("old")
    with pytest.raises(PackError, match=r"frame [0-9]+ is damaged"):
        unpack(path, tmp_path / "back", overwrite=True)
    assert (tmp_path / "back").read_text() == "old"
    assert not [entry for entry in tmp_path.iterdir() if entry.name.startswith(".")]


@pytest.mark.parametrize("shards", [None, 2])
@pytest.mark.parametrize("codec", ["none", "lz4"])
def test_the_packed_dataset_is_never_overwritten(codec: str, shards: int | None, tmp_path: Path) -> None:
    packed = pack_lines(tmp_path, LINES, codec, shards=shards)
    kept = {file: file.read_bytes() for file in packed.files}
    for file in packed.files:
        with pytest.raises(UsageError, match="is the packed dataset itself"):
            unpack(packed.path, file, overwrite=True)
    assert {file: file.read_bytes() for file in packed.files} == kept


def test_a_file_is_replaced_only_when_that_is_allowed(tmp_path: Path) -> None:
    path = pack_lines(tmp_path, LINES, "none").path
    (tmp_path / "back").write_text("precious")
    with pytest.raises(UsageError, match="name another, or allow it to be overwritten"):
        unpack(path, tmp_path / "back")
    with pytest.raises(UsageError, match="is a folder"):
        unpack(path, tmp_path, overwrite=True)
    assert (tmp_path / "back").read_text() == "precious"
    assert unpack(path, tmp_path / "back", overwrite=True).path.read_bytes() == CONTENT


def test_what_is_not_packed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plain.jsonl").write_bytes(CONTENT)
    with pytest.raises(PackError, match="is not a packed dataset"):
        unpack(tmp_path / "plain.jsonl", tmp_path / "back")
    with pytest.raises(PackError, match="there is no such file"):
        unpack(tmp_path / "nothing", tmp_path / "back")


@pytest.mark.skipif(
    os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    path = pack_lines(tmp_path, LINES, "none").path
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(PackError, match="cannot be written"):
        unpack(path, closed / "back")
