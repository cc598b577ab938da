from __future__ import annotations

import csv
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from src.export.manifests.croissant.croissant_file import build_croissant
from src.export.manifests.croissant.fields import safe_id
from src.export.manifests.files import describe_files
from src.export.versions.planning import VersionPlan
from tests.export.versions.example_exports import CREATED_AT, Line, export_version, facts_of, lines_of, write_rows

CHECKER = Path(__file__).resolve().parents[3] / "benchmarks" / "verify_exports" / "scripts" / "check_croissant.py"
# mlcroissant brings pandas, scipy and rdflib: it may lie in an environment of its own.
PYTHON = os.environ.get("MLCROISSANT_PYTHON") or (sys.executable if importlib.util.find_spec("mlcroissant") else "")
LINES = [*lines_of(11), Line("s9", text="ünï 😀 \u2028 00123", chunk="x"), Line("s10", text="NA", chunk="y")]
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("messages", pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))),
        ("token_length", pa.int64()),
        ("weight", pa.float64()),
        ("keep", pa.bool_()),
        ("keywords", pa.list_(pa.string())),
        ("turn_spans", pa.list_(pa.list_(pa.int64()))),
    ]
)


def table_of(lines: Sequence[Line]) -> pa.Table:
    extra = {"token_length": 5, "weight": 0.5, "keep": True, "keywords": ["a", "b"], "turn_spans": [[1, 2], [3]]}
    return pa.Table.from_pylist([{"id": line.id, "messages": line.messages, **extra} for line in lines], SCHEMA)


def as_gemini(line: Line) -> dict[str, Any]:
    contents = [{"role": m["role"], "parts": [{"text": m["content"]}]} for m in line.messages]
    system = {"systemInstruction": {"role": "system", "parts": [{"text": "Help."}]}} if line.id[-1] in "13" else {}
    return {**system, "contents": contents}


def write_json_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def write_formats(folder: Path) -> dict[str, list[Path]]:
    """Files as the formats write them: single, sharded, in folders by topic, with odd names and other codings."""
    train = [line for line in LINES if line.split == "train"]
    for name in ("parquet", "csv", "csv-16", "huggingface/data"):
        (folder / name).mkdir(parents=True)
    pq.write_table(table_of(train), folder / "parquet" / "train.parquet")
    shards = [folder / "huggingface" / "data" / f"train-0000{n}-of-00002.parquet" for n in range(2)]
    pq.write_table(table_of(train[:4]), shards[0])
    pq.write_table(table_of(train[4:]), shards[1])
    for name, encoding in (("csv", "utf-8-sig"), ("csv-16", "utf-16")):
        with (folder / name / "train.csv").open("w", encoding=encoding, newline="") as stream:
            table = csv.writer(stream)
            table.writerow(["id", "question", "token_length"])
            table.writerows([line.id, line.messages[0]["content"] + '\n"x", y', 5] for line in train)
    topics = [folder / "topics" / f"topic {n} [#ü]" / "train.jsonl" for n in range(2)]
    return {
        "jsonl": write_rows(folder, LINES),
        "parquet": [folder / "parquet" / "train.parquet"],
        "huggingface": shards,
        "csv": [folder / "csv" / "train.csv"],
        "csv-16": [folder / "csv-16" / "train.csv"],
        "vertex-chat": [write_json_lines(folder / "vertex-chat" / "train.jsonl", [as_gemini(line) for line in train])],
        "topics": [write_json_lines(path, [{"text": line.id} for line in train]) for path in topics],
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("croissant")
    written = write_formats(folder)
    (folder / "statistics.json").write_text("{}\n")
    plan = VersionPlan("v1.2.3", "v1.2.2", "patch", ())
    found = build_croissant(folder, facts_of(LINES, {}), plan, describe_files(folder, written))
    (folder / "croissant.json").write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return folder


@pytest.fixture
def croissant(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "croissant.json").read_text(encoding="utf-8"))
    return found


def test_the_dataset_is_named_with_its_version_and_time(croissant: dict[str, Any]) -> None:
    assert croissant["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert (croissant["name"], croissant["version"]) == ("handbook", "1.2.3")
    assert croissant["datePublished"] == CREATED_AT


def test_every_file_stands_in_the_distribution_with_its_checksum(folder: Path, croissant: dict[str, Any]) -> None:
    found = {one["contentUrl"]: one for one in croissant["distribution"] if one["@type"] == "cr:FileObject"}
    on_disk = [path for path in folder.rglob("*") if path.is_file() and path.name != "croissant.json"]
    assert set(found) == {path.relative_to(folder).as_posix() for path in on_disk}
    for path in on_disk:
        entry = found[path.relative_to(folder).as_posix()]
        assert entry["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert entry["contentSize"] == f"{path.stat().st_size} B"
    assert found["train.jsonl"]["encodingFormat"] == "application/jsonlines"
    assert found["parquet/train.parquet"]["encodingFormat"] == "application/x-parquet"


def test_each_split_of_each_format_is_a_record_set(croissant: dict[str, Any]) -> None:
    assert sorted(one["@id"] for one in croissant["recordSet"]) == [
        "csv/train",
        "huggingface/train",
        "parquet/train",
        "test",
        "topics/train",
        "train",
        "validation",
        "vertex-chat/train",
    ]


def test_messages_are_repeated_fields_with_role_and_content(croissant: dict[str, Any]) -> None:
    (train,) = (one for one in croissant["recordSet"] if one["@id"] == "train")
    assert train["field"] == [
        {
            "@type": "cr:Field",
            "@id": "train/messages",
            "name": "messages",
            "repeated": True,
            "subField": [
                {
                    "@type": "cr:Field",
                    "@id": f"train/messages/{name}",
                    "name": name,
                    "dataType": "sc:Text",
                    "source": {
                        "fileObject": {"@id": "train.jsonl"},
                        "extract": {"column": "messages"},
                        "transform": {"jsonPath": name},
                    },
                }
                for name in ("role", "content")
            ],
        }
    ]


def test_columns_have_the_types_of_their_values(croissant: dict[str, Any]) -> None:
    (parquet,) = (one for one in croissant["recordSet"] if one["@id"] == "parquet/train")
    types = {field["name"]: (field.get("dataType"), field.get("repeated", False)) for field in parquet["field"]}
    assert types == {
        "id": ("sc:Text", False),
        "messages": (None, True),
        "token_length": ("sc:Integer", False),
        "weight": ("sc:Float", False),
        "keep": ("sc:Boolean", False),
        "keywords": ("sc:Text", True),
        "turn_spans": ("sc:Integer", True),
    }


def test_ids_have_no_spaces_and_differ_when_their_names_do(croissant: dict[str, Any]) -> None:
    def ids(value: Any) -> list[str]:
        if isinstance(value, list):
            return [found for item in value for found in ids(item)]
        if not isinstance(value, dict):
            return []
        own = [value["@id"]] if "@type" in value and "@id" in value else []
        return own + [found for item in value.values() for found in ids(item)]

    found = ids({"distribution": croissant["distribution"], "recordSet": croissant["recordSet"]})
    assert len(found) == len(set(found))
    assert all(name.isascii() and " " not in name and "#" not in name for name in found)
    assert safe_id("a b") != safe_id("a~b") != safe_id("a-b")


@pytest.mark.skipif(not PYTHON, reason="mlcroissant is not installed; MLCROISSANT_PYTHON may name a python that has it")
@pytest.mark.slow
def test_mlcroissant_reads_what_the_files_hold_and_refuses_changed_ones(folder: Path, tmp_path: Path) -> None:
    exported, _ = export_version(tmp_path, LINES)
    done = subprocess.run([PYTHON, str(CHECKER), str(folder), str(exported)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"train: {sum(line.split == 'train' for line in LINES)} records" in done.stdout
    assert "changed files refused" in done.stdout
