from __future__ import annotations

from pathlib import Path

import pytest

from src.export.versions.numbers import Version, parse_version, versions_in


@pytest.mark.parametrize(
    "there, expected",
    [
        ([], []),
        (["v1.0.10", "v1.0.9"], ["v1.0.9", "v1.0.10"]),
        (["v10.0.0", "v2.1.0", "v2.0.99"], ["v2.0.99", "v2.1.0", "v10.0.0"]),
        (["notes", "v1", "v1.0.0-old", "v01.0.0", "V1.0.0", ".v1.0.7.incomplete-h-1-00000000"], []),
    ],
)
def test_versions_are_ordered_by_their_numbers(tmp_path: Path, there: list[str], expected: list[str]) -> None:
    for name in there:
        (tmp_path / name).mkdir()
    assert versions_in(tmp_path) == expected


def test_a_folder_that_is_not_there_yet_has_no_versions(tmp_path: Path) -> None:
    assert versions_in(tmp_path / "new") == []


def test_the_next_version_starts_its_lower_numbers_anew() -> None:
    version = parse_version("v1.9.10")
    assert version == Version(1, 9, 10)
    assert [str(version.after(change)) for change in ("patch", "minor", "major")] == ["v1.9.11", "v1.10.0", "v2.0.0"]
