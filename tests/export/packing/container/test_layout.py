"""The bytes of packed files, parsed here from docs/packing.md alone, and what other programs make of them."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import lz4.frame
import pytest
import xxhash
import zstandard

from tests.export.packing.records import AWKWARD, CODECS, chat_lines, pack_lines

LINES = [*chat_lines(200), *AWKWARD]
TRAILER = struct.Struct("<IIQQQQIQQQQI8s")


def parse(path: Path, codec: str) -> dict[str, Any]:
    """Everything a packed file says, by the offsets of the description."""
    content = path.read_bytes()
    index = content
    if codec == "none":
        index = path.with_name(path.name + ".idx").read_bytes()
    if codec == "zstd":
        entries, descriptor, magic = struct.unpack("<IBI", content[-9:])
        assert (descriptor, magic) == (0, 0x8F92EAB1)
        table = content[-(8 + 8 * entries + 9) :]
        index = content[: -len(table)]
    else:
        table = b""
    names = "codec frame_records frames records frames_end raw_bytes metadata_bytes metadata_xxh3 index_xxh3"
    trailer = dict(
        zip(f"{names} table_xxh3 xxh3 version magic".split(), TRAILER.unpack(index[-TRAILER.size :]), strict=True)
    )
    whole = trailer["frames"] * 32 + trailer["records"] * 4 + trailer["metadata_bytes"] + TRAILER.size
    start = len(index) - whole
    entries_end = start + trailer["frames"] * 32
    offsets_end = entries_end + trailer["records"] * 4
    return {
        "trailer": trailer,
        "trailer_fields": index[-TRAILER.size : -20],
        "entries": list(struct.iter_unpack("<QQIIQ", index[start:entries_end])),
        "offsets": struct.unpack(f"<{trailer['records']}I", index[entries_end:offsets_end]),
        "checked": index[start:offsets_end],
        "metadata": index[offsets_end : offsets_end + trailer["metadata_bytes"]],
        "head": index[start - 8 : start] if codec != "none" else b"",
        "frames": content[: trailer["frames_end"]],
        "table": table,
    }


@pytest.mark.parametrize("codec", CODECS)
def test_the_file_is_laid_out_as_described(codec: str, tmp_path: Path) -> None:
    packed = pack_lines(tmp_path, LINES, codec)
    parts = parse(packed.path, codec)
    trailer, digest = parts["trailer"], xxhash.xxh3_64_intdigest
    assert (trailer["version"], trailer["magic"], trailer["codec"]) == (1, b"FTDBPACK", CODECS.index(codec))
    assert trailer["xxh3"] == digest(parts["trailer_fields"])
    assert trailer["index_xxh3"] == digest(parts["checked"])
    assert trailer["metadata_xxh3"] == digest(parts["metadata"])
    assert trailer["table_xxh3"] == (digest(parts["table"]) if codec == "zstd" else 0)
    assert (trailer["records"], trailer["frame_records"]) == (len(LINES), 16)
    assert trailer["raw_bytes"] == sum(map(len, LINES)) + len(LINES)
    assert json.loads(parts["metadata"])["compression"] == codec
    if codec != "none":
        magic, size = struct.unpack("<II", parts["head"])
        assert magic == 0x184D2A5D
        assert size == len(parts["checked"]) + len(parts["metadata"]) + TRAILER.size
    else:
        assert len(parts["frames"]) == packed.path.stat().st_size


@pytest.mark.parametrize("codec", CODECS)
def test_entries_and_offsets_find_every_record(codec: str, tmp_path: Path) -> None:
    parts = parse(pack_lines(tmp_path, LINES, codec).path, codec)
    restore = {"none": bytes, "lz4": lz4.frame.decompress, "zstd": zstandard.ZstdDecompressor().decompress}[codec]
    place, found = 0, []
    for number, (start, first, stored, raw_field, checksum) in enumerate(parts["entries"]):
        content = parts["frames"][start : start + stored]
        raw, exact = raw_field & 0x7FFFFFFF, bool(raw_field >> 31)
        last = [*(entry[1] for entry in parts["entries"][1:]), len(LINES)][number]
        offsets = parts["offsets"][first:last]
        fields = struct.pack("<QQII", start, first, stored, raw_field) + struct.pack(f"<{len(offsets)}I", *offsets)
        assert checksum == xxhash.xxh3_64_intdigest(content, xxhash.xxh3_64_intdigest(fields))
        assert start == place and first == len(found)
        text = restore(content)
        assert len(text) == raw
        lines = [text[begin:end] for begin, end in zip(offsets, [*offsets[1:], len(text)], strict=True)]
        found += [line.removesuffix(b"\n") for line in lines]
        assert exact == any(len(run) >= 19 for line in lines for run in _digit_runs(line))
        place += stored
    assert found == LINES and place == parts["trailer"]["frames_end"]


def _digit_runs(line: bytes) -> list[bytes]:
    return bytes(byte if 48 <= byte <= 57 else 32 for byte in line).split()


def test_the_seek_table_is_that_of_the_seekable_format(tmp_path: Path) -> None:
    parts = parse(pack_lines(tmp_path, LINES, "zstd").path, "zstd")
    table = parts["table"]
    magic, size = struct.unpack("<II", table[:8])
    assert (magic, size) == (0x184D2A5E, len(table) - 8)
    rows = list(struct.iter_unpack("<II", table[8:-9]))
    assert rows[:-1] == [(stored, raw & 0x7FFFFFFF) for _, _, stored, raw, _ in parts["entries"]]
    index = 8 + len(parts["checked"]) + len(parts["metadata"]) + TRAILER.size
    assert rows[-1] == (index, 0)


def test_an_independent_reader_seeks_by_the_seek_table(tmp_path: Path) -> None:
    pyzstd = pytest.importorskip("pyzstd", reason="pip install -r requirements-dev.txt")
    path = pack_lines(tmp_path, LINES, "zstd").path
    source = (tmp_path / "source.jsonl").read_bytes()
    with pyzstd.SeekableZstdFile(path, "r") as file:
        assert file.seek(0, 2) == len(source)
        for place in (len(source) - 5, 0, 7001, len(source) // 2):
            file.seek(place)
            assert file.read(100) == source[place : place + 100]
        file.seek(0)
        assert file.read() == source


@pytest.mark.parametrize(("codec", "program"), [("zstd", "zstd"), ("lz4", "lz4")])
def test_the_command_line_tool_gives_the_input_back(codec: str, program: str, tmp_path: Path) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"the {program} command is not installed")
    path = pack_lines(tmp_path, LINES, codec).path
    command = [program, "-dc", str(path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, stdin=subprocess.DEVNULL)
    assert hashlib.sha256(done.stdout).digest() == hashlib.sha256((tmp_path / "source.jsonl").read_bytes()).digest()
    # With a file name it also tests the checksums.
    subprocess.run([program, "-t", str(path)], check=True, capture_output=True)


def test_the_usual_packages_give_the_input_back(tmp_path: Path) -> None:
    for codec in ("zstd", "lz4"):
        path = pack_lines(tmp_path, LINES, codec).path
        if codec == "zstd":
            with zstandard.open(path, "rb", dctx=zstandard.ZstdDecompressor()) as stream:
                first = stream.read()
            with zstandard.ZstdDecompressor().stream_reader(path.open("rb"), read_across_frames=True) as stream:
                back = stream.read()
            assert back.startswith(first)
        else:
            back = lz4.frame.open(path).read()
        assert back == (tmp_path / "source.jsonl").read_bytes()


def test_without_compression_the_file_is_the_input(tmp_path: Path) -> None:
    assert pack_lines(tmp_path, LINES, "none").path.read_bytes() == (tmp_path / "source.jsonl").read_bytes()
