from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.export.versions.example_exports import JSONL_SETTINGS, export_version, lines_of

JSONL = {"jsonl": JSONL_SETTINGS}


def test_the_first_version_is_one(tmp_path: Path) -> None:
    folder, plan = export_version(tmp_path / "handbook", lines_of(4))
    assert (folder.name, plan.parent, plan.change, plan.difference) == ("v1.0.0", None, "first", None)


def test_no_change_is_a_patch_more_samples_are_minor_fewer_or_other_ones_major(tmp_path: Path) -> None:
    lines = lines_of(8)
    steps = [
        (lines, "v1.0.0"),
        (lines, "v1.0.1"),
        (lines_of(9), "v1.1.0"),
        (lines_of(9), "v1.1.1"),
        (lines, "v2.0.0"),
        ([replace(lines[0], id="snew", text="Better"), *lines[1:]], "v3.0.0"),
        ([replace(lines[0], id="snew", text="Better", split="test"), *lines[1:]], "v4.0.0"),
    ]
    parent = None
    for content, expected in steps:
        folder, plan = export_version(tmp_path, content)
        assert (folder.name, plan.parent) == (expected, parent)
        parent = expected


def test_a_format_more_is_minor_a_format_less_or_another_shape_is_major(tmp_path: Path) -> None:
    lines = lines_of(4)
    flat = {"jsonl": {**JSONL_SETTINGS, "structure": "flat"}}
    plans = [
        export_version(tmp_path, lines, formats)[1]
        for formats in (JSONL, {**JSONL, "csv": {}}, {**JSONL, "csv": {}}, JSONL, flat)
    ]
    assert [plan.version for plan in plans] == ["v1.0.0", "v1.1.0", "v1.1.1", "v2.0.0", "v3.0.0"]
    assert [plan.reasons for plan in plans][1:] == [
        ("format csv added",),
        ("metadata only: every sample is as it was",),
        ("format csv left out",),
        ("format jsonl changed",),
    ]


def test_settings_that_json_writes_alike_are_the_same(tmp_path: Path) -> None:
    export_version(tmp_path, lines_of(4), {"jsonl": {"fields": ["a", "b"]}})
    assert export_version(tmp_path, lines_of(4), {"jsonl": {"fields": ("a", "b")}})[1].change == "patch"


def test_a_parent_from_before_lineage_was_kept_makes_a_major_version_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "v1.0.4").mkdir()
    (tmp_path / "v1.0.4" / "manifest.json").write_text(json.dumps({"name": "handbook", "files": {}}))
    folder, plan = export_version(tmp_path, lines_of(4))
    assert (folder.name, plan.parent, plan.difference) == ("v2.0.0", "v1.0.4", None)
    assert plan.note == "v1.0.4 cannot be compared with: manifest.sha256: is missing."
    assert str(tmp_path) not in plan.note
    assert export_version(tmp_path, lines_of(4))[1].version == "v2.0.1"


@pytest.mark.parametrize(
    "name, expected",
    [
        ("lineage.jsonl", "its lineage.jsonl was changed since it was written"),
        ("manifest.json", "manifest.json: does not fit manifest.sha256; one of them was changed"),
    ],
)
def test_a_damaged_parent_is_not_compared_with(tmp_path: Path, name: str, expected: str) -> None:
    file = export_version(tmp_path, lines_of(4))[0] / name
    file.write_bytes(file.read_bytes().replace(b"s000001", b"s000009").replace(b"gpt-4.1", b"gpt-4.2"))
    plan = export_version(tmp_path, lines_of(5))[1]
    assert (plan.version, plan.difference) == ("v2.0.0", None)
    assert expected in plan.note


def test_a_parent_without_its_lineage_file_is_not_compared_with(tmp_path: Path) -> None:
    (export_version(tmp_path, lines_of(4))[0] / "lineage.jsonl").unlink()
    plan = export_version(tmp_path, lines_of(4))[1]
    assert (plan.version, plan.difference) == ("v2.0.0", None)
    assert plan.note == "v1.0.0 cannot be compared with: lineage.jsonl: No such file or directory."


def test_numbers_go_past_whatever_has_the_name_of_a_version(tmp_path: Path) -> None:
    (tmp_path / "v3.0.0").write_text("a file")
    folder, plan = export_version(tmp_path, lines_of(4))
    assert (folder.name, plan.parent) == ("v4.0.0", "v3.0.0")
