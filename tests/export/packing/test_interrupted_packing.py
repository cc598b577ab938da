"""Packing that is killed, or runs out of room: the old dataset or the new one, never part of one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from src.export.packing.dataset_packer import DatasetPacker
from src.export.packing.reading.pack import open_pack
from src.export.packing.verifying.verify_pack import verify_pack
from tests.export.packing.records import CODECS, chat_lines, pack_lines, write_jsonl

ROOT = Path(__file__).resolve().parents[3]


def killed(folder: Path, codec: str, shards: int, kills: int) -> dict[str, int]:
    command = [
        sys.executable,
        "-m",
        "tests.export.packing.pack_until_killed",
        str(folder),
        codec,
        str(shards),
        str(kills),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, int] = json.loads(done.stdout)
    return found


def check_kills(codec: str, shards: int, kills: int, folder: Path) -> None:
    found = killed(folder, codec, shards, kills)
    assert found.get("whole 150", 0) + found.get("whole 220", 0) == kills, found
    assert found["left over"] > 0, "no kill fell into a packing"
    assert found["at the end"] == 1 and found["hidden at the end"] == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize(("codec", "shards"), [("none", 0), ("zstd", 0), ("lz4", 3)])
def test_a_killed_packing_leaves_the_old_dataset_or_the_new_one(codec: str, shards: int, tmp_path: Path) -> None:
    check_kills(codec, shards, 25, tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("shards", [0, 3])
@pytest.mark.parametrize("codec", CODECS)
def test_two_hundred_killed_packings_leave_old_or_new(codec: str, shards: int, tmp_path: Path) -> None:
    check_kills(codec, shards, 200, tmp_path)


def test_a_folder_whose_replacement_was_cut_short_is_brought_back(tmp_path: Path) -> None:
    path = pack_lines(tmp_path, chat_lines(30), "lz4", shards=2).path
    path.rename(tmp_path / ".packed.replaced")
    source = write_jsonl(tmp_path / "bad.jsonl", [b"{"])
    with pytest.raises(Exception, match="are no records"):
        DatasetPacker().pack(source, path, shards=2, overwrite=True)
    assert verify_pack(path).ok
    with open_pack(path) as pack:
        assert len(pack) == 30
    assert not [entry for entry in tmp_path.iterdir() if entry.name.startswith(".")]


@pytest.mark.parametrize("data", ["old", "new"])
def test_an_index_that_was_not_put_in_place_is_taken_for_the_data_it_is_of(data: str, tmp_path: Path) -> None:
    """The moments around the rename of the data; old and new are of the same size."""
    lines = {"old": [b'{"of": "old"}'] * 40, "new": [b'{"of": "new"}'] * 40}
    packs = {name: pack_lines(tmp_path / name, lines[name], "none").path for name in lines}
    target = tmp_path / "packed"
    shutil.copy(packs[data], target)
    shutil.copy(packs["old"].with_name("packed.idx"), tmp_path / "packed.idx")
    shutil.copy(packs["new"].with_name("packed.idx"), tmp_path / "packed.idx.next")
    with open_pack(target) as pack:
        assert [pack.line(record) for record in range(40)] == lines[data]
    with pytest.raises(Exception, match="are no records"):
        DatasetPacker().pack(write_jsonl(tmp_path / "bad.jsonl", [b"{"]), target, overwrite=True)
    assert not (tmp_path / "packed.idx.next").exists()
    assert (tmp_path / "packed.idx").read_bytes() == packs[data].with_name("packed.idx").read_bytes()
    assert verify_pack(target).ok


_FULL = """
import resource, signal, sys
from src.errors import PackError
from src.export.packing.dataset_packer import DatasetPacker
from src.export.packing.unpacking import unpack
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), int(sys.argv[4])))
try:
    if sys.argv[3] == "unpack":
        unpack(sys.argv[1], sys.argv[2], overwrite=True)
    else:
        DatasetPacker().pack(sys.argv[1], sys.argv[2], sys.argv[3], skip_invalid=True, overwrite=True)
except PackError as error:
    print(error)
else:
    print("written")
"""


def without_room(source: Path, target: Path, what: str, room: int) -> str:
    command = [sys.executable, "-W", "error", "-c", _FULL, str(source), str(target), what, str(room)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and not done.stderr, done.stderr[-2000:]
    return done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit for files")
@pytest.mark.parametrize("codec", CODECS)
def test_a_full_disk_gives_a_clear_error_and_leaves_the_old_dataset(codec: str, tmp_path: Path) -> None:
    old = pack_lines(tmp_path, chat_lines(20), codec).path
    source = write_jsonl(tmp_path / "large.jsonl", [*chat_lines(20_000), *[b"{"] * 5000])
    for room in (1000, 100_000):
        told = without_room(source, old, codec, room)
        assert "cannot be read or written: File too large" in told
        assert verify_pack(old).ok
        assert not [entry for entry in tmp_path.iterdir() if entry.name.startswith(".")]
    packed = DatasetPacker().pack(write_jsonl(tmp_path / "large.jsonl", chat_lines(3000)), tmp_path / "other", codec)
    assert "cannot be written: File too large" in without_room(packed.path, tmp_path / "back", "unpack", 5000)
    assert not (tmp_path / "back").exists()


@pytest.mark.skipif(sys.platform != "linux" or not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs a mount")
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run([mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], capture_output=True)
    if not made or made.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        source = write_jsonl(tmp_path / "in.jsonl", chat_lines(10_000))
        with pytest.raises(Exception, match="No space left on device"):
            DatasetPacker().pack(source, disk / "out", "none")
        assert list(disk.iterdir()) == []
        path = DatasetPacker().pack(source, disk / "out", "zstd").path
        assert verify_pack(path).ok
    finally:
        subprocess.run(["umount", str(disk)], check=True)
