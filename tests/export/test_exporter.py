from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from src.config.settings import OutputSettings, TemplateSettings
from src.errors import ExportError
from src.export.exporter import export_dataset
from src.export.formats import EXPORT_FORMATS
from src.export.manifests.verifying import verify_folder
from src.export.organizing import Organizer
from src.providers import PROVIDERS
from src.records import Message
from tests.dataset.example_samples import make_dataset, make_example
from tests.export.export_in_a_loop import DATASET, export, order_of

FULL = ("jsonl", "json", "csv", "parquet", "huggingface", "tfrecord", "pytorch")


def test_each_split_gets_its_samples_in_order(tmp_path: Path) -> None:
    result = export(DATASET, tmp_path)
    provider = PROVIDERS[DATASET.provider]
    assert result.folder == tmp_path / "handbook" / "v1.0.0"
    for split in ("train", "validation", "test"):
        lines = (result.folder / f"{split}.jsonl").read_bytes().split(b"\n")
        expected = [provider.format_example(s.messages, DATASET.model) for s in DATASET if s.split == split]
        assert lines.pop() == b""
        assert [json.loads(line) for line in lines] == expected
    assert {file.name for file in result.files} == {file.name for file in result.folder.iterdir()}
    assert [file.name for file in result.files[-2:]] == ["manifest.json", "manifest.sha256"]
    assert verify_folder(result.folder) == []


def test_every_format_is_read_back_in_one_export(tmp_path: Path) -> None:
    names = [name for name in EXPORT_FORMATS if name != "template"]
    steps: list[tuple[int, int]] = []
    result = export_dataset(order_of(DATASET, names), tmp_path, lambda done, total: steps.append((done, total)))
    assert not result.failed
    assert {check.format for check in result.checks} == set(names)
    for check in result.checks:
        assert (sum(check.rows.values()) + check.left_out, check.problems) == (400, ())
    full = {check.content_sha256 for check in result.checks if check.format in FULL and check.format != "jsonl"}
    assert len(full) == 1  # formats that keep samples whole hold the same
    assert verify_folder(result.folder) == []
    assert steps == sorted(steps) and steps[-1] == (400 * (1 + len(names)), 400 * (1 + len(names)))


def test_a_format_that_fails_does_not_lose_the_others(tmp_path: Path) -> None:
    template = tmp_path / "bad.jinja"
    template.write_text("{{ nothing.of.this }}")
    output = OutputSettings(template=TemplateSettings(file=str(template)))
    result = export(DATASET, tmp_path / "out", ("jsonl", "template", "csv"), output=output)
    assert list(result.failed) == ["template"] and "nothing" in result.failed["template"]
    assert (result.folder / "train.jsonl").exists() and (result.folder / "csv" / "train.csv").exists()
    assert not (result.folder / "template").exists()
    assert "template" not in json.loads((result.folder / "manifest.json").read_text())["formats"]
    assert verify_folder(result.folder) == []
    with pytest.raises(ExportError, match=r"nothing was exported.*template.*nothing"):
        export(DATASET, tmp_path / "none", ("template",), output=output)
    assert list((tmp_path / "none" / "handbook").iterdir()) == []


def test_samples_a_format_cannot_say_are_counted_and_named(tmp_path: Path) -> None:
    long = replace(make_example(7), messages=tuple(Message(r, "x") for r in ("user", "assistant", "user", "assistant")))
    result = export(make_dataset([make_example(1), long]), tmp_path, ("jsonl", "prompt-completion"))
    assert sum(result.left_out["prompt-completion"].values()) == 1
    assert any("s000007" in str(issue) for issue in result.issues)
    assert len((result.folder / "prompt-completion" / "train.jsonl").read_bytes().splitlines()) == 1
    stated = json.loads((result.folder / "manifest.json").read_text())["formats"]["prompt-completion"]["left_out"]
    assert sum(stated.values()) == 1


def test_only_splits_that_exist_get_a_file(tmp_path: Path) -> None:
    unsplit = make_dataset([make_example(n) for n in range(3)])
    folder = export(unsplit, tmp_path).folder
    assert sorted(file.name for file in folder.glob("*.jsonl")) == ["lineage.jsonl", "train.jsonl"]
    assert len((folder / "train.jsonl").read_bytes().splitlines()) == 3


def test_a_version_says_what_changed_and_leaves_the_ones_before_alone(tmp_path: Path) -> None:
    samples = [make_example(n) for n in range(6)]
    first = export(make_dataset(samples[:4], "handbook"), tmp_path)
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in first.files}
    again = export(make_dataset(samples[:4], "handbook"), tmp_path)
    more = export(make_dataset(samples, "handbook"), tmp_path)
    fewer = export(make_dataset(samples[1:], "handbook"), tmp_path)
    found = [(one.version, one.plan.change) for one in (first, again, more, fewer)]
    assert found == [("v1.0.0", "first"), ("v1.0.1", "patch"), ("v1.1.0", "minor"), ("v2.0.0", "major")]
    assert {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in first.files} == before
    assert all(verify_folder(one.folder) == [] for one in (first, again, more, fewer))


def test_the_same_order_gives_the_same_bytes(tmp_path: Path) -> None:
    names = [name for name in EXPORT_FORMATS if name != "template"]
    one, other = export(DATASET, tmp_path / "one", names), export(DATASET, tmp_path / "other", names)
    files = {path.relative_to(one.folder): path.read_bytes() for path in one.files}
    assert files == {path.relative_to(other.folder): path.read_bytes() for path in other.files}


def test_files_that_were_not_asked_for_are_not_written(tmp_path: Path) -> None:
    output = OutputSettings(include_csv=False, include_stats=False)
    result = export(DATASET, tmp_path, ("csv",), output=output, lock=b"")
    top = {path.relative_to(result.folder).parts[0] for path in result.files}
    assert top == {"csv", "lineage.jsonl", "CHANGELOG.md", "croissant.json", "manifest.json", "manifest.sha256"}


def test_an_organised_export_has_a_folder_or_a_column_for_each_group(tmp_path: Path) -> None:
    def by_number(batch):  # type: ignore[no-untyped-def]
        return ["even" if int(row.id[1:]) % 2 == 0 else "odd" for row in batch.rows]

    folders = export(DATASET, tmp_path, ("jsonl", "csv"), organizer=Organizer(by_number, "by_rule"))
    lines = [len(p.read_bytes().splitlines()) for p in sorted(folders.folder.glob("by_rule/*/*.jsonl"))]
    assert sum(lines) == 400 and (folders.folder / "csv" / "by_rule" / "odd").is_dir()
    assert verify_folder(folders.folder) == []
    output = OutputSettings(organize_by="rule", organize_as="column")
    column = export(DATASET, tmp_path / "column", ("json",), organizer=Organizer(by_number), output=output)
    rows = json.loads((column.folder / "json" / "train.json").read_text())
    assert {row["group"] for row in rows} == {"even", "odd"}


def test_text_that_is_no_unicode_names_the_sample(tmp_path: Path) -> None:
    broken = replace(make_example(7), messages=(Message("user", "\ud800"),))
    with pytest.raises(Exception, match=r"sample s000007 .*broken character"):
        export(make_dataset([broken]), tmp_path)


@pytest.mark.parametrize("name", ["../elsewhere", "", "/tmp/x", "a/b", ".hidden", "a\0b", "x" * 101])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportError, match="cannot name a folder"):
        export(make_dataset([make_example(1)], name), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_export_and_unknown_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no samples"):
        export(make_dataset([]), tmp_path)
    with pytest.raises(ExportError, match="unknown export format xml; use jsonl, json, csv"):
        export(DATASET, tmp_path, ("jsonl", "xml"))


def test_an_output_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ExportError, match=r"out.*nothing was exported"):
        export(DATASET, tmp_path / "out")


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a Unix thing")
def test_a_write_that_fails_halfway_leaves_nothing_behind(tmp_path: Path) -> None:
    import resource

    first = export(DATASET, tmp_path)
    large = make_dataset([make_example(n, text="word " * 200) for n in range(1000)], "handbook")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))
    try:
        with pytest.raises(ExportError, match=r"nothing was exported"):
            export(large, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list((tmp_path / "handbook").iterdir()) == [first.folder]
    assert verify_folder(first.folder) == []
