"""The report on a packed dataset: every check listed, each able to fail."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from src.errors import UsageError
from src.export.packing.dataset_packer import DatasetPacker
from src.export.packing.reading.pack import open_pack
from src.export.packing.verifying.frame_check import check_frames
from src.export.packing.verifying.pack_report import Check, PackReport
from src.export.packing.verifying.verify_pack import CHECKS, verify_pack
from tests.export.packing.hostile.forge import LINE, STORE, Frame, forge, honest, lz4_frame
from tests.export.packing.records import AWKWARD, CODECS, chat_lines, pack_lines, write_jsonl

LINES = chat_lines(100)


def states(report: PackReport) -> dict[str, str]:
    return {check.name: check.state for check in report.checks}


def text(report: PackReport, name: str) -> str:
    return next(check.text for check in report.checks if check.name == name)


def failed(report: PackReport) -> list[str]:
    return [check.name for check in report.checks if check.state == "failed"]


@pytest.mark.parametrize("shards", [None, 3])
@pytest.mark.parametrize("codec", CODECS)
def test_every_check_of_a_whole_dataset_is_listed_and_fine(codec: str, shards: int | None, tmp_path: Path) -> None:
    path = pack_lines(tmp_path, LINES, codec, shards=shards).path
    told: list[tuple[int, int]] = []
    report = verify_pack(path, on_progress=lambda done, total: told.append((done, total)))
    assert report.ok and tuple(check.name for check in report.checks) == CHECKS
    apart = {"provider rules"} | (set() if codec == "zstd" else {"seek table"}) | (set() if shards else {"other files"})
    assert {name for name, state in states(report).items() if state == "not checked"} == apart
    assert "warning" not in states(report).values()
    assert told[-1][0] == told[-1][1] and told == sorted(told)
    assert report.as_json()["ok"] is True
    json.dumps(report.as_json())


def test_keys_types_and_row_formats_of_all_records_are_told(tmp_path: Path) -> None:
    report = verify_pack(pack_lines(tmp_path, [*LINES, *AWKWARD], "lz4").path)
    assert '"messages" array 100, missing 19' in text(report, "keys and types")
    assert text(report, "row formats").startswith("openai-chat (100), unknown (")
    assert states(report)["row formats"] == "warning" and report.ok


def test_a_missing_manifest_is_no_fault_beside_a_single_file(tmp_path: Path) -> None:
    path = pack_lines(tmp_path, LINES, "zstd").path
    (tmp_path / "packed.manifest.json").unlink()
    report = verify_pack(path)
    assert report.ok
    assert states(report)["manifest"] == states(report)["file checksums"] == "not checked"


def test_a_missing_manifest_is_a_fault_in_a_folder(tmp_path: Path) -> None:
    path = pack_lines(tmp_path, LINES, "zstd", shards=2).path
    (path / "manifest.json").unlink()
    report = verify_pack(path)
    assert failed(report) == ["files"] and tuple(check.name for check in report.checks) == CHECKS


def test_the_manifest_of_another_packing_is_found(tmp_path: Path) -> None:
    path = pack_lines(tmp_path, LINES, "zstd").path
    pack_lines(tmp_path / "other", list(reversed(LINES)), "zstd")
    (tmp_path / "packed.manifest.json").write_bytes((tmp_path / "other" / "packed.manifest.json").read_bytes())
    report = verify_pack(path)
    assert failed(report) == ["manifest", "file checksums"]
    assert "not those that were packed" in text(report, "manifest") and "SHA-256" in text(report, "manifest")


def test_a_reformatted_manifest_is_found(tmp_path: Path) -> None:
    path = pack_lines(tmp_path, LINES, "zstd").path
    beside = tmp_path / "packed.manifest.json"
    beside.write_text(json.dumps(json.loads(beside.read_bytes()), indent=2))
    assert failed(verify_pack(path)) == ["manifest"]


def test_a_renamed_file_is_told_and_whole(tmp_path: Path) -> None:
    path = pack_lines(tmp_path, LINES, "lz4").path
    path.rename(tmp_path / "new")
    (tmp_path / "packed.manifest.json").rename(tmp_path / "new.manifest.json")
    report = verify_pack(tmp_path / "new")
    assert report.ok and "renamed to new" in text(report, "manifest")


def test_strange_files_in_a_folder_are_named(tmp_path: Path) -> None:
    path = pack_lines(tmp_path, LINES, "none", shards=2).path
    (path / "notes\x1b.txt").write_text("x")
    (path / "sub").mkdir()
    report = verify_pack(path)
    assert report.ok and states(report)["other files"] == "warning"
    told = text(report, "other files")
    assert "notes\\x1b.txt is not part" in told and "sub is not part of the dataset; it is a folder" in told


@pytest.mark.parametrize("shards", [None, 2])
@pytest.mark.parametrize("codec", CODECS)
def test_all_damaged_frames_are_told_and_the_rest_is_checked(codec: str, shards: int | None, tmp_path: Path) -> None:
    path = pack_lines(tmp_path, LINES * 10, codec, shards=shards).path
    file = path if shards is None else sorted(path.glob("*.jsonl*"))[0]
    with open_pack(path) as pack:
        entries = [pack.shards[0].index.entry(frame) for frame in (1, 5, 9)]
    content = bytearray(file.read_bytes())
    for entry in entries:
        content[entry.start + entry.stored // 2] ^= 1
    file.write_bytes(content)
    report = verify_pack(path)
    assert set(failed(report)) == {"frames", "file checksums"}
    for frame, entry in zip((1, 5, 9), entries, strict=True):
        assert f"frame {frame} is damaged (checksum); records {entry.first} to {entry.first + 15}" in text(
            report, "frames"
        )
    assert text(report, "records").startswith("952 records")
    assert states(report)["metadata"] == "not checked"
    with open_pack(path) as pack:
        damage = check_frames(pack)
    assert len(damage) == 3 and [one.frame for one in damage] == [1, 5, 9] and damage


def test_only_the_first_twenty_damaged_frames_are_told(tmp_path: Path) -> None:
    path = pack_lines(tmp_path, LINES, "none", frame_records=2).path
    path.write_bytes(path.read_bytes().replace(b"Antwort", b"antwort"))
    report = verify_pack(path)
    assert text(report, "frames").count("is damaged") == 20
    assert "and 30 more." in text(report, "frames")


def test_a_whole_dataset_has_no_damaged_frames(tmp_path: Path) -> None:
    for codec in CODECS:
        told: list[tuple[int, int]] = []
        with open_pack(pack_lines(tmp_path, LINES, codec).path) as pack:
            damage = check_frames(pack, lambda *bytes_: told.append(bytes_))  # noqa: B023 - called at once
            assert not damage and list(damage) == []
            assert told[-1] == (pack.raw_bytes, pack.raw_bytes)


def test_frames_that_other_programs_could_not_check_are_found(tmp_path: Path) -> None:
    import lz4.block
    import zstandard

    raw = LINE * 4
    offsets = honest("lz4").offsets
    wrong = bytearray(lz4_frame(raw))
    wrong[-1] ^= 1
    head = bytearray(lz4_frame(raw))
    head[14] ^= 1
    block = lz4.block.compress(raw, store_size=False)
    hidden = lz4_frame(raw, block=block)[:-8] + b"\0\0\0\0" + b"hide" + lz4_frame(raw)[-4:]
    frames = {
        "content checksum is wrong": ("lz4", bytes(wrong)),
        "checksum of its head": ("lz4", bytes(head)),
        "frame 0": ("lz4", hidden),
        "no content checksum": ("zstd", zstandard.ZstdCompressor(write_checksum=False).compress(raw)),
    }
    for expected, (codec, stored) in frames.items():
        report = verify_pack(forge(tmp_path / "forged", codec, [Frame(stored, len(raw), offsets)]))
        assert {"standard frames", "frames"} & set(failed(report)), expected
        assert expected in text(report, "standard frames") + text(report, "frames")


def test_marks_for_large_integers_are_checked(tmp_path: Path) -> None:
    long = b'{"n": 12345678901234567890}\n'
    path = forge(tmp_path / "unmarked", "none", [Frame(long, len(long))])
    assert "is not marked for it" in text(verify_pack(path), "large integers")
    assert "large integers" in failed(verify_pack(path))
    path = forge(tmp_path / "marked", "none", [Frame(LINE, len(LINE), exact=True)])
    assert states(verify_pack(path))["large integers"] == "warning"


def test_wrong_checksums_of_the_index_and_seek_table_are_found(tmp_path: Path) -> None:
    report = verify_pack(forge(tmp_path / "one", "lz4", [honest("lz4")], index_xxh3=7))
    assert "index checksums" in failed(report)
    report = verify_pack(forge(tmp_path / "two", "zstd", [honest("zstd")], seek_table_xxh3=7))
    assert "seek table" in failed(report) and "checksum in the trailer is wrong" in text(report, "seek table")
    table = (
        struct.pack("<II", 0x184D2A5E, 25) + struct.pack("<IIII", 1, 2, 3, 4) + struct.pack("<IBI", 2, 0, 0x8F92EAB1)
    )
    report = verify_pack(forge(tmp_path / "three", "zstd", [honest("zstd")], seek_table=table))
    assert "the seek table is not that of the frames" in text(report, "seek table")
    report = verify_pack(forge(tmp_path / "four", "lz4", [honest("lz4")], raw_bytes=7))
    assert "do not add up" in text(report, "frame order")


@pytest.mark.parametrize("codec", CODECS)
def test_record_offsets_that_are_not_at_the_newlines_are_found(codec: str, tmp_path: Path) -> None:
    frame = honest(codec)
    frame.offsets = [0, 21, 40, 60]
    report = verify_pack(forge(tmp_path / "forged", codec, [frame]))
    assert "frame 0: the record offsets are not where the newlines are" in text(report, "record offsets")
    unended = LINE.rstrip(b"\n")
    stored = STORE[codec](unended)
    report = verify_pack(forge(tmp_path / "unended", codec, [Frame(stored, len(unended)), honest(codec)]))
    assert "frame 0 does not end in a newline" in text(report, "record offsets")


def test_noted_statistics_are_counted_again(tmp_path: Path) -> None:
    noted = {"compression": "none", "frame_records": 64, "first_record": 5}
    path = forge(tmp_path / "forged", "none", [honest("none")], metadata=json.dumps(noted).encode(), frame_records=4)
    told = text(verify_pack(path), "metadata")
    assert "sizes of its records" in told and "keys and types" in told and "64 records a frame; there are 4" in told


def test_a_provider_objects_to_the_records(tmp_path: Path) -> None:
    good = [
        json.dumps({"messages": [{"role": "user", "content": f"q{n}"}, {"role": "assistant", "content": "a"}]}).encode()
        for n in range(20)
    ]
    path = pack_lines(tmp_path / "good", good, "lz4").path
    report = verify_pack(path, "openai")
    assert report.ok and text(report, "provider rules").startswith("20 rows for ")
    assert not [entry for entry in path.parent.iterdir() if entry.name.startswith(".")]
    bad = [*good, b'{"messages": []}', b'{"messages": [{"role": "user", "content": "q"}]}']
    report = verify_pack(pack_lines(tmp_path / "bad", bad, "zstd", shards=2).path, "openai", "gpt-4o-2024-08-06")
    assert failed(report) == ["provider rules"]
    assert "in record 2" in text(report, "provider rules") and "error)" in text(report, "provider rules")
    with pytest.raises(UsageError):
        verify_pack(path, "nobody")


def test_what_cannot_be_compressed_is_pointed_at(tmp_path: Path) -> None:
    import base64
    import random

    chance = random.Random(3)
    lines = [json.dumps({"x": base64.b85encode(chance.randbytes(3000)).decode()}).encode() for _ in range(64)]
    source = write_jsonl(tmp_path / "in.jsonl", lines)
    report = verify_pack(DatasetPacker().pack(source, tmp_path / "out", compression="lz4").path)
    assert states(report)["compression"] == "warning" and report.ok
    assert "gains less than 5%: 'zstd' compresses better" in text(report, "compression")


def test_an_empty_dataset_is_whole(tmp_path: Path) -> None:
    for codec in CODECS:
        report = verify_pack(pack_lines(tmp_path, [], codec).path)
        assert report.ok and text(report, "records").startswith("0 records")


def test_a_report_is_whole_unless_something_failed() -> None:
    checks = (Check("a", "ok", ""), Check("b", "warning", ""), Check("c", "not checked", ""))
    assert PackReport(Path("p"), checks).ok
    assert not PackReport(Path("p"), (*checks, Check("d", "failed", ""))).ok
