from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from src.errors import ExportError, FormatError
from src.export.exporter import export_dataset
from src.export.manifest import verify_manifest
from src.records import Message
from tests.dataset.example_samples import make_dataset, make_example
from tests.export.export_in_a_loop import DATASET, as_chat, export


def test_each_split_gets_its_samples_in_order(tmp_path: Path) -> None:
    result = export(DATASET, tmp_path)
    assert result.folder == tmp_path / "handbook" / "v1.0.0"
    for split in ("train", "validation", "test"):
        lines = (result.folder / f"{split}.jsonl").read_bytes().split(b"\n")
        expected = [as_chat(sample.messages) for sample in DATASET if sample.split == split]
        assert lines.pop() == b""
        assert [json.loads(line) for line in lines] == expected
    assert {file.name for file in result.files} == {file.name for file in result.folder.iterdir()}
    assert result.files[-1].name == "manifest.json"
    assert verify_manifest(result.folder) == []


def test_only_splits_that_exist_get_a_file(tmp_path: Path) -> None:
    unsplit = make_dataset([make_example(n) for n in range(3)])
    folder = export(unsplit, tmp_path).folder
    assert [file.name for file in folder.glob("*.jsonl")] == ["train.jsonl"]
    assert len((folder / "train.jsonl").read_bytes().splitlines()) == 3


def test_a_second_export_is_a_new_version_and_leaves_the_first_alone(tmp_path: Path) -> None:
    first = export(DATASET, tmp_path)
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in first.files}
    second = export(make_dataset([make_example(1, text="changed")]), tmp_path)
    assert (first.version, second.version) == ("v1.0.0", "v1.0.1")
    assert {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in first.files} == before
    assert verify_manifest(second.folder) == []


def test_the_same_dataset_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = export(DATASET, tmp_path), export(DATASET, tmp_path)
    for name in ("train.jsonl", "validation.jsonl", "metadata.csv", "statistics.json"):
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes()


def test_files_that_were_not_asked_for_are_not_written(tmp_path: Path) -> None:
    result = export_dataset(DATASET, tmp_path, as_chat, formats=["csv"], include_stats=False, manifest={})
    assert [file.name for file in result.files] == ["metadata.csv", "manifest.json"]


def test_a_sample_the_provider_cannot_take_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    def refuse_third(messages: Sequence[Message]) -> Mapping[str, object]:
        if messages[1].content == "Question 3?":
            raise FormatError("the last message must be the assistant's.")
        return as_chat(messages)

    with pytest.raises(ExportError, match=r"sample s000003 \(guide\.pdf\).*the last message must be"):
        export_dataset(DATASET, tmp_path, refuse_third, manifest={})
    assert list((tmp_path / "handbook").iterdir()) == []


def test_text_that_is_no_unicode_and_numbers_that_are_no_json_name_the_sample(tmp_path: Path) -> None:
    broken = replace(make_example(7), messages=(Message("user", "\ud800"),))
    with pytest.raises(ExportError, match=r"sample s000007 .*broken character"):
        export(make_dataset([broken]), tmp_path)
    with pytest.raises(ExportError, match=r"sample s000007 .*not JSON"):
        export_dataset(make_dataset([make_example(7)]), tmp_path, lambda _: {"weight": float("nan")}, manifest={})


@pytest.mark.parametrize("name", ["../elsewhere", "", "/tmp/x", "a/b", ".hidden", "a\0b", "x" * 101])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportError, match="cannot name a folder"):
        export(make_dataset([make_example(1)], name), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_export_and_unknown_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no samples"):
        export(make_dataset([]), tmp_path)
    with pytest.raises(ExportError, match="unknown export format xml; use jsonl, csv"):
        export_dataset(DATASET, tmp_path, as_chat, formats=["jsonl", "xml"], manifest={})


def test_an_output_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ExportError, match=r"out.*nothing was exported"):
        export(DATASET, tmp_path / "out")


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a Unix thing")
def test_a_write_that_fails_halfway_leaves_nothing_behind(tmp_path: Path) -> None:
    import resource

    first = export(DATASET, tmp_path)
    large = make_dataset([make_example(n, text="word " * 200) for n in range(1000)])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))
    try:
        with pytest.raises(ExportError, match=r"handbook.*nothing was exported"):
            export(large, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list((tmp_path / "handbook").iterdir()) == [first.folder]
    assert verify_manifest(first.folder) == []
