from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest

from src.config.environment import Secret
from src.export.exporter import ExportResult, export_dataset
from src.export.manifest import Generation, build_manifest, verify_manifest
from src.records import Issue, RunReport
from tests.dataset.example_samples import make_dataset, make_example
from tests.export.export_in_a_loop import DATASET, as_chat, export


@pytest.fixture
def exported(tmp_path: Path) -> ExportResult:
    return export(DATASET, tmp_path)


def test_a_manifest_tells_what_is_inside_and_how_it_was_made(tmp_path: Path) -> None:
    samples = [make_example(1, split="train", tokens=4), make_example(2, split="test", tokens=5, source="ü.pdf")]
    manifest = build_manifest(
        make_dataset(samples),
        tool_version="0.1.0",
        token_exactness="estimated",
        generation=Generation("openai", "gpt-4.1", is_local=False),
        config={"seed": 42, "key": Secret("sk-canary-123456")},
        report=RunReport(dropped=Counter(duplicate=3), issues=[Issue("warning", "a.pdf", "scanned")]),
    )
    folder = export_dataset(make_dataset(samples), tmp_path, as_chat, manifest=manifest).folder
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    found = json.loads(text)
    assert "canary" not in text
    assert (found["name"], found["version"], found["tool"]["version"]) == ("handbook", "v1.0.0", "0.1.0")
    assert (found["provider"], found["model"], found["mode"]) == ("openai", "gpt-4.1-mini", "create")
    assert found["samples"] == {
        "total": 2,
        "by_split": {"train": 1, "test": 1},
        "by_source": {"guide.pdf": 1, "ü.pdf": 1},
    }
    assert found["tokens"] == {"total": 9, "exactness": "estimated"}
    assert found["generation"] == {"provider": "openai", "model": "gpt-4.1", "is_local": False, "note": ""}
    assert found["config"] == {"seed": 42, "key": "***"}
    assert found["dropped"] == {"duplicate": 3}
    assert found["issues"] == [{"severity": "warning", "where": "a.pdf", "message": "scanned"}]
    train = (folder / "train.jsonl").read_bytes()
    assert found["files"]["train.jsonl"] == {"bytes": len(train), "sha256": hashlib.sha256(train).hexdigest()}
    assert found["created_at"].endswith("+00:00")


def test_a_local_model_is_marked_as_not_for_production(exported: ExportResult) -> None:
    generation = json.loads((exported.folder / "manifest.json").read_text())["generation"]
    assert generation["is_local"] is True
    assert "production" in generation["note"]


def test_a_flipped_bit_is_found_in_any_file(exported: ExportResult) -> None:
    for file in exported.files[:-1]:
        sound = file.read_bytes()
        file.write_bytes(sound[:-2] + bytes([sound[-2] ^ 1]) + sound[-1:])
        assert verify_manifest(exported.folder) == [
            f"{file.name}: was changed ({len(sound)} bytes, {len(sound)} were written)"
        ]
        file.write_bytes(sound)
    assert verify_manifest(exported.folder) == []


def test_missing_extra_renamed_and_shortened_files_are_found(exported: ExportResult) -> None:
    folder = exported.folder
    (folder / "test.jsonl").rename(folder / "tests.jsonl")
    (folder / "more").mkdir()
    (folder / "more" / "extra.txt").touch()
    (folder / "train.jsonl").write_bytes((folder / "train.jsonl").read_bytes()[:-10])
    missing, changed, *extra = verify_manifest(folder)
    assert missing == "test.jsonl: is missing"
    assert changed.startswith("train.jsonl: was changed")
    assert extra == ["more/extra.txt: is not in the manifest", "tests.jsonl: is not in the manifest"]


def test_a_manifest_cannot_point_outside_its_folder(exported: ExportResult, tmp_path: Path) -> None:
    path = exported.folder / "manifest.json"
    manifest = json.loads(path.read_text())
    outside = tmp_path / "outside.txt"
    outside.write_text("x")
    entry = {"bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
    manifest["files"] |= {"../../outside.txt": entry, str(outside): entry}
    path.write_text(json.dumps(manifest))
    assert len([p for p in verify_manifest(exported.folder) if "outside its folder" in p]) == 2


@pytest.mark.parametrize("content", ["", "[]", '{"files": 1}', '{"files": {"a": {}}}', "\x00", '{"files": {"a": [1]}}'])
def test_a_damaged_manifest_is_a_problem_not_a_crash(exported: ExportResult, content: str) -> None:
    (exported.folder / "manifest.json").write_text(content)
    assert verify_manifest(exported.folder) == ["manifest.json: is not a manifest; it was damaged or cut off"]


def test_a_folder_without_a_manifest_is_a_problem(tmp_path: Path) -> None:
    (problem,) = verify_manifest(tmp_path)
    assert problem.startswith("manifest.json: cannot be read")
