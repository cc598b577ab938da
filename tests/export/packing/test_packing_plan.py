"""What packed files are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.errors import UsageError
from src.export.packing.packing_plan import Packing, bytes_from, plan_packings


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"{}\n")
    return path


@pytest.mark.parametrize(
    ("kind", "name"),
    [("lz4", "a.jsonl.lz4"), ("zstd", "a.jsonl.zst"), ("none", "a.packed.jsonl"), ("tokens", "a.tokens.arrow")],
)
def test_a_file_is_packed_beside_its_source_or_into_a_folder(source: Path, kind: str, name: str) -> None:
    assert plan_packings(source, None, kind, False) == [Packing(source, source.with_name(name))]
    folder = source.with_name("there")
    folder.mkdir()
    assert plan_packings(source, folder, kind, False) == [Packing(source, folder / name)]


def test_a_named_target_is_taken_as_it_is(source: Path) -> None:
    target = source.with_name("kd_mix.packed")
    assert plan_packings(source, target, "zstd", False) == [Packing(source, target)]
    assert plan_packings(source, None, "zstd", True) == [Packing(source, source.with_name("a-packed"))]


def test_the_splits_of_an_export_are_packed_but_not_its_lineage(source: Path) -> None:
    for name in ("train.jsonl", "lineage.jsonl", "notes.txt"):
        source.with_name(name).write_bytes(b"{}\n")
    plan = plan_packings(source.parent, None, "lz4", False)
    assert [one.source.name for one in plan] == ["a.jsonl", "train.jsonl"]
    assert plan[1].target == source.parent.with_name(f"{source.parent.name}-packed") / "train.jsonl.lz4"


def test_nothing_to_pack_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no JSONL file in this folder"):
        plan_packings(tmp_path, None, "lz4", False)
    with pytest.raises(UsageError, match="no such file"):
        plan_packings(tmp_path / "none.jsonl", None, "lz4", False)


@pytest.mark.parametrize(
    ("text", "size"), [("100", 100), ("2k", 2048), ("500M", 500 << 20), ("1.5 GiB", 3 << 29), ("2TB", 2 << 40)]
)
def test_sizes_are_read_in_units_of_1024(text: str, size: int) -> None:
    assert bytes_from(text) == size


@pytest.mark.parametrize("text", ["", "M", "5 apples", "nan", "infG"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not a size"):
        bytes_from(text)
