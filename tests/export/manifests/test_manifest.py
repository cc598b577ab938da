from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from src.config.environment import Secret
from src.export.manifests.manifest import Generation
from src.export.manifests.schema import ManifestError
from src.records import RunReport
from tests.export.versions.example_exports import CREATED_AT, JSONL_SETTINGS, Line, export_version, facts_of, lines_of


def manifest_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


def test_a_manifest_tells_what_is_inside_and_how_it_was_made(tmp_path: Path) -> None:
    lines = [*lines_of(3), Line("s9", "test", source="ü.pdf")]
    config = {"seed": 42, "key": Secret("sk-canary-123456")}
    folder, _ = export_version(tmp_path, lines, config=config)
    found = manifest_of(folder)
    assert "canary" not in (folder / "manifest.json").read_text(encoding="utf-8")
    assert (found["schema_version"], found["name"], found["version"]) == (1, "handbook", "v1.0.0")
    assert (found["parent"], found["created_at"]) == (None, CREATED_AT)
    assert found["tool"] == {"name": "fine-tuning-dataset-builder", "version": "0.1.0"}
    assert (found["provider"], found["model"], found["mode"]) == ("openai", "gpt-4.1-mini", "create")
    assert found["samples"] == {
        "total": 4,
        "by_split": {"train": 2, "validation": 1, "test": 1},
        "by_source": {"guide.pdf": 3, "ü.pdf": 1},
    }
    assert found["tokens"] == {"total": 20, "exactness": "exact", "tokenizer": "o200k_base"}
    assert found["generation"]["parameters"] == {"temperature": 0.7}
    assert found["config"] == {"seed": 42, "key": "***"}
    lock = (folder / "config_lock.json").read_bytes()
    assert found["config_lock"] == {"file": "config_lock.json", "sha256": hashlib.sha256(lock).hexdigest()}
    assert found["quality"] == {
        "kept": 4,
        "counts": {"files": 2},
        "dropped": {"duplicate": 3},
        "issues": [{"severity": "warning", "where": "a.pdf", "message": "scanned"}],
        "leakage": {"pairs": 0, "share": 0.0},
        "qa": None,
    }
    assert found["formats"]["jsonl"]["settings"] == JSONL_SETTINGS
    assert found["formats"]["jsonl"]["rows"] == {"train": 2, "validation": 1, "test": 1}
    train = (folder / "train.jsonl").read_bytes()
    assert found["files"]["train.jsonl"] == {
        "bytes": len(train),
        "sha256": hashlib.sha256(train).hexdigest(),
        "role": "data",
        "format": "jsonl",
        "split": "train",
        "rows": 2,
    }
    on_disk = {path.name for path in folder.iterdir()}
    assert set(found["files"]) == on_disk - {"manifest.json", "manifest.sha256"}


def test_a_version_names_its_parent_and_what_changed(tmp_path: Path) -> None:
    first, _ = export_version(tmp_path, lines_of(4))
    second, _ = export_version(tmp_path, lines_of(6))
    digest = hashlib.sha256((first / "manifest.json").read_bytes()).hexdigest()
    assert manifest_of(second)["parent"] == {"version": "v1.0.0", "manifest_sha256": digest}
    assert manifest_of(second)["change"] == {
        "kind": "minor",
        "reasons": ["2 samples added"],
        "added": {"train": 2},
        "removed": {},
        "changed": {},
    }


def test_what_cannot_be_compared_is_null_not_zero(tmp_path: Path) -> None:
    (tmp_path / "v1.0.0").mkdir()
    found = manifest_of(export_version(tmp_path, lines_of(4))[0])
    assert found["parent"] == {"version": "v1.0.0", "manifest_sha256": None}
    assert (found["change"]["kind"], found["change"]["added"]) == ("major", None)


def test_a_local_model_is_marked_as_not_for_production(tmp_path: Path) -> None:
    local, _ = export_version(tmp_path, lines_of(4))
    hosted, _ = export_version(tmp_path, lines_of(4), generation=Generation("openai", "gpt-4.1", False))
    assert "production" in manifest_of(local)["generation"]["note"]
    assert manifest_of(hosted)["generation"]["note"] == ""


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    one, _ = export_version(tmp_path / "a", lines_of(20))
    other, _ = export_version(tmp_path / "b", lines_of(20))
    for path in one.iterdir():
        assert path.read_bytes() == (other / path.name).read_bytes(), path.name


def test_the_order_in_which_reasons_were_met_does_not_show(tmp_path: Path) -> None:
    one, other = RunReport(), RunReport()
    for report, reasons in ((one, "ab"), (other, "ba")):
        for reason in reasons:
            report.drop(reason)
            report.count(reason)
    found = [export_version(tmp_path / f"{n}", lines_of(2), report=report)[0] for n, report in enumerate([one, other])]
    assert (found[0] / "manifest.json").read_bytes() == (found[1] / "manifest.json").read_bytes()


def test_names_that_are_no_text_are_spelled_out(tmp_path: Path) -> None:
    report = RunReport()
    report.warn("\udcff.pdf", "odd name")
    folder, _ = export_version(tmp_path, [Line("s1", source="\\udcff.pdf")], report=report)
    assert manifest_of(folder)["quality"]["issues"][0]["where"] == "\\udcff.pdf"
    assert "\\udcff.pdf" in manifest_of(folder)["samples"]["by_source"]


def test_facts_that_do_not_fit_the_schema_are_refused_before_they_are_published(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="created_at"):
        export_version(tmp_path, lines_of(2), created_at="yesterday")
    assert [path.name for path in tmp_path.glob("v*")] == []


def test_samples_are_counted_as_they_come() -> None:
    tally = facts_of([*lines_of(5), Line("x", source="b.pdf")], {}).tally
    assert (tally.total, tally.tokens) == (6, 30)
    assert tally.by_split == {"train": 4, "validation": 1, "test": 1}
    assert tally.by_source == {"guide.pdf": 5, "b.pdf": 1}
