from __future__ import annotations

from pathlib import Path

import pytest

from src.export.version import next_version


@pytest.mark.parametrize(
    "there, expected",
    [
        ([], "v1.0.0"),
        (["v1.0.0"], "v1.0.1"),
        (["v1.0.9", "v1.0.10"], "v1.0.11"),
        (["v1.0.5", "v2.1.0", "v1.9.9"], "v2.1.1"),
        (["notes", "v1", "v1.0.0-old", ".v1.0.7.incomplete-h-1-00000000"], "v1.0.0"),
    ],
)
def test_the_patch_number_after_the_highest_version(tmp_path: Path, there: list[str], expected: str) -> None:
    for name in there:
        (tmp_path / name).mkdir()
    assert next_version(tmp_path) == expected


def test_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    assert next_version(tmp_path / "new") == "v1.0.0"
