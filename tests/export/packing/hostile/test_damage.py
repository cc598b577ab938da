"""Bit flips and cuts anywhere in any file of a packed dataset: found, or without effect; never a wrong record."""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from src.errors import PackError
from src.export.packing.reading.pack import open_pack
from src.export.packing.unpacking import unpack
from src.export.packing.verifying.verify_pack import verify_pack
from tests.export.packing.records import CODECS, chat_lines, pack_lines

LINES = chat_lines(60)
FLIPS = 3600


def everything(path: Path) -> tuple[object, ...]:
    """All that can be read of a packed dataset, in each way."""
    with open_pack(path) as pack:
        count = len(pack)
        lines = [line for frame in range(pack.frames) for line in pack.lines(frame)]
        values = [value for frame in range(pack.frames) for value in pack.values(frame)]
        one_by_one = [pack.line(record) for record in range(count)]
        decoded = [pack.value(record) for record in range(count)]
        return count, lines, values, one_by_one, decoded, pack.metadata, pack.raw_bytes


def files_of(path: Path) -> list[Path]:
    """The files of a packed dataset that are needed to read it."""
    if path.is_dir():
        return sorted(path.iterdir())
    return [file for file in (path, path.with_name(path.name + ".idx")) if file.exists()]


def flips(path: Path, count: int, seed: int, files: list[Path]) -> Iterator[Path]:
    """`count` times one bit of one of the files is another, spread over all their bytes; the file is named."""
    chance = random.Random(seed)
    contents = [file.read_bytes() for file in files]
    for _ in range(count):
        which = chance.choices(range(len(files)), [len(content) for content in contents])[0]
        place, bit = chance.randrange(len(contents[which])), 1 << chance.randrange(8)
        _put(files[which], place, contents[which][place] ^ bit)
        yield files[which]
        _put(files[which], place, contents[which][place])


def _put(file: Path, place: int, byte: int) -> None:
    with file.open("r+b") as stream:
        stream.seek(place)
        stream.write(bytes([byte]))


def effect(path: Path, whole: tuple[object, ...]) -> str:
    try:
        return "harmless" if everything(path) == whole else "silent"
    except PackError:
        return "found"


@pytest.mark.parametrize("codec", CODECS)
def test_flipped_bits_are_found_or_change_nothing(codec: str, tmp_path: Path) -> None:
    """3,600 flips a codec, in one file and in shards with their manifest: 10,800 in all."""
    counts: Counter[str] = Counter()
    for shards in (None, 2):
        path = pack_lines(tmp_path / str(shards), LINES, codec, shards=shards).path
        whole = everything(path)
        for _ in flips(path, FLIPS // 2, 7, files_of(path)):
            counts[effect(path, whole)] += 1
    assert counts["silent"] == 0 and counts.total() == FLIPS
    # What may be harmless: the seek table, and the checksums of content that stock programs look at.
    assert counts["found"] > FLIPS * 0.8


def verified(path: Path) -> bool:
    return verify_pack(path).ok


@pytest.mark.parametrize("shards", [None, 2])
@pytest.mark.parametrize("codec", CODECS)
def test_the_verification_finds_every_flip(codec: str, shards: int | None, tmp_path: Path) -> None:
    path = pack_lines(tmp_path, LINES, codec, shards=shards).path
    files = files_of(path) + ([] if shards else [path.with_name("packed.manifest.json")])
    missed = [file.name for file in flips(path, 150, 11, files) if verified(path)]
    assert missed == []


@pytest.mark.slow
@pytest.mark.parametrize("shards", [None, 2])
@pytest.mark.parametrize("codec", CODECS)
def test_the_verification_finds_ten_thousand_flips(codec: str, shards: int | None, tmp_path: Path) -> None:
    path = pack_lines(tmp_path, LINES, codec, shards=shards).path
    files = files_of(path) + ([] if shards else [path.with_name("packed.manifest.json")])
    missed = [file.name for file in flips(path, 1700, 13, files) if verified(path)]
    assert missed == []


@pytest.mark.parametrize("shards", [None, 2])
@pytest.mark.parametrize("codec", CODECS)
def test_a_file_cut_at_any_length_is_refused(codec: str, shards: int | None, tmp_path: Path) -> None:
    path = pack_lines(tmp_path, LINES[:24], codec, frame_records=8, shards=shards).path
    whole = everything(path)
    for file in files_of(path):
        content = file.read_bytes()
        effects = []
        for length in reversed(range(len(content))):
            os.truncate(file, length)
            effects.append(effect(path, whole))
        file.write_bytes(content)
        # The newline at the end of a manifest is all that may be missing.
        assert set(effects[file.suffix == ".json" :]) == {"found"} and "silent" not in effects
    assert everything(path) == whole


def appended(content: bytes) -> bytes:
    return content + b"garbage"


def appended_zeros(content: bytes) -> bytes:
    return content + bytes(4096)


def prepended(content: bytes) -> bytes:
    return b"\n" + content


def doubled(content: bytes) -> bytes:
    return content * 2


@pytest.mark.parametrize("change", [appended, appended_zeros, prepended, doubled])
@pytest.mark.parametrize("codec", CODECS)
def test_a_file_that_was_extended_is_refused(codec: str, change: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = pack_lines(tmp_path, LINES, codec).path
    for file in files_of(path):
        content = file.read_bytes()
        file.write_bytes(change(content))
        with pytest.raises(PackError):
            everything(path)
        assert not verified(path)
        file.write_bytes(content)


@pytest.mark.parametrize("codec", CODECS)
def test_files_of_two_packings_do_not_mix(codec: str, tmp_path: Path) -> None:
    one = pack_lines(tmp_path / "one", LINES, codec, shards=2).path
    other = pack_lines(
        tmp_path / "other", [line.replace(b"Antwort", b"antwort") for line in LINES], codec, shards=2
    ).path
    for file in other.glob("00000-*"):
        shutil.copy(file, one)
    assert not verified(one)
    with pytest.raises(PackError, match="is of another packing"):
        everything(one)
    with pytest.raises(PackError):
        unpack(one, tmp_path / "unpacked")
    assert not (tmp_path / "unpacked").exists()


def test_damaged_frames_are_told_by_their_records(tmp_path: Path) -> None:
    path = pack_lines(tmp_path, LINES, "zstd").path
    content = bytearray(path.read_bytes())
    content[30] ^= 1
    path.write_bytes(content)
    with open_pack(path) as pack, pytest.raises(PackError, match=r"packed: frame 0 is damaged .* records 0 to 15 are"):
        pack.value(3)
    with open_pack(path) as pack:
        assert pack.line(16) == LINES[16]
