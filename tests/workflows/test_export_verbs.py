"""Verbs on exports: every format, verify, diff, trace, locked runs, storages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.support import run

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "context_files" / "samples"
RUN = ("run", "--input", str(SAMPLES), "--mode", "identify", "--provider", "llama", "--name", "shop", "--yes")


def as_json(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = run(folder, *arguments, "--json")
    return done.code, json.loads(done.out)


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    code, answer = as_json(tmp_path, *RUN)
    assert code == 0
    return tmp_path / answer["folder"]


def lineage(export: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (export / "lineage.jsonl").read_text(encoding="utf-8").splitlines()]


def test_a_locked_run_gives_the_same_bytes_and_a_changed_document_is_named(tmp_path: Path, exported: Path) -> None:
    again = ("--output", "again", "--db", "again/x.db", "--yes")
    code, answer = as_json(tmp_path, "run", "--locked", str(exported), "--input", str(SAMPLES), *again)
    assert code == 0
    other = tmp_path / answer["folder"]
    files = {path.name: path.read_bytes() for path in exported.iterdir()}
    assert files == {path.name: path.read_bytes() for path in other.iterdir()}
    docs = tmp_path / "docs"
    docs.mkdir()
    for path in SAMPLES.iterdir():
        (docs / path.name).write_bytes(path.read_bytes() + (b"\nQ: New?\nA: Yes.\n" if path.name == "faq.txt" else b""))
    code, answer = as_json(tmp_path, "run", "--locked", str(exported), "--input", str(docs), *again)
    assert code == 2 and "faq.txt" in answer["error"] and "1 difference" in answer["error"]
    code, answer = as_json(tmp_path, "run", "--locked", str(exported), "--size", "3", *again)
    assert code == 2 and "--size cannot be given with --locked" in answer["error"]


def test_a_sample_is_traced_to_its_document_and_a_changed_document_differs(tmp_path: Path, exported: Path) -> None:
    sample = next(one["id"] for one in lineage(exported) if one["source_file"] == "faq.txt")
    code, answer = as_json(tmp_path, "trace", sample, "--input", str(SAMPLES))
    checks = {step["what"]: step["check"] for step in answer["steps"]}
    assert code == 0 and checks["document"] == checks["span"] == checks["export"] == "verified"
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "faq.txt").write_text("something else")
    code, answer = as_json(tmp_path, "trace", sample, "--input", "docs")
    checks = {step["what"]: step["check"] for step in answer["steps"]}
    assert code == 1 and checks["document"] == "differs"
    assert as_json(tmp_path, "trace", "s0000")[0] == 2


def test_samples_keep_their_split_when_documents_are_added(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    splits = []
    for name, seed in (("a.txt", "1"), ("b.txt", "2")):
        faq = [f"Q: What does part {name[0]}{n} weigh?\nA: It weighs {n} grams.\n" for n in range(40)]
        (docs / name).write_text("\n".join(faq))
        arguments = ("--mode", "identify", "--provider", "llama", "--name", "parts", "--seed", seed, "--yes")
        code, answer = as_json(tmp_path, "run", "--input", "docs", *arguments)
        assert code == 0
        splits.append({row["id"]: row["split"] for row in lineage(tmp_path / answer["folder"])})
    first, second = splits
    assert (len(first), len(second), answer["folder"][-6:]) == (40, 80, "v1.1.0")
    assert {sample: second[sample] for sample in first} == first
    (tmp_path / "config.yaml").write_text("split: {keep_earlier: false}\n")
    code, answer = as_json(tmp_path, "run", "--input", "docs", *arguments)
    anew = {row["id"]: row["split"] for row in lineage(tmp_path / answer["folder"])}
    assert code == 0 and anew.keys() == second.keys() and anew != second


def test_an_export_is_published_listed_and_fetched(tmp_path: Path, exported: Path) -> None:
    code, answer = as_json(tmp_path, "push", str(exported), "store")
    assert (code, answer["already"]) == (0, False)
    assert as_json(tmp_path, "push", str(exported), "store")[1]["already"]
    versions = as_json(tmp_path, "remote", "store")[1]["versions"]
    assert [(one["name"], one["version"], one["complete"]) for one in versions] == [("shop", "v1.0.0", True)]
    assert as_json(tmp_path, "pull", versions[0]["url"], "fetched")[0] == 0
    assert {p.name: p.read_bytes() for p in (tmp_path / "fetched").iterdir()} == {
        p.name: p.read_bytes() for p in exported.iterdir()
    }
    code, answer = as_json(tmp_path, "checkpoint", "store")
    assert code == 0 and len(answer["copies"]) == 1
    (exported / "train.jsonl").write_text("{}")
    code, answer = as_json(tmp_path, "push", str(exported), "elsewhere")
    assert code == 1 and "not whole" in answer["error"] and not (tmp_path / "elsewhere" / "exports").exists()
    assert as_json(tmp_path, "push", str(tmp_path), "store")[0] == 2


def test_versions_are_compared(tmp_path: Path, exported: Path) -> None:
    formats = ("--formats", "jsonl,csv", "--organize-by", "method", "--organize-as", "column")
    code, answer = as_json(tmp_path, "export", "shop", *formats)
    assert (code, answer["change"]) == (0, "major")  # the column makes another format of jsonl
    code, told = as_json(tmp_path, "diff", str(exported), str(tmp_path / answer["folder"]))
    assert code == 0 and told["difference"]["unchanged"] == 79 and "csv" in told["formats"]
    assert as_json(tmp_path, "diff", str(exported), str(tmp_path))[0] == 1
    code, answer = as_json(tmp_path, "export", "shop", "--organize-by", "nothing_known(")
    assert code == 2 and "nothing_known(" in answer["error"]


@pytest.mark.slow
def test_the_whole_pipeline_is_verified_on_the_samples(tmp_path: Path) -> None:
    code, answer = as_json(tmp_path, "verify-pipeline")
    assert (code, answer["ok"], answer["not_made"]) == (0, True, 0)
    assert len(answer["stages"]) == 10
