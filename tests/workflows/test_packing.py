"""Packed datasets as a user makes, checks, measures and unpacks them: by verbs and in the menu."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.workflows.support import in_order, menu, run


def chats(count: int) -> bytes:
    rows = (
        {
            "messages": [
                {"role": "user", "content": f"What does part {number} of the pump do?"},
                {"role": "assistant", "content": f"Part {number} – “the valve” – closes at {number % 7} bar. 😀"},
            ]
        }
        for number in range(count)
    )
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "chats.jsonl").write_bytes(chats(300))
    return tmp_path


@pytest.mark.parametrize(
    ("compression", "name"), [("lz4", "chats.jsonl.lz4"), ("zstd", "chats.jsonl.zst"), ("none", "chats.packed.jsonl")]
)
def test_a_file_is_packed_verified_and_unpacked(folder: Path, compression: str, name: str) -> None:
    packed = run(folder, "pack", "chats.jsonl", "--compression", compression, "--validate", "--provider", "openai")
    assert packed.code == 0, packed.err
    assert in_order(packed.out, "Packed 300 records", f"  {name}", "row formats", "provider rules", f"{name} is whole.")
    assert run(folder, "verify-packed", name).code == 0
    unpacked = run(folder, "unpack", name, "back.jsonl")
    assert in_order(unpacked.out, "Unpacked 300 records", "the source byte for byte")
    assert (folder / "back.jsonl").read_bytes() == chats(300)


def test_json_tells_what_was_packed(folder: Path) -> None:
    done = run(folder, "pack", "chats.jsonl", "shards", "--shards", "3", "--compression", "zstd", "--json")
    (packed,) = json.loads(done.out.splitlines()[-1])["packed"]
    assert (packed["records"], packed["shards"], packed["raw_bytes"]) == (300, 3, len(chats(300)))
    assert sorted(path.name for path in (folder / "shards").iterdir()) == [
        *(f"0000{number}-of-00003.jsonl.zst" for number in range(3)),
        "manifest.json",
    ]


def test_a_changed_byte_is_found_and_named(folder: Path) -> None:
    run(folder, "pack", "chats.jsonl")
    path = folder / "chats.jsonl.lz4"
    content = bytearray(path.read_bytes())
    content[500] ^= 1
    path.write_bytes(content)
    verified = run(folder, "verify-packed", "chats.jsonl.lz4")
    assert verified.code == 1
    assert in_order(verified.out, "failed       frames", "records 0 to 63")
    unpacked = run(folder, "unpack", "chats.jsonl.lz4", "back.jsonl")
    assert (unpacked.code, (folder / "back.jsonl").exists()) == (1, False)
    assert "frame 0 is damaged (checksum); records 0 to 63 are lost" in unpacked.err


def test_malformed_lines_are_refused_or_left_out(folder: Path) -> None:
    (folder / "chats.jsonl").write_bytes(chats(2) + b'{"messages": [\n' + chats(1) + b"[1]\n")
    refused = run(folder, "pack", "chats.jsonl")
    assert refused.code == 1
    assert in_order(refused.err, "2 line(s) are no records", "line 3 is not JSON", "line 5 is not a JSON object")
    assert [path.name for path in folder.iterdir()] == ["chats.jsonl"]
    done = run(folder, "pack", "chats.jsonl", "--skip-invalid")
    assert in_order(done.out, "Packed 3 records", "2 line(s) are no records and were left out")
    rejects = [json.loads(line) for line in (folder / "chats.jsonl.lz4.rejects.jsonl").read_text().splitlines()]
    assert [(row["line"], row["text"]) for row in rejects] == [(3, '{"messages": ['), (5, "[1]")]


def test_token_ids_are_packed_and_verified(folder: Path) -> None:
    done = run(folder, "pack", "chats.jsonl", "--tokenizer", "llama3", "--train-on", "all", "--validate")
    assert done.code == 0, done.err
    assert in_order(done.out, "Packed 300 examples", "loss masks", "chats.tokens.arrow is whole.")
    assert run(folder, "verify-packed", "chats.tokens.arrow").code == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--train-on", "all"), "--train-on makes no sense without --tokenizer"),
        (("--tokenizer", "llama3", "--compression", "zstd"), "--compression makes no sense with --tokenizer"),
        (("--tokenizer", "claude-3"), "not public"),
        (("--provider", "openai"), "give both"),
        (("--shards", "2", "--shard-size", "1G"), "not both"),
        (("--shard-size", "many"), "is not a size"),
        (("--compression", "none", "--level", "3"), "has no level"),
    ],
)
def test_options_that_make_no_sense_are_refused(folder: Path, options: tuple[str, ...], told: str) -> None:
    done = run(folder, "pack", "chats.jsonl", *options)
    assert done.code == 2
    assert told in done.err


def test_every_split_of_an_export_is_packed(identify: Path) -> None:
    assert run(identify, "run", "--yes").code == 0
    done = run(identify, "pack", "output_datasets/my_dataset/v1.0.0", "--compression", "zstd")
    assert done.code == 0, done.err
    names = {path.name for path in (identify / "output_datasets/my_dataset/v1.0.0-packed").iterdir()}
    assert {"train.jsonl.zst", "validation.jsonl.zst"} <= names
    assert run(identify, "verify", "output_datasets/my_dataset/v1.0.0").code == 0


def test_loading_is_measured_beside_plain_jsonl(folder: Path) -> None:
    done = run(folder, "bench-loading", "--dataset", "chats.jsonl", "--batch-size", "4", "--json")
    speeds = json.loads(done.out.splitlines()[-1])["speeds"]
    assert {speed["source"] for speed in speeds} == {"JSONL", "packed, none", "packed, lz4", "packed, zstd"}
    assert all(speed["cpu_seconds"] > 0 for speed in speeds)
    assert run(folder, "pack", "chats.jsonl").code == 0
    drawn = run(folder, "bench-loading", "--dataset", "chats.jsonl.lz4")
    assert in_order(
        drawn.out, "json.loads, line by line", "chats.jsonl.lz4", "lazy records, batches of 8", "five times"
    )


def test_the_menu_packs_verifies_measures_and_unpacks(folder: Path) -> None:
    answers = ["4", "2", "chats.jsonl", "zstd"]
    answers += [
        "4",
        "4",
        "chats.jsonl.zst",
        "4",
        "5",
        "chats.jsonl.zst",
        "",
        "4",
        "3",
        "chats.jsonl.zst",
        "back.jsonl",
        "6",
    ]
    done = menu(folder, answers)
    assert in_order(
        done.out,
        "2. Pack for training",
        "Packed 300 records (zstd)",
        "chats.jsonl.zst is whole.",
        "Loading 300 records",
        "Unpacked 300 records",
    )
    assert (folder / "back.jsonl").read_bytes() == chats(300)


def test_the_menu_packs_an_export_and_asks_before_it_replaces_one(identify: Path) -> None:
    assert run(identify, "run", "--yes").code == 0
    done = menu(identify, ["4", "2", "1", "lz4", "4", "2", "1", "lz4", "n", "4", "2", "1", "tokens", "llama3", "6"])
    assert in_order(
        done.out,
        "1. my_dataset/v1.0.0 - every split",
        "train.jsonl.lz4 is whole.",
        "exists. Replace it?",
        "Token ids of which tokenizer?",
        "train.tokens.arrow is whole.",
    )
