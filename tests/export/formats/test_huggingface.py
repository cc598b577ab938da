from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from src.export.formats.full_samples import FIELDS
from src.export.formats.tabular.dataset_card import SplitSize, dataset_card, head_of
from tests.dataset.example_samples import make_example
from tests.export.formats.writing_formats import awkward_samples, check, job_for, write


def test_shards_are_named_and_filled_as_the_hub_expects(tmp_path: Path) -> None:
    samples = awkward_samples()
    job = job_for(samples, shard_rows=25)
    files, _ = write("huggingface", samples, tmp_path, job)
    names = [path.relative_to(tmp_path).as_posix() for path in files]
    assert names[:2] == ["README.md", "dataset_infos.json"]
    assert sorted(names[2:]) == [
        *(f"data/test-{n:05d}-of-00002.parquet" for n in range(2)),
        *(f"data/train-{n:05d}-of-00003.parquet" for n in range(3)),
        *(f"data/validation-{n:05d}-of-00002.parquet" for n in range(2)),
    ]
    rows = [pq.read_metadata(tmp_path / "data" / f"train-{n:05d}-of-00003.parquet").num_rows for n in range(3)]
    assert rows == [25, 25, 10]
    assert check("huggingface", samples, tmp_path, job).problems == ()


def test_the_card_names_splits_features_and_sizes(tmp_path: Path) -> None:
    samples = awkward_samples()
    write("huggingface", samples, tmp_path, job_for(samples))
    head = head_of((tmp_path / "README.md").read_text(encoding="utf-8"))
    assert head["configs"][0]["data_files"][0] == {"split": "train", "path": "data/train-*"}
    info = head["dataset_info"]
    assert [feature["name"] for feature in info["features"]] == list(FIELDS)
    assert {split["name"]: split["num_examples"] for split in info["splits"]} == {
        "train": 60,
        "validation": 30,
        "test": 30,
    }
    shards = list((tmp_path / "data").iterdir())
    assert info["download_size"] == sum(path.stat().st_size for path in shards)
    assert head["size_categories"] == ["n<1K"]
    infos = json.loads((tmp_path / "dataset_infos.json").read_text(encoding="utf-8"))["default"]
    assert infos["splits"]["test"]["num_examples"] == 30
    assert {"info": {"features": infos["features"]}} == json.loads(pq.read_schema(shards[0]).metadata[b"huggingface"])


@pytest.mark.parametrize("name", ["yes", "a: b", "- x", "ünïcode"])
def test_any_name_is_a_name_in_yaml(tmp_path: Path, name: str) -> None:
    card = dataset_card(replace(job_for([]), name=name), {"train": SplitSize(1, 1)}, 1)
    assert yaml.safe_load(card.split("---\n")[1])["pretty_name"] == name


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("README.md", "num_examples: 60", "num_examples: 61", "README.md: says"),
        ("README.md", "data/train-*", "data/tr-*", "README.md: is not as it must be"),
        ("README.md", "- name: place", "- name: spot", "README.md: does not name the columns"),
        ("README.md", "---\n", "", "README.md: is not as it must be"),
        ("README.md", "configs:", "configs: [", "README.md: is not as it must be"),
        ("dataset_infos.json", '"num_examples": 30', '"num_examples": 3', "dataset_infos.json: says"),
        ("dataset_infos.json", "{", "[", "dataset_infos.json: is not as it must be"),
    ],
)
def test_what_a_card_says_wrongly_is_found(tmp_path: Path, file: str, old: str, new: str, told: str) -> None:
    samples = awkward_samples()
    write("huggingface", samples, tmp_path, job_for(samples))
    path = tmp_path / file
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), encoding="utf-8")
    assert told in check("huggingface", samples, tmp_path, job_for(samples)).problems[0]


@pytest.mark.parametrize("file", ["README.md", "dataset_infos.json", "data/test-00000-of-00001.parquet"])
def test_a_missing_file_is_named(tmp_path: Path, file: str) -> None:
    samples = awkward_samples()
    write("huggingface", samples, tmp_path, job_for(samples))
    (tmp_path / file).unlink()
    assert file.removeprefix("data/") in check("huggingface", samples, tmp_path, job_for(samples)).problems[0]


def test_a_shard_too_many_is_named(tmp_path: Path) -> None:
    samples = [make_example(1)]
    write("huggingface", samples, tmp_path, job_for(samples))
    (tmp_path / "data" / "train-00001-of-00001.parquet").write_bytes(b"")
    problems = check("huggingface", samples, tmp_path, job_for(samples)).problems
    assert problems[0] == "train-00001-of-00001.parquet: does not belong here"
