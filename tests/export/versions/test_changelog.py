from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.export.versions.example_exports import CREATED_AT, Line, export_version, lines_of


def changelog(folder: Path) -> str:
    return (folder / "CHANGELOG.md").read_text(encoding="utf-8")


def test_a_changelog_tells_the_real_difference_newest_first(tmp_path: Path) -> None:
    lines = lines_of(8)
    export_version(tmp_path, lines)
    new = [replace(lines[0], split="test"), *lines[2:], *(replace(line, id=f"n{line.id}", chunk="n") for line in lines)]
    folder, _ = export_version(tmp_path, new)
    assert (
        changelog(folder)
        == f"""# Changelog of handbook

## v2.0.0 ({CREATED_AT})

Major version after v1.0.0.

- 1 sample removed
- 1 sample changed

|  | train | validation | test | total |
|---|---|---|---|---|
| added | 4 | 2 | 2 | 8 |
| removed | 1 | 0 | 0 | 1 |
| changed | 0 | 0 | 1 | 1 |

1 of the changed only went to another split.

Unchanged: 6 samples.

- added: ns000000, ns000001, ns000002, ns000003, ns000004, ns000005, ns000006, ns000007
- removed: s000001
- changed: s000000 (train to test)

## v1.0.0 ({CREATED_AT})

First version.
"""
    )


def test_more_than_ten_samples_are_counted_not_listed(tmp_path: Path) -> None:
    export_version(tmp_path, lines_of(1))
    folder, _ = export_version(tmp_path, lines_of(31))
    assert "s000010 and 20 more\n" in changelog(folder)
    assert "s000011" not in changelog(folder)


def test_the_entries_of_all_versions_are_carried_over(tmp_path: Path) -> None:
    for count in (1, 2, 3, 4):
        folder, _ = export_version(tmp_path, lines_of(count))
    headings = [line for line in changelog(folder).splitlines() if line.startswith("## ")]
    assert headings == [f"## {version} ({CREATED_AT})" for version in ("v1.3.0", "v1.2.0", "v1.1.0", "v1.0.0")]


def test_a_parent_without_a_changelog_is_told(tmp_path: Path) -> None:
    (tmp_path / "v1.0.3").mkdir()
    folder, _ = export_version(tmp_path, lines_of(2))
    assert "Of v1.0.3 and earlier versions there is no changelog." in changelog(folder)
    assert "- v1.0.3 cannot be compared with: manifest.json: is missing." in changelog(folder)


def test_an_id_cannot_break_out_of_its_line(tmp_path: Path) -> None:
    export_version(tmp_path, lines_of(1))
    folder, _ = export_version(tmp_path, [*lines_of(1), Line("evil\n## v9.9.9\x1b[2J", chunk="x")])
    assert "- added: evil ## v9.9.9 [2J\n" in changelog(folder)
