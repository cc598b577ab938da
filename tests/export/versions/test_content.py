from __future__ import annotations

import json
from pathlib import Path

import pytest

from src.errors import ExportError
from src.export.versions.content import read_content
from tests.export.versions.example_exports import lines_of, write_lineage


def test_a_sample_takes_41_bytes(tmp_path: Path) -> None:
    content = read_content(write_lineage(tmp_path / "lineage.jsonl", lines_of(1000)))
    held = (content.ids, content.places, content.contents, content.splits)
    assert len(content) == 1000
    assert sum(map(len, held)) + content.lines.itemsize * len(content.lines) == 41_000


def test_names_are_read_from_the_lineage_again(tmp_path: Path) -> None:
    content = read_content(write_lineage(tmp_path / "lineage.jsonl", lines_of(50)))
    assert content.names_of([49, 0, 7]) == ["s000049", "s000000", "s000007"]


def test_an_empty_lineage_is_no_samples(tmp_path: Path) -> None:
    (tmp_path / "lineage.jsonl").touch()
    assert len(read_content(tmp_path / "lineage.jsonl")) == 0


@pytest.mark.parametrize(
    "broken",
    [
        "{",
        "[]",
        "\udcff",
        '{"id": "x"}',
        json.dumps({"split": "dev"}),
        json.dumps({"sha256": "not hex"}),
        json.dumps({"span": "1-2"}),
        json.dumps({"sha256": "ab"}),
    ],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, broken: str) -> None:
    path = write_lineage(tmp_path / "lineage.jsonl", lines_of(3))
    good, rest = path.read_text().split("\n", 1)
    if broken.startswith('{"') and "id" not in json.loads(broken):
        broken = json.dumps(json.loads(good) | json.loads(broken))
    path.write_text(f"{good}\n{broken}\n{rest}", errors="surrogateescape")
    with pytest.raises(ExportError, match=r"lineage\.jsonl: line 2 is not a sample's lineage"):
        read_content(path)


def test_a_lineage_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"lineage\.jsonl: cannot be read"):
        read_content(tmp_path / "lineage.jsonl")
