from __future__ import annotations

import base64
import hashlib
import json
import os
import random
from pathlib import Path

import pytest

from src.errors import PackError, UsageError
from src.export.packing.dataset_packer import DatasetPacker
from src.export.packing.reading.pack import open_pack
from src.export.packing.unpacking import unpack
from src.export.packing.verifying.verify_pack import verify_pack
from tests.export.packing.records import AWKWARD, CODECS, chat_lines, pack_lines, write_jsonl


def pack(folder: Path, content: bytes, **choices: object) -> Path:
    (folder / "in.jsonl").write_bytes(content)
    return DatasetPacker().pack(folder / "in.jsonl", folder / "out", **choices).path  # type: ignore[arg-type]


def back(path: Path) -> bytes:
    unpack(path, path.parent / "back.jsonl", overwrite=True)
    return (path.parent / "back.jsonl").read_bytes()


def refusal(folder: Path, content: bytes, **choices: object) -> str:
    with pytest.raises(PackError) as caught:
        pack(folder, content, **choices)
    assert not (folder / "out").exists()
    assert sorted(entry.name for entry in folder.iterdir()) == ["in.jsonl"]
    return str(caught.value)


CONTENTS = {
    "chat": b"".join(line + b"\n" for line in chat_lines(300)),
    "awkward": b"".join(line + b"\n" for line in AWKWARD),
    "no final newline": b'{"a": 1}\n{"b": 2}',
    "crlf": b'{"a": 1}\r\n{"b": 2}\r\n',
    "empty": b"",
    "one record": b"{}\n",
    "one record without newline": b"{}",
    "spaces around": b'  {"a": 1}\t\n\t{"b": 2}  \n',
    "a record of three mebibytes": b'{"a": "' + b"x" * (3 << 20) + b'"}\n{"b": 1}\n',
    "incompressible": b"".join(
        json.dumps({"n": number, "x": base64.b64encode(random.Random(number).randbytes(900)).decode()}).encode() + b"\n"
        for number in range(50)
    ),
}


@pytest.mark.parametrize("shards", [None, 3])
@pytest.mark.parametrize("name", CONTENTS)
@pytest.mark.parametrize("codec", CODECS)
def test_what_is_unpacked_is_the_input_byte_for_byte(codec: str, name: str, shards: int | None, tmp_path: Path) -> None:
    content = CONTENTS[name]
    path = pack(tmp_path, content, compression=codec, shards=shards)
    assert back(path) == content
    report = verify_pack(path)
    assert report.ok, [check for check in report.checks if check.state == "failed"]
    with open_pack(path) as packed:
        lines = content.removesuffix(b"\n").split(b"\n") if content else []
        assert [packed.line(record) for record in range(len(packed))] == lines
        for record, line in enumerate(lines):
            assert repr(packed.value(record)) == repr(json.loads(line))


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b'{"a": 1}\n\n{"b": 1}\n', 2, "is empty"),
        (b'{"a": 1}\n \t\r\n', 2, "is empty"),
        (b'\xef\xbb\xbf{"a": 1}\n', 1, "byte order mark"),
        (b'{"a": 1}\n{"a": "\xff"}\n', 2, r"is not UTF-8 \(byte 8\)"),
        (b'{"a": "\xed\xa0\x80"}\n', 1, "is not UTF-8"),
        (b'{"a": NaN}\n', 1, "NaN is not JSON"),
        (b'{"a": -Infinity}\n', 1, "-Infinity is not JSON"),
        (b'{"a": 1,}\n', 1, "is not JSON"),
        (b"[1, 2]\n", 1, "is not a JSON object but list"),
        (b'"text"\n', 1, "is not a JSON object but str"),
        (b'{"a": 1}{"b": 2}\n', 1, "is not JSON"),
        (b"{'a': 1}\n", 1, "is not JSON"),
        (b'{"a": "tab\there"}\n', 1, "is not JSON"),
        (b'{"a": 01}\n', 1, "is not JSON"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", 1, "nested too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}\n", 1, "is not JSON.*4300"),
        (b'{"a": 1}\n' * 5000 + b"{\n" + b'{"a": 1}\n' * 5000, 5001, "is not JSON"),
        (b'{"a": 1}\n' * 70 + b'{"a": 1', 71, "is not JSON"),
    ],
)
@pytest.mark.parametrize("codec", ["lz4", "none"])
def test_a_malformed_line_is_refused_with_its_number_and_reason(
    codec: str, content: bytes, line: int, reason: str, tmp_path: Path
) -> None:
    import re

    told = refusal(tmp_path, content, compression=codec)
    assert re.search(rf"in\.jsonl: 1 line\(s\) are no records: line {line} .*{reason}", told), told
    assert "Nothing was written" in told and "--skip-invalid" in told


def test_a_line_of_seventy_mebibytes_is_refused_and_the_others_are_packed(tmp_path: Path) -> None:
    content = b'{"a": 1}\n{"b": "' + b"x" * (70 << 20) + b'"}\n{"c": 1}\n'
    assert "line 2 is longer than 64 MiB" in refusal(tmp_path, content)
    path = pack(tmp_path, content, skip_invalid=True)
    assert back(path) == b'{"a": 1}\n{"c": 1}\n'


def test_many_malformed_lines_are_counted_and_the_first_five_told(tmp_path: Path) -> None:
    told = refusal(tmp_path, b"".join(b"{\n" if number % 3 else b"{}\n" for number in range(3000)))
    assert "2,000 line(s) are no records: line 2 " in told and "line 8 " in told and "and 1,995 more" in told


def test_skipped_lines_are_counted_and_written_down(tmp_path: Path) -> None:
    lines = [b'{"a": 1}', b"nonsense \xc3\xbc", b'{"b": 2}', b"\xff\xfe", b"", b'{"c": 3}', b"[]"]
    write_jsonl(tmp_path / "in.jsonl", lines)
    packed = DatasetPacker().pack(tmp_path / "in.jsonl", tmp_path / "out", skip_invalid=True)
    assert (packed.records, packed.rejected) == (3, 4)
    assert packed.rejects_path == tmp_path / "out.rejects.jsonl"
    rows = [json.loads(row) for row in packed.rejects_path.read_text().splitlines()]
    assert [row["line"] for row in rows] == [2, 4, 5, 7]
    assert rows[0]["text"] == "nonsense ü" and base64.b64decode(rows[1]["base64"]) == b"\xff\xfe"
    assert rows[3]["reason"] == "is not a JSON object but list"
    assert back(packed.path) == b'{"a": 1}\n{"b": 2}\n{"c": 3}\n'
    report = verify_pack(packed.path)
    assert report.ok and "4 lines of which were left out" in str(report.as_json())
    assert unpack(packed.path, tmp_path / "again").same_as_source is None


def test_skipped_lines_have_their_numbers_wherever_they_stand(tmp_path: Path) -> None:
    """In frames and between them; a lone surrogate makes the quick look fail without being a fault."""
    chance = random.Random(4)
    kinds = (
        b'{"a": %d}',
        b'{"a": "\\ud800 %d"}',
        b'{"a": [%d}',
        b"[%d]",
        b'{"a": "\xff%d"}',
        b'{"a": ' + b"9" * 5000 + b"%d}",
    )
    chosen = [chance.choice(kinds[: chance.choice((1, 2, 6))]) for _ in range(20_000)]
    lines = [kind % number for number, kind in enumerate(chosen)]
    packed = DatasetPacker().pack(
        write_jsonl(tmp_path / "in.jsonl", lines), tmp_path / "out", skip_invalid=True, frame_records=7
    )
    assert packed.rejects_path is not None
    rows = [json.loads(row) for row in packed.rejects_path.read_text().splitlines()]
    assert [row["line"] for row in rows] == [number for number, kind in enumerate(chosen, 1) if kind not in kinds[:2]]
    assert back(packed.path) == b"".join(
        line + b"\n" for line, kind in zip(lines, chosen, strict=True) if kind in kinds[:2]
    )


def test_a_last_line_without_newline_that_is_skipped_leaves_the_newline_before_it(tmp_path: Path) -> None:
    path = pack(tmp_path, b'{"a": 1}\n{"b": 2}\n{', skip_invalid=True)
    assert back(path) == b'{"a": 1}\n{"b": 2}\n'


@pytest.mark.parametrize("shards", [1, 2, 7, 50])
def test_as_many_shards_are_made_as_were_asked_for(shards: int, tmp_path: Path) -> None:
    lines = chat_lines(1000)
    packed = pack_lines(tmp_path, lines, "lz4", shards=shards)
    names = sorted(path.name for path in packed.path.iterdir())
    assert names == [*(f"{number:05d}-of-{shards:05d}.jsonl.lz4" for number in range(shards)), "manifest.json"]
    sizes = [shard["raw_bytes"] for shard in json.loads((packed.path / "manifest.json").read_bytes())["shards"]]
    assert max(sizes) - min(sizes) <= 2 * max(map(len, lines)) + 2
    assert packed.shards == shards and back(packed.path) == b"".join(line + b"\n" for line in lines)


def test_shards_are_as_large_as_asked_for(tmp_path: Path) -> None:
    lines = chat_lines(3000)
    write_jsonl(tmp_path / "in.jsonl", lines)
    packed = DatasetPacker().pack(tmp_path / "in.jsonl", tmp_path / "out", shard_bytes=1 << 16)
    sizes = [shard["raw_bytes"] for shard in json.loads((packed.path / "manifest.json").read_bytes())["shards"]]
    assert len(sizes) == packed.shards > 5
    assert all(abs(size - (1 << 16)) < 2 * max(map(len, lines)) for size in sizes[:-1])


@pytest.mark.parametrize("shards", [None, 2])
@pytest.mark.parametrize("codec", CODECS)
def test_the_same_packing_gives_the_same_bytes(codec: str, shards: int | None, tmp_path: Path) -> None:
    digests = []
    for folder in (tmp_path / "one", tmp_path / "other"):
        packed = pack_lines(folder, chat_lines(200), codec, shards=shards)
        digests.append([(path.name, hashlib.sha256(path.read_bytes()).digest()) for path in packed.files])
    assert digests[0] == digests[1]


def test_frames_hold_as_many_records_as_asked_for_and_no_more_than_a_mebibyte(tmp_path: Path) -> None:
    lines = [b'{"a": "' + b"x" * 30_000 + b'"}'] * 100
    write_jsonl(tmp_path / "in.jsonl", lines)
    for records, expected in ((16, 16), (64, 34)):
        path = DatasetPacker().pack(tmp_path / "in.jsonl", tmp_path / str(records), frame_records=records).path
        with open_pack(path) as packed:
            assert packed.records_in(0) == expected
            assert packed.line(99) == lines[99]


@pytest.mark.parametrize(("codec", "levels"), [("lz4", (0, 4, 12)), ("zstd", (1, 3, 19))])
def test_every_level_unpacks_to_the_same(codec: str, levels: tuple[int, ...], tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "in.jsonl", chat_lines(200))
    sizes = []
    for level in levels:
        packed = DatasetPacker().pack(source, tmp_path / str(level), compression=codec, level=level)
        assert back(packed.path) == source.read_bytes()
        sizes.append(packed.stored_bytes)
    assert sizes[-1] < sizes[0]


@pytest.mark.parametrize(
    ("choices", "text"),
    [
        ({"compression": "gzip"}, "'gzip' is not a compression; use one of none, lz4, zstd"),
        ({"compression": "zstd", "level": 20}, "Level 20 is none of zstd; use 1 to 19"),
        ({"compression": "zstd", "level": 0}, "Level 0 is none of zstd"),
        ({"compression": "lz4", "level": 13}, "Level 13 is none of lz4; use 0 to 12"),
        ({"compression": "none", "level": 1}, "has no level"),
        ({"shards": 0}, "0 shards cannot be made"),
        ({"shards": 100_000}, "100000 shards cannot be made"),
        ({"shards": 2, "shard_bytes": 1 << 20}, "not both"),
        ({"shard_bytes": 10}, "too small"),
        ({"frame_records": 0}, "0 records a frame"),
        ({"frame_records": 5000}, "5000 records a frame"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(choices: dict[str, object], text: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=text):
        pack(tmp_path, b"{}\n", **choices)
    assert [entry.name for entry in tmp_path.iterdir()] == ["in.jsonl"]


def test_a_missing_input_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a file; name a JSONL file"):
        DatasetPacker().pack(tmp_path / "none", tmp_path / "out")


@pytest.mark.parametrize("shards", [None, 2])
def test_what_is_there_is_replaced_only_when_that_is_allowed(shards: int | None, tmp_path: Path) -> None:
    one = pack_lines(tmp_path, chat_lines(30), "none", shards=shards).path
    with pytest.raises(UsageError, match="name another, or allow it to be overwritten"):
        DatasetPacker().pack(tmp_path / "source.jsonl", one, compression="zstd", shards=shards)
    assert back(one).count(b"\n") == 30
    source = write_jsonl(tmp_path / "source.jsonl", chat_lines(40))
    again = DatasetPacker().pack(source, one, compression="zstd", shards=shards, overwrite=True)
    assert back(again.path).count(b"\n") == 40
    assert verify_pack(one).ok and not list(tmp_path.rglob("*.idx"))


def test_files_beside_the_target_are_not_overwritten_without_leave(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "in.jsonl", chat_lines(3))
    for suffix in (".idx", ".manifest.json", ".rejects.jsonl"):
        beside = tmp_path / f"out{suffix}"
        beside.write_text("precious")
        with pytest.raises(UsageError, match="there is a file of that name"):
            DatasetPacker().pack(source, tmp_path / "out", compression="none")
        assert beside.read_text() == "precious"
        beside.unlink()


def test_the_input_is_never_overwritten(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "out.rejects.jsonl", chat_lines(3))
    kept = source.read_bytes()
    for target in (source, tmp_path / "out"):
        with pytest.raises(UsageError, match="would be overwritten"):
            DatasetPacker().pack(source, target, overwrite=True)
    folder = tmp_path / "folder"
    folder.mkdir()
    inside = write_jsonl(folder / "in.jsonl", chat_lines(3))
    with pytest.raises(UsageError, match="would be overwritten"):
        DatasetPacker().pack(inside, folder, shards=2, overwrite=True)
    assert source.read_bytes() == kept and inside.exists()


def test_a_folder_that_holds_anything_else_is_not_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "thesis.txt").write_text("precious")
    source = write_jsonl(tmp_path / "in.jsonl", chat_lines(3))
    with pytest.raises(UsageError, match=r"also holds thesis\.txt"):
        DatasetPacker().pack(source, folder, shards=2, overwrite=True)
    path = pack_lines(tmp_path, chat_lines(9), "lz4", shards=2).path
    (path / "notes.txt").write_text("precious")
    with pytest.raises(UsageError, match=r"also holds notes\.txt"):
        DatasetPacker().pack(source, path, shards=2, overwrite=True)
    assert (folder / "thesis.txt").exists() and (path / "notes.txt").exists()


def test_statistics_and_schema_are_noted(tmp_path: Path) -> None:
    lines = [b'{"a": 1, "b": "x"}'] * 99 + [b'{"a": null, "c": [1]}' + b" " * 80_000]
    path = pack_lines(tmp_path, lines, "zstd", frame_records=1).path
    with open_pack(path) as packed:
        noted = packed.metadata
    sizes = noted["record_bytes"]
    assert (sizes["min"], sizes["p50"], sizes["p99"], sizes["max"]) == (18, 18, 18, len(lines[-1]))
    assert noted["schema"]["keys"] == {"a": {"integer": 99, "null": 1}, "b": {"string": 99}, "c": {"array": 1}}
    assert noted["compression"] == "zstd" and noted["frame_records"] == 1


def test_keys_no_index_could_hold_do_not_stop_the_packing(tmp_path: Path) -> None:
    many = json.dumps({f"k{number}": 1 for number in range(5000)}).encode()
    lines = [b'{"' + b"k" * (3 << 20) + b'": 1}', b'{"\\ud800": 1, "\\u001b[2J": 2}', many]
    path = pack_lines(tmp_path, lines, "lz4", frame_records=1).path
    with open_pack(path) as packed:
        assert [packed.line(record) for record in range(3)] == lines
        assert len(packed.metadata["schema"]["keys"]) == 200
    assert verify_pack(path).ok


def test_progress_is_told_up_to_the_whole(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "in.jsonl", chat_lines(20_000))
    told: list[tuple[int, int]] = []
    DatasetPacker(lambda done, total: told.append((done, total))).pack(source, tmp_path / "out")
    size = source.stat().st_size
    assert told[-1] == (size, size) and told == sorted(told) and len(told) > 3


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_names_that_are_not_utf_8_are_packed(tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / os.fsdecode(b"in\xff.jsonl"), chat_lines(3))
    for shards in (None, 2):
        packed = DatasetPacker().pack(source, tmp_path / os.fsdecode(b"out\xff%d" % bool(shards)), shards=shards)
        assert verify_pack(packed.path).ok
        assert unpack(packed.path, tmp_path / "back", overwrite=True).same_as_source
